// Which operations TensorRT runs as one layer, as far as its documentation tells.
// RUN: gnomon-kernels --rules=%gnomon_source/data/runtimes/tensorrt.json %s | FileCheck %s

// A convolution takes a residual addition and an activation behind it.
// CHECK: Conv{{.}}residual{{.}}c1 s1 residual{{.}}plain
func.func @residual(%x: tensor<1x16x8x8xf32>, %y: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c1"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Add"(%0, %y) {onnx.result_names = ["s1"]} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Relu"(%1) {onnx.result_names = ["residual"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// Behind its activation an addition is a layer of its own.
// CHECK-NEXT: Conv{{.}}r2{{.}}c2 r2{{.}}plain
// CHECK-NEXT: Add{{.}}later{{.}}later{{.}}plain
func.func @activation_first(%x: tensor<1x16x8x8xf32>, %y: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c2"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Relu"(%0) {onnx.result_names = ["r2"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Add"(%1, %y) {onnx.result_names = ["later"]} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// A chain of elementwise operators is one layer: here a swish and what follows.
// CHECK-NEXT: Sigmoid{{.}}chain{{.}}g3 m3 chain{{.}}plain
func.func @pointwise(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %0 = "onnx.Sigmoid"(%x) {onnx.result_names = ["g3"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Mul"(%0, %x) {onnx.result_names = ["m3"]} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Tanh"(%1) {onnx.result_names = ["chain"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// Not where an operand is repeated, as by a gate for each channel.
// CHECK-NEXT: Sigmoid{{.}}g4{{.}}g4{{.}}plain
// CHECK-NEXT: Mul{{.}}gated{{.}}gated{{.}}plain
func.func @gate(%x: tensor<1x16x8x8xf32>, %s: tensor<1x16x1x1xf32>) -> tensor<1x16x8x8xf32> {
  %0 = "onnx.Sigmoid"(%s) {onnx.result_names = ["g4"]} : (tensor<1x16x1x1xf32>) -> tensor<1x16x1x1xf32>
  %1 = "onnx.Mul"(%x, %0) {onnx.result_names = ["gated"]} : (tensor<1x16x8x8xf32>, tensor<1x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  return %1 : tensor<1x16x8x8xf32>
}

// A normalization goes into the weights, an activation into the product.
// CHECK-NEXT: Conv{{.}}n5{{.}}c5 n5{{.}}plain
// CHECK-NEXT: Gemm{{.}}r6{{.}}g6 r6{{.}}plain
func.func @normalization(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %v = "onnx.Constant"() : () -> tensor<16xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c5"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.BatchNormalization"(%0, %v, %v, %v, %v) {onnx.result_names = ["n5"]} : (tensor<1x16x8x8xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x16x8x8xf32>
  return %1 : tensor<1x16x8x8xf32>
}

func.func @product_and_relu(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %w = "onnx.Constant"() : () -> tensor<8x16xf32>
  %b = "onnx.Constant"() : () -> tensor<16xf32>
  %0 = "onnx.Gemm"(%x, %w, %b) {onnx.result_names = ["g6"]} : (tensor<4x8xf32>, tensor<8x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>
  %1 = "onnx.Relu"(%0) {onnx.result_names = ["r6"]} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}
