// Weights without a source are made from a seed, or taken from a file by name.
// RUN: gnomon-translate --export-onnx %s -o %t.0.onnx
// RUN: gnomon-translate --export-onnx %s --init-seed 0 -o %t.again.onnx
// RUN: cmp %t.0.onnx %t.again.onnx
// RUN: gnomon-translate --export-onnx %s --init-seed 7 -o %t.7.onnx
// RUN: gnomon-translate --export-onnx %s --weights-from %t.7.onnx -o %t.copy.onnx
// RUN: cmp %t.7.onnx %t.copy.onnx
// RUN: not cmp -s %t.0.onnx %t.7.onnx
// RUN: %python %S/Inputs/show.py %t.0.onnx | FileCheck %s

// The first elements pin the bytes: equal on every machine.
// CHECK: input input
// CHECK-NEXT: conv Conv input conv.weight -> conv_output
// CHECK-NEXT: conv_{{[0-9]+}} Conv conv_output conv.weight_[[N:[0-9]+]] bias -> [[SECOND:.*]]
// CHECK-NEXT: node BatchNormalization [[SECOND]] scale zeros zeros_{{[0-9]+}} scale_{{[0-9]+}} -> output
// CHECK-NEXT: conv.weight FLOAT [4, 3, 3, 3] [0.3174811, -0.2216299, -0.4431453] bound 0.47
// CHECK-NEXT: conv.weight_[[N]] FLOAT [4, 4, 1, 1] [-0.75414795, 0.70627147, 0.75737894] bound 1.2
// CHECK-NEXT: bias FLOAT [4] [-0.0061282567, 0.0075009698, 0.0020942753] bound 0.0075
// CHECK-NOT: unread
// CHECK: scale FLOAT [4] [1.0, 1.0, 1.0]
// CHECK: zeros FLOAT [4] [0.0, 0.0, 0.0]

#conv = loc("conv")
#weight = loc("conv.weight")
#node = loc(fused["node", "other"])
#scale = loc(callsite("scale" at "caller"))
#zeros = loc("zeros")
func.func @net(%x: tensor<1x3x8x8xf32> {onnx.name = "input"}) -> (tensor<1x4x8x8xf32> {onnx.name = "output"}) {
  %none = "onnx.NoValue"() {value} : () -> none
  %0 = "onnx.Constant"() : () -> tensor<4x3x3x3xf32> loc(#weight)
  %1 = "onnx.Conv"(%x, %0, %none) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, none) -> tensor<1x4x8x8xf32> loc(#conv)
  %2 = "onnx.Constant"() {gnomon.init = "kaiming_uniform"} : () -> tensor<4x4x1x1xf32> loc(#weight)
  %3 = "onnx.Constant"() : () -> tensor<4xf32> loc("bias")
  %4 = "onnx.Conv"(%1, %2, %3) {kernel_shape = [1, 1]} : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32> loc(#conv)
  %5 = "onnx.Constant"() {gnomon.init = "ones"} : () -> tensor<4xf32> loc(#scale)
  %6 = "onnx.Constant"() {gnomon.init = "zeros"} : () -> tensor<4xf32> loc(#zeros)
  %7 = "onnx.Constant"() {gnomon.init = "zeros"} : () -> tensor<4xf32> loc(#zeros)
  %8 = "onnx.Constant"() {gnomon.init = "ones"} : () -> tensor<4xf32> loc(#scale)
  %9 = "onnx.BatchNormalization"(%4, %5, %6, %7, %8) : (tensor<1x4x8x8xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4x8x8xf32> loc(#node)
  %unread = "onnx.Constant"() : () -> tensor<4xf32> loc("unread")
  return %9 : tensor<1x4x8x8xf32>
}
