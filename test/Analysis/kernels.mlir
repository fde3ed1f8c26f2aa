// Which operations ONNX Runtime runs as one kernel; one rule a function.
// RUN: gnomon-kernels --rules=%gnomon_source/data/runtimes/onnxruntime-cpu.json --simd-bits=256 %s | FileCheck %s

// A folded addition and an activation belong to the convolution.
// CHECK: ReorderInput{{.}}x
// CHECK-NEXT: Conv{{.}}folded{{.}}c0 a0 folded{{.}}blocked{{.}}1
// CHECK-NEXT: ReorderOutput{{.}}folded
func.func @folds_bias_and_relu(%x: tensor<1x16x8x8xf32> {onnx.name = "x"}, %w: tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %b = "onnx.Constant"() : () -> tensor<1x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c0"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Add"(%0, %b) {onnx.result_names = ["a0"]} : (tensor<1x16x8x8xf32>, tensor<1x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Relu"(%1) {onnx.result_names = ["folded"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// A second reader keeps the activation apart; both stay in blocks.
// CHECK: ReorderInput
// CHECK-NEXT: Conv{{.}}c1{{.}}c1{{.}}blocked
// CHECK-NEXT: Relu{{.}}r1{{.}}r1{{.}}blocked
// CHECK-NEXT: Add{{.}}two_readers{{.}}two_readers{{.}}blocked
func.func @two_readers(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c1"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Relu"(%0) {onnx.result_names = ["r1"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Add"(%0, %1) {onnx.result_names = ["two_readers"]} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// A residual addition of the same shape is accumulated by the convolution.
// CHECK: ReorderInput
// CHECK-NEXT: Conv{{.}}c2
// CHECK-NEXT: Conv{{.}}residual{{.}}d2 residual{{.}}blocked
func.func @residual(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c2"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Conv"(%0, %f) {onnx.result_names = ["d2"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Add"(%0, %1) {onnx.result_names = ["residual"]} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// Channels that are no multiple of four stay in the plain layout.
// CHECK-NEXT: ReorderOutput
// CHECK-NEXT: FusedConv{{.}}odd{{.}}c3 odd{{.}}plain
func.func @odd_channels(%x: tensor<1x18x8x8xf32>) -> tensor<1x18x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<18x18x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c3"]} : (tensor<1x18x8x8xf32>, tensor<18x18x1x1xf32>) -> tensor<1x18x8x8xf32>
  %1 = "onnx.Relu"(%0) {onnx.result_names = ["odd"]} : (tensor<1x18x8x8xf32>) -> tensor<1x18x8x8xf32>
  return %1 : tensor<1x18x8x8xf32>
}

// A plain convolution accumulates the residual and takes its activation ...
// CHECK: FusedConv{{.}}plain_sum{{.}}c9 s9 plain_sum{{.}}plain
func.func @plain_sum(%x: tensor<1x18x8x8xf32>, %y: tensor<1x18x8x8xf32>) -> tensor<1x18x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<18x18x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c9"]} : (tensor<1x18x8x8xf32>, tensor<18x18x1x1xf32>) -> tensor<1x18x8x8xf32>
  %1 = "onnx.Add"(%0, %y) {onnx.result_names = ["s9"]} : (tensor<1x18x8x8xf32>, tensor<1x18x8x8xf32>) -> tensor<1x18x8x8xf32>
  %2 = "onnx.Relu"(%1) {onnx.result_names = ["plain_sum"]} : (tensor<1x18x8x8xf32>) -> tensor<1x18x8x8xf32>
  return %2 : tensor<1x18x8x8xf32>
}

// ... but only for images.
// CHECK-NEXT: Conv{{.}}c10{{.}}c10{{.}}plain
// CHECK-NEXT: Add{{.}}signal_sum
func.func @signal_sum(%x: tensor<1x18x8xf32>, %y: tensor<1x18x8xf32>) -> tensor<1x18x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<18x18x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c10"]} : (tensor<1x18x8xf32>, tensor<18x18x1xf32>) -> tensor<1x18x8xf32>
  %1 = "onnx.Add"(%0, %y) {onnx.result_names = ["signal_sum"]} : (tensor<1x18x8xf32>, tensor<1x18x8xf32>) -> tensor<1x18x8xf32>
  return %1 : tensor<1x18x8xf32>
}

// What adds nothing is not run.
// CHECK-NEXT: Neg{{.}}n11
// CHECK-NEXT: Abs{{.}}nothing
func.func @nothing(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %zero = "onnx.Constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
  %one = "onnx.Constant"() {value = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = "onnx.Neg"(%x) {onnx.result_names = ["n11"]} : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %1 = "onnx.Add"(%zero, %0) {onnx.result_names = ["a11"]} : (tensor<f32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  %2 = "onnx.Mul"(%1, %one) {onnx.result_names = ["m11"]} : (tensor<4x6xf32>, tensor<1xf32>) -> tensor<4x6xf32>
  %3 = "onnx.Abs"(%2) {onnx.result_names = ["nothing"]} : (tensor<4x6xf32>) -> tensor<4x6xf32>
  return %3 : tensor<4x6xf32>
}

// A slice of everything is not run if it says "to the end"; it is if it counts.
// CHECK-NEXT: Slice{{.}}c12
// CHECK-NEXT: Abs{{.}}whole
func.func @whole(%x: tensor<4x6xf32>) -> tensor<4x6xf32> {
  %zero = "onnx.Constant"() {value = dense<0> : tensor<1xi64>} : () -> tensor<1xi64>
  %four = "onnx.Constant"() {value = dense<4> : tensor<1xi64>} : () -> tensor<1xi64>
  %end = "onnx.Constant"() {value = dense<9223372036854775807> : tensor<1xi64>} : () -> tensor<1xi64>
  %0 = "onnx.Slice"(%x, %zero, %end, %zero) {onnx.result_names = ["e12"]} : (tensor<4x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x6xf32>
  %1 = "onnx.Slice"(%0, %zero, %four, %zero) {onnx.result_names = ["c12"]} : (tensor<4x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x6xf32>
  %2 = "onnx.Abs"(%1) {onnx.result_names = ["whole"]} : (tensor<4x6xf32>) -> tensor<4x6xf32>
  return %2 : tensor<4x6xf32>
}

// HardSwish is an activation of blocked convolutions only.
// CHECK-NEXT: ReorderInput
// CHECK-NEXT: Conv{{.}}blocked_swish{{.}}c13 blocked_swish{{.}}blocked
// CHECK-NEXT: ReorderOutput
// CHECK-NEXT: Conv{{.}}c14{{.}}c14{{.}}plain
// CHECK-NEXT: HardSigmoid{{.}}plain_swish
// CHECK-NEXT: Mul{{.}}plain_swish
func.func @hard_swish(%x: tensor<1x16x8x8xf32>, %y: tensor<1x18x8x8xf32>) -> (tensor<1x16x8x8xf32>, tensor<1x18x8x8xf32>) {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %g = "onnx.Constant"() : () -> tensor<18x18x1x1xf32>
  %0 = "onnx.Conv"(%x, %f) {onnx.result_names = ["c13"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.HardSwish"(%0) {onnx.result_names = ["blocked_swish"]} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Conv"(%y, %g) {onnx.result_names = ["c14"]} : (tensor<1x18x8x8xf32>, tensor<18x18x1x1xf32>) -> tensor<1x18x8x8xf32>
  %3 = "onnx.HardSwish"(%2) {onnx.result_names = ["plain_swish"]} : (tensor<1x18x8x8xf32>) -> tensor<1x18x8x8xf32>
  return %1, %3 : tensor<1x16x8x8xf32>, tensor<1x18x8x8xf32>
}

// A matrix product with a bias becomes a Gemm between two views.
// CHECK-NEXT: Reshape
// CHECK-NEXT: Gemm{{.}}linear{{.}}m4 linear{{.}}plain
// CHECK-NEXT: Reshape{{.}}linear{{.*}}view
func.func @linear(%x: tensor<1x8x16xf32>) -> tensor<1x8x32xf32> {
  %w = "onnx.Constant"() : () -> tensor<16x32xf32>
  %b = "onnx.Constant"() : () -> tensor<32xf32>
  %0 = "onnx.MatMul"(%x, %w) {onnx.result_names = ["m4"]} : (tensor<1x8x16xf32>, tensor<16x32xf32>) -> tensor<1x8x32xf32>
  %1 = "onnx.Add"(%b, %0) {onnx.result_names = ["linear"]} : (tensor<32xf32>, tensor<1x8x32xf32>) -> tensor<1x8x32xf32>
  return %1 : tensor<1x8x32xf32>
}

// The erf form of Gelu, whatever the order of commutative operands.
// CHECK-NEXT: Gelu{{.}}gelu{{.}}d5 e5 p5 q5 gelu{{.}}plain
func.func @gelu(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %root = "onnx.Constant"() {value = dense<1.41421354> : tensor<f32>} : () -> tensor<f32>
  %one = "onnx.Constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %half = "onnx.Constant"() {value = dense<5.0e-1> : tensor<f32>} : () -> tensor<f32>
  %0 = "onnx.Div"(%x, %root) {onnx.result_names = ["d5"]} : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %1 = "onnx.Erf"(%0) {onnx.result_names = ["e5"]} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = "onnx.Add"(%one, %1) {onnx.result_names = ["p5"]} : (tensor<f32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %3 = "onnx.Mul"(%2, %x) {onnx.result_names = ["q5"]} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %4 = "onnx.Mul"(%3, %half) {onnx.result_names = ["gelu"]} : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  return %4 : tensor<4x8xf32>
}

// Identical operations run once; what is computed from constants, never.
// CHECK-NEXT: Exp{{.}}e6{{.}}e6 f6
// CHECK-NEXT: Sum{{.}}shared
// CHECK-NOT: load
func.func @shares(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = "onnx.Constant"() : () -> tensor<4xf32>
  %load = "onnx.Sqrt"(%c) {onnx.result_names = ["load"]} : (tensor<4xf32>) -> tensor<4xf32>
  %0 = "onnx.Exp"(%x) {onnx.result_names = ["e6"]} : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "onnx.Exp"(%x) {onnx.result_names = ["f6"]} : (tensor<4xf32>) -> tensor<4xf32>
  %2 = "onnx.Sum"(%0, %1, %load) {onnx.result_names = ["shared"]} : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
