// RUN: gnomon-opt %s --gnomon-prune-space='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 keep=1' | FileCheck %s
// RUN: gnomon-opt %s --gnomon-prune-space='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 keep=9' | FileCheck %s --check-prefix=ALL
// RUN: gnomon-opt %s --pass-pipeline='builtin.module(gnomon-prune-space{bundle=%gnomon_source/data/models/ort-cpu-1t-f32 keep=1},gnomon-search-architecture{bundle=%gnomon_source/data/models/ort-cpu-1t-f32},gnomon-materialize-choices)' | FileCheck %s --check-prefix=FOUND

// A convolution of 3 x 3 does more in a microsecond than one of 1 x 1; what
// leaves the layer out stays; what is selected goes if its option does. The
// depth stays whole, for a choice depends on it.
// CHECK: gnomon.decision @kind ["conv3", "skip"]{{$}}
// CHECK-NEXT: gnomon.decision @depth ["one", "two"] selected "two"
// CHECK-NEXT: gnomon.decision @last ["conv3"]
// Tied choices, and one inside an option, lose the same options.
// CHECK-COUNT-1: gnomon.choice @kind
// CHECK-NOT: "conv1"
// CHECK: gnomon.choice @kind
// CHECK-NOT: "conv1"
// CHECK: gnomon.choice @depth
// CHECK: gnomon.choice @last
// CHECK-NOT: "conv1"
// The weights of what is gone are gone.
// CHECK-NOT: tensor<16x16x1x1xf32>
// ALL: gnomon.decision @kind ["conv1", "conv3", "skip"] selected "conv1"
// ALL-NEXT: gnomon.decision @depth ["one", "two"] selected "two"
// ALL-NEXT: gnomon.decision @last ["conv1", "conv3"]
// FOUND-NOT: gnomon.choice
// FOUND-COUNT-3: kernel_shape = [3, 3]
module attributes {onnx.opset_imports = {ai.onnx = 17 : i64}} {
gnomon.decision @kind ["conv1", "conv3", "skip"] selected "conv1"
gnomon.decision @depth ["one", "two"] selected "two"
gnomon.decision @last ["conv1", "conv3"]
func.func @network(%0: tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32> {
  %w1 = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %w3 = "onnx.Constant"() : () -> tensor<16x16x3x3xf32>
  %n = "onnx.NoValue"() {value} : () -> none
  %1 = gnomon.choice @kind (%0 : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  "conv1" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Conv"(%x, %w1, %n) {kernel_shape = [1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x1x1xf32>, none) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "conv3" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Conv"(%x, %w3, %n) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x3x3xf32>, none) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "skip" (%x: tensor<1x16x14x14xf32>) {
    gnomon.yield %x : tensor<1x16x14x14xf32>
  }
  %2 = gnomon.choice @kind (%1 : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  "conv1" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Conv"(%x, %w1, %n) {kernel_shape = [1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x1x1xf32>, none) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "conv3" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Conv"(%x, %w3, %n) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x3x3xf32>, none) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "skip" (%x: tensor<1x16x14x14xf32>) {
    gnomon.yield %x : tensor<1x16x14x14xf32>
  }
  %3 = gnomon.choice @depth (%2 : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  "one" (%x: tensor<1x16x14x14xf32>) {
    gnomon.yield %x : tensor<1x16x14x14xf32>
  }
  "two" (%x: tensor<1x16x14x14xf32>) {
    %y = gnomon.choice @last (%x : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
    "conv1" (%z: tensor<1x16x14x14xf32>) {
      %y1 = "onnx.Conv"(%z, %w1, %n) {kernel_shape = [1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x1x1xf32>, none) -> tensor<1x16x14x14xf32>
      gnomon.yield %y1 : tensor<1x16x14x14xf32>
    }
    "conv3" (%z: tensor<1x16x14x14xf32>) {
      %y3 = "onnx.Conv"(%z, %w3, %n) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x3x3xf32>, none) -> tensor<1x16x14x14xf32>
      gnomon.yield %y3 : tensor<1x16x14x14xf32>
    }
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  return %3 : tensor<1x16x14x14xf32>
}
}
