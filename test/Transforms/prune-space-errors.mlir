// RUN: not gnomon-opt %s --gnomon-prune-space='bundle=%gnomon_source/data/models/ort-cpu-1t-f32' 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not gnomon-opt %s --gnomon-prune-space='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 keep=0' 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not gnomon-opt %s --gnomon-prune-space='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 keep=2' 2>&1 | FileCheck %s --check-prefix=CHOICES
// RUN: not gnomon-opt %s --gnomon-prune-space='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 keep=2 capacity=beauty' 2>&1 | FileCheck %s --check-prefix=CAPACITY
// RUN: not gnomon-opt %s --gnomon-prune-space='bundle=/no/such/bundle keep=2' 2>&1 | FileCheck %s --check-prefix=BUNDLE
// RUN: not gnomon-opt %s --gnomon-prune-space='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 keep=few' 2>&1 | FileCheck %s --check-prefix=NUMBER

// NONE: prune-space-errors.mlir:[[#]]:1: error: keep: expected at least one option a choice, found 0
// CHOICES: prune-space-errors.mlir:[[#]]:1: error: expected choices between operators to keep the best of, found none
// CAPACITY: prune-space-errors.mlir:[[#]]:1: error: capacity: expected 'macs' or 'params', found 'beauty'
// BUNDLE: error: {{.*}}/no/such/bundle
// NUMBER: for the --keep option: 'few'
module {
func.func @network(%0: tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32> {
  %1 = "onnx.Relu"(%0) : (tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  return %1 : tensor<1x16x14x14xf32>
}
}
