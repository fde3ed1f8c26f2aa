// What is not `predicted` is named, with the reason.
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle top=0' -o /dev/null | FileCheck %s
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle format=json' -o /dev/null | FileCheck %s --check-prefix=JSON

// CHECK: extrapolated 1 ops
// CHECK-NEXT: Conv: 1 kernels, {{.*}} ms: flops {{.*}} is outside the training range 1000..1e+07
// CHECK-NEXT: roofline 2 ops
// CHECK-NEXT: Relu: 2 kernels, {{.*}} ms: the bundle has no model for 'elementwise'
// CHECK-NEXT: unsupported 1 ops
// CHECK-NEXT: NoSuchOperator: 1 kernels, 0.000 ms: no feature extractor knows 'NoSuchOperator'

// JSON: "name": "conv1"
// JSON: "reason": "flops {{.*}} is outside the training range
// JSON: "source": "extrapolated"
func.func @main(%x: tensor<1x64x128x128xf32>, %w: tensor<64x64x3x3xf32>) -> tensor<1x64x128x128xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "conv1"} : (tensor<1x64x128x128xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x128x128xf32>
  %1 = "onnx.Relu"(%0) : (tensor<1x64x128x128xf32>) -> tensor<1x64x128x128xf32>
  %2 = "onnx.NoSuchOperator"(%1) : (tensor<1x64x128x128xf32>) -> tensor<1x64x128x128xf32>
  %3 = "onnx.Relu"(%2) : (tensor<1x64x128x128xf32>) -> tensor<1x64x128x128xf32>
  return %3 : tensor<1x64x128x128xf32>
}
