// RUN: gnomon-opt %s --gnomon-print-topology -o /dev/null | FileCheck %s
// RUN: gnomon-opt %s --gnomon-materialize-choices --gnomon-print-topology -o /dev/null | FileCheck %s
// RUN: gnomon-opt %s --gnomon-materialize-choices=selection=size=small,block=skip --gnomon-print-topology -o /dev/null | FileCheck %s --check-prefix=OTHER

// Of a supernet: the network that is selected.
// CHECK-NOT: small
// CHECK: large: NN-Degree 6.333, NN-Mass 0.000, 1 cells
// CHECK-NEXT: 64 points: 2 layers, width 6.000, 1 skips of 4 channels
// OTHER: small: NN-Degree 8.000
gnomon.decision @size ["small", "large"] selected "large"
gnomon.decision @block ["skip", "conv"] selected "conv"
func.func @small(%x: tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32> attributes {gnomon.alternative = #gnomon.alternative<@size, "small">} {
  %n = "onnx.NoValue"() : () -> none
  %w = "onnx.Constant"() : () -> tensor<8x4x1x1xf32>
  %1 = "onnx.Conv"(%x, %w, %n) : (tensor<1x4x4x4xf32>, tensor<8x4x1x1xf32>, none) -> tensor<1x8x4x4xf32>
  return %1 : tensor<1x8x4x4xf32>
}
func.func @large(%x: tensor<1x4x8x8xf32>) -> tensor<1x8x8x8xf32> attributes {gnomon.alternative = #gnomon.alternative<@size, "large">} {
  %n = "onnx.NoValue"() : () -> none
  %0 = gnomon.choice @block (%x : tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  "skip" (%y: tensor<1x4x8x8xf32>) {
    gnomon.yield %y : tensor<1x4x8x8xf32>
  }
  "conv" (%y: tensor<1x4x8x8xf32>) {
    %v = "onnx.Constant"() : () -> tensor<4x4x1x1xf32>
    %1 = "onnx.Conv"(%y, %v, %n) : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>, none) -> tensor<1x4x8x8xf32>
    %2 = "onnx.Add"(%1, %y) : (tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
    gnomon.yield %2 : tensor<1x4x8x8xf32>
  }
  %w = "onnx.Constant"() : () -> tensor<8x4x1x1xf32>
  %3 = "onnx.Conv"(%0, %w, %n) : (tensor<1x4x8x8xf32>, tensor<8x4x1x1xf32>, none) -> tensor<1x8x8x8xf32>
  return %3 : tensor<1x8x8x8xf32>
}
