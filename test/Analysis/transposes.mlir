// How ONNX Runtime moves transposes and reshapes before it fuses; one case a function.
// RUN: gnomon-kernels --rules=%gnomon_source/data/runtimes/onnxruntime-cpu.json --simd-bits=256 %s | FileCheck %s

module attributes {"onnx.opset_imports" = {ai.onnx = 14 : si64}} {

// Two transposes meet through what lies between; the constant is transposed at load time.
// CHECK: Relu{{.}}r0
// CHECK-NEXT: Add{{.}}a0
// CHECK-NEXT: Abs{{.}}meet
func.func @meet(%x: tensor<2x4x6xf32>) -> tensor<2x4x6xf32> {
  %c = "onnx.Constant"() : () -> tensor<4xf32>
  %0 = "onnx.Transpose"(%x) {perm = [0, 2, 1], onnx.result_names = ["t0"]} : (tensor<2x4x6xf32>) -> tensor<2x6x4xf32>
  %1 = "onnx.Relu"(%0) {onnx.result_names = ["r0"]} : (tensor<2x6x4xf32>) -> tensor<2x6x4xf32>
  %2 = "onnx.Add"(%1, %c) {onnx.result_names = ["a0"]} : (tensor<2x6x4xf32>, tensor<4xf32>) -> tensor<2x6x4xf32>
  %3 = "onnx.Transpose"(%2) {perm = [0, 2, 1], onnx.result_names = ["u0"]} : (tensor<2x6x4xf32>) -> tensor<2x4x6xf32>
  %4 = "onnx.Abs"(%3) {onnx.result_names = ["meet"]} : (tensor<2x4x6xf32>) -> tensor<2x4x6xf32>
  return %4 : tensor<2x4x6xf32>
}

// Where nothing is saved, a transpose stays.
// CHECK-NEXT: Transpose{{.}}t1{{.}}t1
// CHECK-NEXT: Relu{{.}}stay
func.func @stay(%x: tensor<2x4x6xf32>) -> tensor<2x6x4xf32> {
  %0 = "onnx.Transpose"(%x) {perm = [0, 2, 1], onnx.result_names = ["t1"]} : (tensor<2x4x6xf32>) -> tensor<2x6x4xf32>
  %1 = "onnx.Relu"(%0) {onnx.result_names = ["stay"]} : (tensor<2x6x4xf32>) -> tensor<2x6x4xf32>
  return %1 : tensor<2x6x4xf32>
}

// A reduction leaves less to transpose.
// CHECK-NEXT: ReduceMax{{.}}reduce{{.}}reduce
// CHECK-NEXT: Transpose{{.}}reduce
func.func @reduce(%x: tensor<2x4x6xf32>) -> tensor<2x6x1xf32> {
  %0 = "onnx.Transpose"(%x) {perm = [0, 2, 1], onnx.result_names = ["t2"]} : (tensor<2x4x6xf32>) -> tensor<2x6x4xf32>
  %1 = "onnx.ReduceMax"(%0) {axes = [-1], onnx.result_names = ["reduce"]} : (tensor<2x6x4xf32>) -> tensor<2x6x1xf32>
  return %1 : tensor<2x6x1xf32>
}

// A split of dimensions lets the transpose pass, and the blocked convolution swallows it.
// CHECK-NEXT: Reshape{{.}}grid{{.*}}view
// CHECK-NEXT: ReorderInput{{.}}grid
// CHECK-NEXT: Conv{{.}}c3
// CHECK-NEXT: ReorderOutput{{.}}c3
func.func @split_dimensions(%x: tensor<1x64x16xf32>) -> tensor<1x16x8x8xf32> {
  %f = "onnx.Constant"() : () -> tensor<16x16x1x1xf32>
  %s = "onnx.Constant"() {value = dense<[1, 16, 8, 8]> : tensor<4xi64>} : () -> tensor<4xi64>
  %0 = "onnx.Transpose"(%x) {perm = [0, 2, 1], onnx.result_names = ["t3"]} : (tensor<1x64x16xf32>) -> tensor<1x16x64xf32>
  %1 = "onnx.Reshape"(%0, %s) {onnx.result_names = ["grid"]} : (tensor<1x16x64xf32>, tensor<4xi64>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Conv"(%1, %f) {onnx.result_names = ["c3"]} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  return %2 : tensor<1x16x8x8xf32>
}

// Dimensions that become one stop it.
// CHECK-NEXT: Transpose{{.}}t4
// CHECK-NEXT: Reshape{{.}}merge
func.func @merge_dimensions(%x: tensor<2x4x6x8xf32>) -> tensor<2x6x32xf32> {
  %s = "onnx.Constant"() {value = dense<[2, 6, 32]> : tensor<3xi64>} : () -> tensor<3xi64>
  %0 = "onnx.Transpose"(%x) {perm = [0, 2, 1, 3], onnx.result_names = ["t4"]} : (tensor<2x4x6x8xf32>) -> tensor<2x6x4x8xf32>
  %1 = "onnx.Reshape"(%0, %s) {onnx.result_names = ["merge"]} : (tensor<2x6x4x8xf32>, tensor<3xi64>) -> tensor<2x6x32xf32>
  return %1 : tensor<2x6x32xf32>
}

// Entries of an axis are taken before the transpose, all at once; their
// transposes are one.
// CHECK-NEXT: Split{{.}}q k{{.}}q k
// CHECK-NEXT: Squeeze{{.}}q
// CHECK-NEXT: Squeeze{{.}}k
// CHECK-NEXT: Sub{{.}}gather
// CHECK-NEXT: Transpose{{.}}gather
func.func @gather(%x: tensor<4x6x2x8xf32>) -> tensor<4x8x6xf32> {
  %i = "onnx.Constant"() {value = dense<0> : tensor<i64>} : () -> tensor<i64>
  %j = "onnx.Constant"() {value = dense<1> : tensor<i64>} : () -> tensor<i64>
  %0 = "onnx.Transpose"(%x) {perm = [2, 0, 3, 1], onnx.result_names = ["t5"]} : (tensor<4x6x2x8xf32>) -> tensor<2x4x8x6xf32>
  %1 = "onnx.Gather"(%0, %i) {axis = 0 : si64, onnx.result_names = ["q"]} : (tensor<2x4x8x6xf32>, tensor<i64>) -> tensor<4x8x6xf32>
  %2 = "onnx.Gather"(%0, %j) {axis = 0 : si64, onnx.result_names = ["k"]} : (tensor<2x4x8x6xf32>, tensor<i64>) -> tensor<4x8x6xf32>
  %3 = "onnx.Sub"(%1, %2) {onnx.result_names = ["gather"]} : (tensor<4x8x6xf32>, tensor<4x8x6xf32>) -> tensor<4x8x6xf32>
  return %3 : tensor<4x8x6xf32>
}

// Reshapes in a row are one; those that keep zeros are left alone.
// CHECK-NEXT: Reshape{{.}}v6
// CHECK-NEXT: Reshape{{.}}w6
// CHECK-NEXT: Abs{{.}}row
func.func @row(%x: tensor<24xf32>) -> tensor<24xf32> {
  %a = "onnx.Constant"() {value = dense<[4, 6]> : tensor<2xi64>} : () -> tensor<2xi64>
  %b = "onnx.Constant"() {value = dense<[2, 12]> : tensor<2xi64>} : () -> tensor<2xi64>
  %c = "onnx.Constant"() {value = dense<[24]> : tensor<1xi64>} : () -> tensor<1xi64>
  %0 = "onnx.Reshape"(%x, %a) {onnx.result_names = ["u6"]} : (tensor<24xf32>, tensor<2xi64>) -> tensor<4x6xf32>
  %1 = "onnx.Reshape"(%0, %b) {onnx.result_names = ["v6"]} : (tensor<4x6xf32>, tensor<2xi64>) -> tensor<2x12xf32>
  %2 = "onnx.Reshape"(%1, %c) {allowzero = 1 : si64, onnx.result_names = ["w6"]} : (tensor<2x12xf32>, tensor<1xi64>) -> tensor<24xf32>
  %3 = "onnx.Abs"(%2) {onnx.result_names = ["row"]} : (tensor<24xf32>) -> tensor<24xf32>
  return %3 : tensor<24xf32>
}

// Slices whose bounds are computed are a split where each starts as the one before ends.
// CHECK-NEXT: Split{{.}}s7 e7
// CHECK-NEXT: Mul{{.}}bounds
func.func @bounds(%x: tensor<4x6xf32>) -> tensor<4x3xf32> {
  %zero = "onnx.Constant"() {value = dense<0> : tensor<1xi64>} : () -> tensor<1xi64>
  %one = "onnx.Constant"() {value = dense<1> : tensor<1xi64>} : () -> tensor<1xi64>
  %m = "onnx.Constant"() {value = dense<3> : tensor<1xi64>} : () -> tensor<1xi64>
  %mid = "onnx.Mul"(%m, %m) {onnx.result_names = ["mid"]} : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %end = "onnx.Mul"(%mid, %m) {onnx.result_names = ["end"]} : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %0 = "onnx.Slice"(%x, %zero, %mid, %one) {onnx.result_names = ["s7"]} : (tensor<4x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x3xf32>
  %1 = "onnx.Slice"(%x, %mid, %end, %one) {onnx.result_names = ["e7"]} : (tensor<4x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x3xf32>
  %2 = "onnx.Mul"(%0, %1) {onnx.result_names = ["bounds"]} : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %2 : tensor<4x3xf32>
}

// Results of a split are not split again.
// CHECK-NEXT: Split{{.}}a8 b8
// CHECK-NEXT: Slice{{.}}c8
// CHECK-NEXT: Slice{{.}}d8
// CHECK-NEXT: Sub{{.}}e8
// CHECK-NEXT: Concat{{.}}again
func.func @again(%x: tensor<4x8xf32>) -> tensor<4x6xf32> {
  %zero = "onnx.Constant"() {value = dense<0> : tensor<1xi64>} : () -> tensor<1xi64>
  %one = "onnx.Constant"() {value = dense<1> : tensor<1xi64>} : () -> tensor<1xi64>
  %two = "onnx.Constant"() {value = dense<2> : tensor<1xi64>} : () -> tensor<1xi64>
  %four = "onnx.Constant"() {value = dense<4> : tensor<1xi64>} : () -> tensor<1xi64>
  %a, %b = "onnx.Split"(%x) {axis = 1 : si64, onnx.result_names = ["a8", "b8"]} : (tensor<4x8xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>)
  %c = "onnx.Slice"(%a, %zero, %two, %one) {onnx.result_names = ["c8"]} : (tensor<4x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x2xf32>
  %d = "onnx.Slice"(%a, %two, %four, %one) {onnx.result_names = ["d8"]} : (tensor<4x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x2xf32>
  %e = "onnx.Sub"(%c, %d) {onnx.result_names = ["e8"]} : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
  %f = "onnx.Concat"(%e, %b) {axis = 1 : si64, onnx.result_names = ["again"]} : (tensor<4x2xf32>, tensor<4x4xf32>) -> tensor<4x6xf32>
  return %f : tensor<4x6xf32>
}

// A transpose that only moves the batch between the matrices is the product's.
// CHECK-NEXT: FusedMatMul{{.}}batch{{.}}t9 u9 batch
func.func @batch(%x: tensor<7x2x4x8xf32>, %y: tensor<9x2x4x8xf32>) -> tensor<2x4x7x9xf32> {
  %0 = "onnx.Transpose"(%x) {perm = [1, 2, 0, 3], onnx.result_names = ["t9"]} : (tensor<7x2x4x8xf32>) -> tensor<2x4x7x8xf32>
  %1 = "onnx.Transpose"(%y) {perm = [1, 2, 3, 0], onnx.result_names = ["u9"]} : (tensor<9x2x4x8xf32>) -> tensor<2x4x8x9xf32>
  %2 = "onnx.MatMul"(%0, %1) {onnx.result_names = ["batch"]} : (tensor<2x4x7x8xf32>, tensor<2x4x8x9xf32>) -> tensor<2x4x7x9xf32>
  return %2 : tensor<2x4x7x9xf32>
}

}
