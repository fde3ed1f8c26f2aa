// RUN: gnomon-opt %s --split-input-file | gnomon-opt --split-input-file | FileCheck %s
// RUN: gnomon-opt %s --split-input-file --mlir-print-op-generic | gnomon-opt --split-input-file | FileCheck %s
// RUN: gnomon-opt %s --split-input-file --cse --canonicalize --inline | FileCheck %s

// CHECK: gnomon.decision @block ["k3", "skip"] selected "skip"
gnomon.decision @block ["k3", "skip"] selected "skip"

// CHECK-LABEL: @one_choice
// CHECK: gnomon.choice @block (%{{.*}} : tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
// CHECK-NEXT: "k3" (%{{.*}}: tensor<1x8x4x4xf32>) {
// CHECK-NEXT: "onnx.Relu"
// CHECK-NEXT: gnomon.yield %{{.*}} : tensor<1x8x4x4xf32>
// CHECK: "skip" (%[[IN:.*]]: tensor<1x8x4x4xf32>) {
// CHECK-NEXT: gnomon.yield %[[IN]] : tensor<1x8x4x4xf32>
func.func @one_choice(%0: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %1 = gnomon.choice @block (%0 : tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  "k3" (%x: tensor<1x8x4x4xf32>) {
    %y = "onnx.Relu"(%x) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    gnomon.yield %y : tensor<1x8x4x4xf32>
  }
  "skip" (%x: tensor<1x8x4x4xf32>) {
    gnomon.yield %x : tensor<1x8x4x4xf32>
  }
  return %1 : tensor<1x8x4x4xf32>
}

// -----

gnomon.decision @outer ["a", "b"]
gnomon.decision @inner ["c", "d"]

// CHECK-LABEL: @nested_without_results_or_inputs
// CHECK: gnomon.choice @outer (){{$}}
// CHECK-NEXT: "a" () {
// CHECK-NEXT: gnomon.choice @inner () attributes {note = 1 : i64}
func.func @nested_without_results_or_inputs() {
  gnomon.choice @outer ()
  "a" () {
    gnomon.choice @inner () attributes {note = 1}
    "c" () {
      gnomon.yield
    }
    "d" () {
      "onnx.Do"() : () -> ()
      gnomon.yield
    }
    gnomon.yield
  }
  "b" () {
    gnomon.yield
  }
  return
}

// -----

gnomon.decision @width ["half", "whole"]

// Where options differ in shape, the type of the result says `?`.
// CHECK-LABEL: @less_exact_result
// CHECK: gnomon.choice @width (%{{.*}} : tensor<1x8xf32>) -> tensor<1x?xf32>
// CHECK: gnomon.choice @width (%{{.*}}, %{{.*}} : tensor<1x?xf32>, tensor<1x8xf32>) -> (tensor<1x8xf32>, tensor<1x8xf32>)
// CHECK-NEXT: "half" (%{{.*}}: tensor<1x4xf32>, %{{.*}}: tensor<1x8xf32>) {
func.func @less_exact_result(%0: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %1 = gnomon.choice @width (%0 : tensor<1x8xf32>) -> tensor<1x?xf32>
  "half" (%x: tensor<1x8xf32>) {
    %y = "onnx.Slice"(%x) : (tensor<1x8xf32>) -> tensor<1x4xf32>
    gnomon.yield %y : tensor<1x4xf32>
  }
  "whole" (%x: tensor<1x8xf32>) {
    gnomon.yield %x : tensor<1x8xf32>
  }
  %2:2 = gnomon.choice @width (%1, %0 : tensor<1x?xf32>, tensor<1x8xf32>) -> (tensor<1x8xf32>, tensor<1x8xf32>)
  "half" (%x: tensor<1x4xf32>, %z: tensor<1x8xf32>) {
    %y = "onnx.Concat"(%x, %x) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x8xf32>
    gnomon.yield %y, %z : tensor<1x8xf32>, tensor<1x8xf32>
  }
  "whole" (%x: tensor<1x8xf32>, %z: tensor<1x8xf32>) {
    gnomon.yield %x, %z : tensor<1x8xf32>, tensor<1x8xf32>
  }
  return %2#0 : tensor<1x8xf32>
}

// -----

gnomon.decision @resolution ["160", "224"]

// CHECK: @small{{.*}} attributes {gnomon.alternative = #gnomon.alternative<@resolution, "160">}
func.func private @small(tensor<1x3x160x160xf32>) attributes {gnomon.alternative = #gnomon.alternative<@resolution, "160">}
// CHECK: @large{{.*}} attributes {gnomon.alternative = #gnomon.alternative<@resolution, "224">}
func.func @large(%0: tensor<1x3x224x224xf32>) attributes {gnomon.alternative = #gnomon.alternative<@resolution, "224">} {
  return
}
