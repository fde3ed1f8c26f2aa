// RUN: gnomon-opt %s --gnomon-build-space='rules=kernel:depthwise=3,5;expansion=2,4;drop-residual' 2>%t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=LIST < %t.err
// RUN: gnomon-opt %s --gnomon-build-space='rules=%gnomon_source/test/Transforms/Inputs/rules.json' 2>%t.err | FileCheck %s --check-prefix=FILE
// RUN: FileCheck %s --check-prefix=FILELIST < %t.err

// LIST: remark: rule kernel:depthwise: 1 match
// LIST: note: loc("/block/depth/Conv"): @block_depth_Conv_kernel: k3, k5; the network has k3
// LIST: remark: rule expansion: 1 match
// LIST: note: loc("/block/expand/Conv"): @block_expand_Conv_expansion: e2, e4; the network has e2
// LIST: remark: rule drop-residual: 1 match
// LIST: note: loc("/block/Add"): @block_Add_drop: keep, skip; the network has keep

// Widths inside of the block only; names that do not match stay.
// FILE: gnomon.decision @resolution
// FILE-NEXT: gnomon.decision @block_expand_Conv_channels ["w0.5", "w1"]
// FILE-NEXT: func.func
// FILE: "w0.5"
// FILE: "onnx.Conv"{{.*}} {group = 8 : si64, kernel_shape = [3, 3], pads = [1, 1, 1, 1]}{{.*}} -> tensor<1x8x16x16xf32>
// FILE: "onnx.Conv"{{.*}}(tensor<1x8x16x16xf32>, tensor<8x8x1x1xf32>, none) -> tensor<1x8x16x16xf32>
// FILE: "w1"
// FILELIST: remark: rule channels: 1 match
// FILELIST: warning: rule kernel:depthwise matches nothing: expected depthwise convolutions with square kernels named stem*

#fold = loc("expand.weight")
#node = loc("/block/expand/Conv")
#depth = loc("/block/depth/Conv")
#sum = loc("/block/Add")

// Three decisions about one block: choices nest, the outermost drops it.
// CHECK: gnomon.decision @resolution ["16"]
// CHECK-NEXT: gnomon.decision @block_Add_drop ["keep", "skip"]
// CHECK-NEXT: gnomon.decision @block_expand_Conv_expansion ["e2", "e4"]
// CHECK-NEXT: gnomon.decision @block_depth_Conv_kernel ["k3", "k5"]
// CHECK-LABEL: func.func @block(
// CHECK-SAME: gnomon.alternative = #gnomon.alternative<@resolution, "16">
// CHECK-DAG: %[[GIVEN:.*]] = "onnx.Constant"() {weight = {offset = 1 : i64}} : () -> tensor<16x8x1x1xf32>
// CHECK-DAG: %[[NEW:.*]] = "onnx.Constant"() : () -> tensor<32x8x1x1xf32>
// CHECK-DAG: %[[BIAS:.*]] = "onnx.Constant"() {gnomon.init = "zeros"} : () -> tensor<32xf32>
// CHECK: %[[KEPT:.*]] = gnomon.choice @block_Add_drop (%{{.*}} : tensor<1x8x16x16xf32>) -> tensor<1x8x16x16xf32>
// CHECK-NEXT: "keep" (%[[X:.*]]: tensor<1x8x16x16xf32>) {
// CHECK-NEXT: %[[Y:.*]] = gnomon.choice @block_expand_Conv_expansion (%[[X]]
// CHECK-NEXT: "e2" (%[[A:.*]]: tensor<1x8x16x16xf32>) {
// CHECK-NEXT: "onnx.Conv"(%[[A]], %[[GIVEN]], %{{.*}})
// CHECK: gnomon.choice @block_depth_Conv_kernel (%{{.*}} : tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
// CHECK-NEXT: "k3"
// CHECK-NEXT: {group = 16 : si64, kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
// CHECK: "k5"
// CHECK-NEXT: {group = 16 : si64, kernel_shape = [5, 5], pads = [2, 2, 2, 2]}{{.*}}tensor<16x1x5x5xf32>
// CHECK: "e4" (%[[B:.*]]: tensor<1x8x16x16xf32>) {
// CHECK-NEXT: "onnx.Conv"(%[[B]], %[[NEW]], %[[BIAS]])
// CHECK: gnomon.choice @block_depth_Conv_kernel (%{{.*}} : tensor<1x32x16x16xf32>) -> tensor<1x32x16x16xf32>
// CHECK: {group = 32 : si64, kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
// CHECK: "onnx.Add"(%[[X]], %[[Y]])
// CHECK: "skip" (%[[S:.*]]: tensor<1x8x16x16xf32>) {
// CHECK-NEXT: gnomon.yield %[[S]]
// CHECK: return %[[KEPT]]
func.func @block(%x: tensor<1x8x16x16xf32> {onnx.name = "x"}) -> tensor<1x8x16x16xf32> {
  %none = "onnx.NoValue"() {value} : () -> none
  %w1 = "onnx.Constant"() {weight = {offset = 1}} : () -> tensor<16x8x1x1xf32> loc(#fold)
  %b1 = "onnx.Constant"() {weight = {offset = 2}} : () -> tensor<16xf32>
  %w2 = "onnx.Constant"() {weight = {offset = 3}} : () -> tensor<16x1x3x3xf32>
  %w3 = "onnx.Constant"() {weight = {offset = 4}} : () -> tensor<8x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %w1, %b1) {kernel_shape = [1, 1]} : (tensor<1x8x16x16xf32>, tensor<16x8x1x1xf32>, tensor<16xf32>) -> tensor<1x16x16x16xf32> loc(#node)
  %1 = "onnx.Relu"(%0) : (tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
  %2 = "onnx.Conv"(%1, %w2, %none) {group = 16 : si64, kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x16x16xf32>, tensor<16x1x3x3xf32>, none) -> tensor<1x16x16x16xf32> loc(#depth)
  %3 = "onnx.Relu"(%2) : (tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
  %4 = "onnx.Conv"(%3, %w3, %none) {kernel_shape = [1, 1]} : (tensor<1x16x16x16xf32>, tensor<8x16x1x1xf32>, none) -> tensor<1x8x16x16xf32>
  %5 = "onnx.Add"(%x, %4) : (tensor<1x8x16x16xf32>, tensor<1x8x16x16xf32>) -> tensor<1x8x16x16xf32> loc(#sum)
  return %5 : tensor<1x8x16x16xf32>
}
