// RUN: gnomon-opt %s --gnomon-materialize-choices | FileCheck %s
// RUN: gnomon-opt %s --gnomon-materialize-choices=selection=resolution=160,depth=d1,width=whole | FileCheck %s --check-prefix=OTHER

// CHECK-NOT: gnomon.
// OTHER-NOT: gnomon.
gnomon.decision @resolution ["160", "224"] selected "224"
gnomon.decision @depth ["d1", "d2"] selected "d2"
gnomon.decision @kernel ["k3", "k5"] selected "k5"
gnomon.decision @width ["half", "whole"] selected "half"

// CHECK-NOT: @small
// OTHER-LABEL: @small
// OTHER-NEXT: %[[A:.*]] = "onnx.Identity"
// OTHER-NEXT: %[[B:.*]] = "onnx.Concat"(%[[A]])
// OTHER-NEXT: return %[[B]] : tensor<16xf32>
func.func @small(%0: tensor<8xf32>) -> tensor<?xf32> attributes {gnomon.alternative = #gnomon.alternative<@resolution, "160">} {
  %1 = gnomon.choice @depth (%0 : tensor<8xf32>) -> tensor<8xf32>
  "d1" (%x: tensor<8xf32>) {
    %y = "onnx.Identity"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    gnomon.yield %y : tensor<8xf32>
  }
  "d2" (%x: tensor<8xf32>) {
    gnomon.yield %x : tensor<8xf32>
  }
  %2 = gnomon.choice @width (%1 : tensor<8xf32>) -> tensor<?xf32>
  "half" (%x: tensor<8xf32>) {
    gnomon.yield %x : tensor<8xf32>
  }
  "whole" (%x: tensor<8xf32>) {
    %y = "onnx.Concat"(%x) : (tensor<8xf32>) -> tensor<16xf32>
    gnomon.yield %y : tensor<16xf32>
  }
  return %2 : tensor<?xf32>
}

// Nested and tied choices, and types that become exact.
// CHECK-LABEL: @large(
// CHECK-SAME: -> tensor<8xf32>
// CHECK-NEXT: %[[A:.*]] = "onnx.K5"(%arg0)
// CHECK-NEXT: %[[B:.*]] = "onnx.K5"(%[[A]])
// CHECK-NEXT: %[[C:.*]] = "onnx.Slice"(%[[B]])
// CHECK-NEXT: %[[D:.*]] = "onnx.Concat"(%[[C]]) : (tensor<4xf32>) -> tensor<8xf32>
// CHECK-NEXT: return %[[D]] : tensor<8xf32>
// OTHER-NOT: @large
func.func @large(%0: tensor<8xf32>) -> tensor<8xf32> attributes {gnomon.alternative = #gnomon.alternative<@resolution, "224">} {
  %1 = gnomon.choice @kernel (%0 : tensor<8xf32>) -> tensor<8xf32>
  "k3" (%x: tensor<8xf32>) {
    %y = "onnx.K3"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    gnomon.yield %y : tensor<8xf32>
  }
  "k5" (%x: tensor<8xf32>) {
    %y = "onnx.K5"(%x) : (tensor<8xf32>) -> tensor<8xf32>
    gnomon.yield %y : tensor<8xf32>
  }
  %2 = gnomon.choice @depth (%1 : tensor<8xf32>) -> tensor<8xf32>
  "d1" (%x: tensor<8xf32>) {
    gnomon.yield %x : tensor<8xf32>
  }
  "d2" (%x: tensor<8xf32>) {
    %3 = gnomon.choice @kernel (%x : tensor<8xf32>) -> tensor<8xf32>
    "k3" (%z: tensor<8xf32>) {
      gnomon.yield %z : tensor<8xf32>
    }
    "k5" (%z: tensor<8xf32>) {
      %y = "onnx.K5"(%z) : (tensor<8xf32>) -> tensor<8xf32>
      gnomon.yield %y : tensor<8xf32>
    }
    gnomon.yield %3 : tensor<8xf32>
  }
  %4 = gnomon.choice @width (%2 : tensor<8xf32>) -> tensor<?xf32>
  "half" (%x: tensor<8xf32>) {
    %y = "onnx.Slice"(%x) : (tensor<8xf32>) -> tensor<4xf32>
    gnomon.yield %y : tensor<4xf32>
  }
  "whole" (%x: tensor<8xf32>) {
    gnomon.yield %x : tensor<8xf32>
  }
  %5 = gnomon.choice @width (%4 : tensor<?xf32>) -> tensor<8xf32>
  "half" (%x: tensor<4xf32>) {
    %y = "onnx.Concat"(%x) : (tensor<4xf32>) -> tensor<8xf32>
    gnomon.yield %y : tensor<8xf32>
  }
  "whole" (%x: tensor<8xf32>) {
    gnomon.yield %x : tensor<8xf32>
  }
  return %5 : tensor<8xf32>
}

// Weights of all options lie outside; those nothing reads go.
// CHECK-LABEL: @weights
// CHECK-NEXT: %[[W:.*]] = "onnx.Constant"() : () -> tensor<5xf32>
// CHECK-NEXT: "onnx.Read"(%[[W]])
func.func @weights(%0: tensor<8xf32>) -> tensor<8xf32> {
  %w3 = "onnx.Constant"() : () -> tensor<3xf32>
  %w5 = "onnx.Constant"() : () -> tensor<5xf32>
  %1 = gnomon.choice @kernel (%0 : tensor<8xf32>) -> tensor<8xf32>
  "k3" (%x: tensor<8xf32>) {
    %y = "onnx.Read"(%w3) : (tensor<3xf32>) -> tensor<8xf32>
    gnomon.yield %y : tensor<8xf32>
  }
  "k5" (%x: tensor<8xf32>) {
    %y = "onnx.Read"(%w5) : (tensor<5xf32>) -> tensor<8xf32>
    gnomon.yield %y : tensor<8xf32>
  }
  return %1 : tensor<8xf32>
}
