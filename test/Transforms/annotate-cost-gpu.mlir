// A bundle of utilisations knows GPUs by their ratios: one network on four of them.
// The convolution does 1179648 FLOPs in 16 tiles of 64 x 64 and moves 67840 bytes.
// RUN: gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-gpu-bundle' | FileCheck %s --check-prefix=OWN
// RUN: gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-gpu-bundle device=small-gpu' | FileCheck %s --check-prefix=SMALL
// RUN: gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-gpu-bundle device=LARGE' | FileCheck %s --check-prefix=LARGE
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-gpu-bundle device=bare-gpu' -o /dev/null | FileCheck %s --check-prefix=BARE
// RUN: not gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-gpu-bundle device=some-cpu' 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-bundle device=%gnomon_source/test/Inputs/toy-gpu-bundle/devices/small-gpu.json' 2>&1 | FileCheck %s --check-prefix=GPU

// Half a launch of 4 us and 1.179648 us of arithmetic, 1.6 rounds of tiles: e^1.
// OWN: latency_us = 5.207
// OWN-SAME: source = predicted
// OWN: "onnx.Relu"{{.*}} source = roofline
// Ten times the arithmetic.
// SMALL: latency_us = 34.066
// Two microseconds of launch, as measured, hide all of it.
// LARGE: latency_us = 2
// LARGE-SAME: source = predicted
// A ratio that is not known is outside of what was learned.
// BARE: extrapolated
// BARE-NEXT: Conv: 1 kernels, {{.*}}: waves_64x64 is not known of the device 'bare-gpu'

// CPU: error: device 'some-cpu' is of kind 'cpu'; bundle 'toy-gpu' knows devices of kind 'gpu' only
// GPU: error: device 'small-gpu' is of kind 'gpu'; bundle 'toy' knows devices of kind 'cpu' only
func.func @net(%x: tensor<1x8x32x32xf32>) -> tensor<1x8x32x32xf32> {
  %w = "onnx.Constant"() : () -> tensor<8x8x3x3xf32>
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x8x32x32xf32>, tensor<8x8x3x3xf32>) -> tensor<1x8x32x32xf32>
  %1 = "onnx.Relu"(%0) : (tensor<1x8x32x32xf32>) -> tensor<1x8x32x32xf32>
  return %1 : tensor<1x8x32x32xf32>
}
