// One module, one cache: kernels that differ in resolution, batch or element type alone
// must not answer for one another, and equal ones must answer the same. (A published
// search kept latencies by kernel size, expansion and depth and forgot the resolution:
// its network for 20 ms takes 34.6 ms.)
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle' -o /dev/null | FileCheck %s --check-prefixes=CPU
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle device=toy-fast' -o /dev/null | FileCheck %s --check-prefixes=FAST

// CPU: @r224: 19.654 ms
// CPU: @r160: 10.034 ms
// CPU: @r160_batch2: 20.055 ms
// CPU: @r224_again: 19.654 ms
// CPU: @relu_f32: 0.421 ms
// CPU: @relu_f16: 0.216 ms

// FAST: @r224: 0.030 ms
// FAST: @r160: 0.021 ms
// FAST: @r160_batch2: 0.031 ms
// FAST: @r224_again: 0.030 ms

func.func @r224(%x: tensor<1x2x224x224xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x4x224x224xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x2x224x224xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x224x224xf32>
  return %0 : tensor<1x4x224x224xf32>
}

func.func @r160(%x: tensor<1x2x160x160xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x4x160x160xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x2x160x160xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x160x160xf32>
  return %0 : tensor<1x4x160x160xf32>
}

func.func @r160_batch2(%x: tensor<2x2x160x160xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<2x4x160x160xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<2x2x160x160xf32>, tensor<4x2x3x3xf32>) -> tensor<2x4x160x160xf32>
  return %0 : tensor<2x4x160x160xf32>
}

func.func @r224_again(%x: tensor<1x2x224x224xf32>, %w: tensor<4x2x3x3xf32>) -> tensor<1x4x224x224xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x2x224x224xf32>, tensor<4x2x3x3xf32>) -> tensor<1x4x224x224xf32>
  return %0 : tensor<1x4x224x224xf32>
}

func.func @relu_f32(%x: tensor<1x2x160x160xf32>) -> tensor<1x2x160x160xf32> {
  %0 = "onnx.Relu"(%x) : (tensor<1x2x160x160xf32>) -> tensor<1x2x160x160xf32>
  return %0 : tensor<1x2x160x160xf32>
}

func.func @relu_f16(%x: tensor<1x2x160x160xf16>) -> tensor<1x2x160x160xf16> {
  %0 = "onnx.Relu"(%x) : (tensor<1x2x160x160xf16>) -> tensor<1x2x160x160xf16>
  return %0 : tensor<1x2x160x160xf16>
}
