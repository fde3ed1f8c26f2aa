// The plugin in the stock mlir-opt, given once and twice.
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-annotate-cost{bundle=%gnomon_source/test/Inputs/toy-bundle})' %s | FileCheck %s
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-annotate-cost{bundle=%gnomon_source/test/Inputs/toy-bundle})' %s | FileCheck %s
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin %s | FileCheck %s --check-prefix=PARSE

// CHECK: "onnx.Relu"(%{{.*}}) {gnomon.estimate = #gnomon.estimate<latency_us = 3.048
// PARSE: "onnx.Relu"
func.func @net(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
