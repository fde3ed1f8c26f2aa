// RUN: gnomon-opt %s --gnomon-print-topology -o /dev/null | FileCheck %s
// RUN: gnomon-opt %s --gnomon-print-topology=format=json -o /dev/null | FileCheck %s --check-prefix=JSON
// RUN: not gnomon-opt %s --gnomon-print-topology=format=xml 2>&1 | FileCheck %s --check-prefix=FORMAT
// FORMAT: error: format: expected 'text' or 'json', found 'xml'

// An inverted bottleneck of C = 8 channels and H = 24 between: layers of 24, 24
// and 8, degree 56/3 + 8/56, mass (C + 2H) C / (2C + H).
// CHECK: inverted: NN-Degree 18.810, NN-Mass 11.200, 1 cells
// CHECK-NEXT: 16 points: 3 layers, width 18.667, 1 skips of 8 channels, degree 18.810, density 0.2000, mass 11.200
// JSON: "name": "inverted"
func.func @inverted(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %n = "onnx.NoValue"() : () -> none
  %w1 = "onnx.Constant"() : () -> tensor<24x8x1x1xf32>
  %w2 = "onnx.Constant"() : () -> tensor<24x1x3x3xf32>
  %w3 = "onnx.Constant"() : () -> tensor<8x24x1x1xf32>
  %1 = "onnx.Conv"(%x, %w1, %n) : (tensor<1x8x4x4xf32>, tensor<24x8x1x1xf32>, none) -> tensor<1x24x4x4xf32>
  %2 = "onnx.Relu"(%1) : (tensor<1x24x4x4xf32>) -> tensor<1x24x4x4xf32>
  %3 = "onnx.Conv"(%2, %w2, %n) {group = 24 : i64, pads = [1, 1, 1, 1]} : (tensor<1x24x4x4xf32>, tensor<24x1x3x3xf32>, none) -> tensor<1x24x4x4xf32>
  %4 = "onnx.Relu"(%3) : (tensor<1x24x4x4xf32>) -> tensor<1x24x4x4xf32>
  %5 = "onnx.Conv"(%4, %w3, %n) : (tensor<1x24x4x4xf32>, tensor<8x24x1x1xf32>, none) -> tensor<1x8x4x4xf32>
  %6 = "onnx.Add"(%x, %5) : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return %6 : tensor<1x8x4x4xf32>
}

// Two layers of 8 with a skip: degree 8 + 8/16, mass 8 + 8.
// CHECK: basic: NN-Degree 8.500, NN-Mass 16.000, 1 cells
func.func @basic(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %n = "onnx.NoValue"() : () -> none
  %w = "onnx.Constant"() : () -> tensor<8x8x3x3xf32>
  %1 = "onnx.Conv"(%x, %w, %n) {pads = [1, 1, 1, 1]} : (tensor<1x8x4x4xf32>, tensor<8x8x3x3xf32>, none) -> tensor<1x8x4x4xf32>
  %2 = "onnx.Relu"(%1) : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %3 = "onnx.Conv"(%2, %w, %n) {pads = [1, 1, 1, 1]} : (tensor<1x8x4x4xf32>, tensor<8x8x3x3xf32>, none) -> tensor<1x8x4x4xf32>
  %4 = "onnx.Add"(%3, %x) : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  return %4 : tensor<1x8x4x4xf32>
}

