// A forest is read when a network needs it: one that is missing is an error in a
// network with kernels of its kind, and nothing to others.
// RUN: rm -rf %t && mkdir -p %t && cp %gnomon_source/test/Inputs/toy-bundle/bundle.json %t
// RUN: split-file %s %t/ir && cd %t
// RUN: gnomon-opt %t/ir/without.mlir --gnomon-annotate-cost=bundle=. | FileCheck %s
// RUN: not gnomon-opt %t/ir/with.mlir --gnomon-annotate-cost=bundle=. 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: not gnomon-opt %t/ir/with.mlir --gnomon-check-budget='bundle=. max-latency-us=1000' 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: not gnomon-opt %t/ir/with.mlir --gnomon-print-cost=bundle=. 2>&1 | FileCheck %s --check-prefix=ERROR

// CHECK: #gnomon.estimate
// ERROR: with.mlir:0:0: error: {{.*}}conv.json: No such file or directory

//--- without.mlir
func.func @without(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
//--- with.mlir
func.func @with(%x: tensor<1x8x4x4xf32>, %w: tensor<8x8x3x3xf32>) -> tensor<1x8x4x4xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x8x4x4xf32>, tensor<8x8x3x3xf32>) -> tensor<1x8x4x4xf32>
  return %0 : tensor<1x8x4x4xf32>
}
