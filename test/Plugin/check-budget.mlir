// A network over its budget fails the stock mlir-opt with an error that names the
// dearest kernels; one within it passes.
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-check-budget{bundle=%gnomon_source/test/Inputs/toy-bundle max-latency-us=1000})' %s -o /dev/null
// RUN: not %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-check-budget{bundle=%gnomon_source/test/Inputs/toy-bundle max-latency-us=20})' %s -o /dev/null 2>&1 | FileCheck %s

// CHECK: check-budget.mlir:[[#@LINE+5]]:{{.*}}error: function 'net' may take up to {{.*}} us ({{.*}} us expected, 90% confidence), over the budget of 20.0 us
// CHECK: check-budget.mlir:[[#@LINE+5]]:{{.*}}note: kernel 'dear' (conv) takes 32.0 us
// CHECK: check-budget.mlir:[[#@LINE+5]]:{{.*}}note: kernel 'cheap' (elementwise) takes 3.0 us
// CHECK-NOT: note: kernel

func.func @net(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x3x3xf32>) -> tensor<1x4x8x8xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "dear"} : (tensor<1x4x8x8xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x8x8xf32>
  %1 = "onnx.Relu"(%0) {onnx_node_name = "cheap"} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return %1 : tensor<1x4x8x8xf32>
}