// Growth of 4 from 6 channels, twice, then a layer of 5: what passes by is 6 to
// layer 2 and 6 + 4 to layer 3, all that could; widths 4, 4, 5. The pooling ends
// the cell; the next one has a layer and nothing to pass by. The classifier
// works on one point and does not count.
// CHECK: dense: NN-Degree 12.564, NN-Mass 14.000, 2 cells
// CHECK-NEXT: 16 points: 3 layers, width 4.333, 2 skips of 16 channels, degree 5.564, density 1.0000, mass 14.000
// CHECK-NEXT: 4 points: 1 layers, width 7.000, 0 skips of 0 channels, degree 7.000, density 0.0000, mass 0.000
func.func @dense(%x: tensor<1x6x4x4xf32>) -> tensor<1x3xf32> {
  %n = "onnx.NoValue"() : () -> none
  %w1 = "onnx.Constant"() : () -> tensor<4x6x1x1xf32>
  %w2 = "onnx.Constant"() : () -> tensor<4x10x1x1xf32>
  %w3 = "onnx.Constant"() : () -> tensor<5x14x1x1xf32>
  %w4 = "onnx.Constant"() : () -> tensor<7x5x1x1xf32>
  %w5 = "onnx.Constant"() : () -> tensor<7x3xf32>
  %1 = "onnx.Conv"(%x, %w1, %n) : (tensor<1x6x4x4xf32>, tensor<4x6x1x1xf32>, none) -> tensor<1x4x4x4xf32>
  %2 = "onnx.Concat"(%x, %1) {axis = 1 : i64} : (tensor<1x6x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x10x4x4xf32>
  %3 = "onnx.Conv"(%2, %w2, %n) : (tensor<1x10x4x4xf32>, tensor<4x10x1x1xf32>, none) -> tensor<1x4x4x4xf32>
  %4 = "onnx.Concat"(%2, %3) {axis = 1 : i64} : (tensor<1x10x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x14x4x4xf32>
  %5 = "onnx.Conv"(%4, %w3, %n) : (tensor<1x14x4x4xf32>, tensor<5x14x1x1xf32>, none) -> tensor<1x5x4x4xf32>
  %6 = "onnx.MaxPool"(%5) {kernel_shape = [2, 2], strides = [2, 2]} : (tensor<1x5x4x4xf32>) -> tensor<1x5x2x2xf32>
  %7 = "onnx.Conv"(%6, %w4, %n) : (tensor<1x5x2x2xf32>, tensor<7x5x1x1xf32>, none) -> tensor<1x7x2x2xf32>
  %8 = "onnx.GlobalAveragePool"(%7) : (tensor<1x7x2x2xf32>) -> tensor<1x7x1x1xf32>
  %9 = "onnx.Flatten"(%8) : (tensor<1x7x1x1xf32>) -> tensor<1x7xf32>
  %10 = "onnx.Gemm"(%9, %w5, %n) : (tensor<1x7xf32>, tensor<7x3xf32>, none) -> tensor<1x3xf32>
  return %10 : tensor<1x3xf32>
}

// A gate of layers that work on one point changes nothing; where there are no
// others, they count.
// CHECK: gated: NN-Degree 8.000, NN-Mass 0.000, 1 cells
func.func @gated(%x: tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %n = "onnx.NoValue"() : () -> none
  %w = "onnx.Constant"() : () -> tensor<8x8x1x1xf32>
  %1 = "onnx.Conv"(%x, %w, %n) : (tensor<1x8x4x4xf32>, tensor<8x8x1x1xf32>, none) -> tensor<1x8x4x4xf32>
  %2 = "onnx.GlobalAveragePool"(%1) : (tensor<1x8x4x4xf32>) -> tensor<1x8x1x1xf32>
  %3 = "onnx.Conv"(%2, %w, %n) : (tensor<1x8x1x1xf32>, tensor<8x8x1x1xf32>, none) -> tensor<1x8x1x1xf32>
  %4 = "onnx.Mul"(%1, %3) : (tensor<1x8x4x4xf32>, tensor<1x8x1x1xf32>) -> tensor<1x8x4x4xf32>
  return %4 : tensor<1x8x4x4xf32>
}
// CHECK: perceptron: NN-Degree 5.000, NN-Mass 0.000, 1 cells
func.func @perceptron(%x: tensor<2x4xf32>) -> tensor<2x5xf32> {
  %w = "onnx.Constant"() : () -> tensor<4x5xf32>
  %1 = "onnx.MatMul"(%x, %w) : (tensor<2x4xf32>, tensor<4x5xf32>) -> tensor<2x5xf32>
  return %1 : tensor<2x5xf32>
}

// JSON-NEXT: "nn_degree": 18.80952380952381,
// JSON: "skip_channels": 8,
// JSON-NEXT: "skips": 1,
// JSON-NEXT: "width": 8
// JSON: "nn_degree": 8.5,
// JSON-NEXT: "nn_mass": 16
