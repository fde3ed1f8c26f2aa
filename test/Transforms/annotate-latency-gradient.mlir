// RUN: gnomon-opt %s --gnomon-annotate-latency-gradient='bundle=%gnomon_source/test/Transforms/Inputs/block-table' | FileCheck %s
// RUN: sed 's/"two"\]/"two"] selected "one"/' %s | gnomon-opt --gnomon-annotate-latency-gradient='bundle=%gnomon_source/test/Transforms/Inputs/block-table' | FileCheck %s --check-prefix=ONE
// RUN: gnomon-opt %s --gnomon-annotate-latency-gradient='bundle=%gnomon_source/test/Transforms/Inputs/block-table' --gnomon-annotate-latency-gradient='bundle=%gnomon_source/test/Transforms/Inputs/block-table' | FileCheck %s
// RUN: not gnomon-opt %s --gnomon-annotate-latency-gradient='bundle=/no/such/bundle' 2>&1 | FileCheck %s --check-prefix=MISSING

// The wide block takes 20.5 us, the narrow one 5 us. The second block is there
// in half of all networks: its options count half, and the depth that has it
// costs the mean of them.
// CHECK: gnomon.decision @depth ["one", "two"] {gnomon.latency_gradient_us = array<f64: 0.000000e+00, 1.275000e+01>}
// CHECK: gnomon.decision @first ["wide", "narrow"] {gnomon.latency_gradient_us = array<f64: 2.050000e+01, 5.000000e+00>}
// CHECK: gnomon.decision @second ["wide", "narrow"] {gnomon.latency_gradient_us = array<f64: 1.025000e+01, 2.500000e+00>}
// CHECK: gnomon.choice @first ({{.*}}gnomon.latency_gradient_us = array<f64: 2.050000e+01, 5.000000e+00>
// CHECK: gnomon.choice @depth ({{.*}}gnomon.latency_gradient_us = array<f64: 0.000000e+00, 1.275000e+01>
// CHECK: gnomon.choice @second ({{.*}}gnomon.latency_gradient_us = array<f64: 1.025000e+01, 2.500000e+00>

// Where one block is selected, the second has no say.
// ONE: gnomon.decision @depth ["one", "two"] selected "one" {gnomon.latency_gradient_us = array<f64: 0.000000e+00, 1.275000e+01>}
// ONE: gnomon.decision @second ["wide", "narrow"] {gnomon.latency_gradient_us = array<f64: 0.000000e+00, 0.000000e+00>}

// MISSING: error: {{.*}}/no/such/bundle
module attributes {onnx.opset_imports = {ai.onnx = 17 : i64}} {
gnomon.decision @depth ["one", "two"]
gnomon.decision @first ["wide", "narrow"]
gnomon.decision @second ["wide", "narrow"]
func.func @network(%0: tensor<1x3x8x8xf32>) -> tensor<1x3x1x1xf32> {
  %w = "onnx.Constant"() : () -> tensor<3x3x3x3xf32>
  %v = "onnx.Constant"() : () -> tensor<3x3x1x1xf32>
  %n = "onnx.NoValue"() {value} : () -> none
  %1 = gnomon.choice @first (%0 : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  "wide" (%x: tensor<1x3x8x8xf32>) {
    %y = "onnx.Conv"(%x, %w, %n) {gnomon.block = "wide", pads = [1, 1, 1, 1]} : (tensor<1x3x8x8xf32>, tensor<3x3x3x3xf32>, none) -> tensor<1x3x8x8xf32>
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  "narrow" (%x: tensor<1x3x8x8xf32>) {
    %y = "onnx.Conv"(%x, %v, %n) {gnomon.block = "narrow"} : (tensor<1x3x8x8xf32>, tensor<3x3x1x1xf32>, none) -> tensor<1x3x8x8xf32>
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  %2 = gnomon.choice @depth (%1 : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  "one" (%x: tensor<1x3x8x8xf32>) {
    gnomon.yield %x : tensor<1x3x8x8xf32>
  }
  "two" (%x: tensor<1x3x8x8xf32>) {
    %y = gnomon.choice @second (%x : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
    "wide" (%z: tensor<1x3x8x8xf32>) {
      %u = "onnx.Conv"(%z, %w, %n) {gnomon.block = "wide", pads = [1, 1, 1, 1]} : (tensor<1x3x8x8xf32>, tensor<3x3x3x3xf32>, none) -> tensor<1x3x8x8xf32>
      gnomon.yield %u : tensor<1x3x8x8xf32>
    }
    "narrow" (%z: tensor<1x3x8x8xf32>) {
      %u = "onnx.Conv"(%z, %v, %n) {gnomon.block = "narrow"} : (tensor<1x3x8x8xf32>, tensor<3x3x1x1xf32>, none) -> tensor<1x3x8x8xf32>
      gnomon.yield %u : tensor<1x3x8x8xf32>
    }
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  %3 = "onnx.GlobalAveragePool"(%2) {gnomon.block = "pool"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x1x1xf32>
  return %3 : tensor<1x3x1x1xf32>
}
}
