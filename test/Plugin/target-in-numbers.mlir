// A GPU that only the module knows, in the stock mlir-opt: with one multiprocessor
// the 16 tiles take more rounds than any in training.
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-annotate-cost{bundle=%gnomon_source/test/Inputs/toy-gpu-bundle})' %s | FileCheck %s
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-print-cost{bundle=%gnomon_source/test/Inputs/toy-gpu-bundle})' %s -o /dev/null | FileCheck %s --check-prefix=PRINT
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-print-cost{bundle=%gnomon_source/test/Inputs/toy-gpu-bundle device=small-gpu})' %s -o /dev/null | FileCheck %s --check-prefix=OPTION

// CHECK: latency_us = 6.207
// CHECK-SAME: source = extrapolated
// PRINT: device one-sm, bundle toy-gpu
// PRINT: waves_64x64 16 is outside the training range 0.1..10
// OPTION: device small-gpu
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"L1_cache_size_in_bytes" = 32768 : i32>,
    "GPU" = #dlti.target_device_spec<
      "gnomon.name" = "one-sm", "gnomon.peak_flops.f32" = 1.0e12 : f64,
      "gnomon.memory_bandwidth_bytes_per_s" = 1.0e11 : f64,
      "gnomon.launch_overhead_us" = 6.0 : f64,
      "gnomon.caches_bytes.l2" = 1048576 : i32, "gnomon.sm_count" = 1 : i32>>} {
  func.func @net(%x: tensor<1x8x32x32xf32>) -> tensor<1x8x32x32xf32> {
    %w = "onnx.Constant"() : () -> tensor<8x8x3x3xf32>
    %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x8x32x32xf32>, tensor<8x8x3x3xf32>) -> tensor<1x8x32x32xf32>
    return %0 : tensor<1x8x32x32xf32>
  }
}
