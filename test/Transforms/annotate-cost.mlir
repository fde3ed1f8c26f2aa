// RUN: gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-bundle' | FileCheck %s
// RUN: gnomon-opt %s --mlir-disable-threading --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-bundle' | FileCheck %s

// The roofline is 18432 FLOP at 1e9 FLOP/s and 1 us of overhead; the forest
// answers 0.5 for it, so 19.432 * exp(0.5).
// CHECK-LABEL: func.func @predicted
// CHECK: "onnx.Conv"
// CHECK-SAME: latency_us = 32.038, low_us = 26.23, high_us = 39.131, confidence = 0.9, source = predicted, kind = "conv", kernel = "conv1"
func.func @predicted(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x3x3xf32>) -> tensor<1x4x8x8xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "conv1"} : (tensor<1x4x8x8xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}

// CHECK-LABEL: func.func @outside_the_training_range
// CHECK: source = extrapolated
func.func @outside_the_training_range(%x: tensor<1x64x128x128xf32>, %w: tensor<64x64x3x3xf32>) -> tensor<1x64x128x128xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x64x128x128xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x128x128xf32>
  return %0 : tensor<1x64x128x128xf32>
}

// CHECK-LABEL: func.func @no_model_for_the_kind
// CHECK: latency_us = 3.048, {{.*}} source = roofline
func.func @no_model_for_the_kind(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}

// CHECK-LABEL: func.func @old_estimates_are_replaced
// CHECK-NOT: "stale"
func.func @old_estimates_are_replaced(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) {gnomon.kernel = "stale"} : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
