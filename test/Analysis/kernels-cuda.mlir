// Which operations ONNX Runtime runs as one kernel of its CUDA provider.
// RUN: gnomon-kernels --rules=%gnomon_source/data/runtimes/onnxruntime-cuda.json %s | FileCheck %s

// A folded addition and a Relu belong to the convolution; nothing is laid out anew.
// CHECK-NOT: Reorder
// CHECK: FusedConv{{.}}folded{{.}}c0 a0 folded{{.}}plain
func.func @folds_bias_and_relu(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %b = "onnx.Constant"() : () -> tensor<1x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c0"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Add"(%0, %b) {onnx.result_names = ["a0"]} : (tensor<1x16x8x8xf32>, tensor<1x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Relu"(%1) {onnx.result_names = ["folded"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// So does a residual addition, if a Relu follows ...
// CHECK-NEXT: FusedConv{{.}}residual{{.}}c1 s1 residual{{.}}plain
func.func @residual(%x: tensor<1x16x8x8xf32>, %y: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c1"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Add"(%0, %y) {onnx.result_names = ["s1"]} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Relu"(%1) {onnx.result_names = ["residual"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// ... and only then.
// CHECK-NEXT: Conv{{.}}c2{{.}}c2{{.}}plain
// CHECK-NEXT: Add{{.}}no_relu{{.}}no_relu{{.}}plain
func.func @residual_alone(%x: tensor<1x16x8x8xf32>, %y: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c2"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Add"(%0, %y) {onnx.result_names = ["no_relu"]} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %1 : tensor<1x16x8x8xf32>
}

// A sum that two read stays apart from the convolution, and so does its Relu.
// CHECK-NEXT: Conv{{.}}c3{{.}}c3{{.}}plain
// CHECK-NEXT: Add{{.}}s3{{.}}s3{{.}}plain
// CHECK-NEXT: Relu{{.}}r3{{.}}r3{{.}}plain
func.func @sum_with_two_readers(%x: tensor<1x16x8x8xf32>, %y: tensor<1x16x8x8xf32>) -> (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c3"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Add"(%0, %y) {onnx.result_names = ["s3"]} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Relu"(%1) {onnx.result_names = ["r3"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %1, %2 : tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>
}

// Other activations are kernels of their own, of matrix products any.
// CHECK-NEXT: Conv{{.}}c4{{.}}c4{{.}}plain
// CHECK-NEXT: Sigmoid{{.}}sigmoid{{.}}sigmoid{{.}}plain
func.func @sigmoid(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c4"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Sigmoid"(%0) {onnx.result_names = ["sigmoid"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %1 : tensor<1x16x8x8xf32>
}

// CHECK-NEXT: Gemm{{.}}g5{{.}}g5{{.}}plain
// CHECK-NEXT: Relu{{.}}r5{{.}}r5{{.}}plain
func.func @product_and_relu(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %w = "onnx.Constant"() : () -> tensor<8x16xf32>
  %b = "onnx.Constant"() : () -> tensor<16xf32>
  %0 = "onnx.Gemm"(%x, %w, %b) {onnx.result_names = ["g5"]} : (tensor<4x8xf32>, tensor<8x16xf32>, tensor<16xf32>) -> tensor<4x16xf32>
  %1 = "onnx.Relu"(%0) {onnx.result_names = ["r5"]} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}
