// RUN: gnomon-opt %s --gnomon-check-budget='bundle=%gnomon_source/test/Inputs/toy-bundle max-latency-us=15' | FileCheck %s

// 10 us + 0.5 us a kernel + 3.048 us: at most 14.97 us, and the IR is untouched.
// CHECK: onnx.Relu
// CHECK-NOT: gnomon.estimate
func.func @within_budget(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
