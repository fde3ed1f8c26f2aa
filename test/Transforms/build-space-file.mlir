// RUN: gnomon-opt %s --gnomon-build-space='space-file=%gnomon_source/test/Transforms/Inputs/own-space.json' -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: gnomon-opt %t.mlir --gnomon-materialize-choices='selection=resolution=16,stage_depth=1,stage=skip' | FileCheck %s --check-prefix=LEAST
// RUN: gnomon-opt %t.mlir --gnomon-materialize-choices='selection=resolution=32,stage_depth=3,stage=deep,inner=pool' | FileCheck %s --check-prefix=MOST

// CHECK: gnomon.space = "own"
// CHECK: gnomon.decision @resolution ["16", "32"]
// CHECK-NEXT: gnomon.decision @stage_depth ["1", "3"]
// CHECK-NEXT: gnomon.decision @stage ["small", "deep", "skip"]
// CHECK-NEXT: gnomon.decision @inner ["k3", "pool"]
// CHECK-NEXT: func.func @own_r16(%{{.*}}: tensor<1x3x16x16xf32>
// CHECK-SAME: -> (tensor<1x10xf32> {onnx.name = "output"})
// CHECK-SAME: gnomon.alternative = #gnomon.alternative<@resolution, "16">

// The strides of repeated blocks count once, depths nest, repetitions are tied.
// CHECK: "onnx.Conv"{{.*}} strides = [2, 2]
// CHECK: %[[FIRST:.*]] = gnomon.choice @stage (%{{.*}} : tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
// CHECK: "deep" (%[[X:.*]]: tensor<1x8x8x8xf32>) {
// CHECK-NEXT: %[[A:.*]] = gnomon.choice @inner (%[[X]]
// CHECK: %[[B:.*]] = gnomon.choice @inner (%[[A]]
// CHECK: "onnx.Add"(%[[B]], %[[X]])
// CHECK: "skip" (%[[Y:.*]]: tensor<1x8x8x8xf32>) {
// CHECK-NEXT: gnomon.yield %[[Y]]
// CHECK: gnomon.choice @stage_depth (%[[FIRST]]
// CHECK-NEXT: "1" (%[[Z:.*]]: tensor<1x8x8x8xf32>) {
// CHECK-NEXT: gnomon.yield %[[Z]]
// CHECK: "3"
// CHECK: gnomon.choice @stage
// CHECK: gnomon.choice @stage
// CHECK: func.func @own_r32

// LEAST: func.func @own_r16
// LEAST-COUNT-1: "onnx.Conv"
// LEAST-NOT: "onnx.Conv"
// LEAST: "onnx.GlobalAveragePool"
// MOST: func.func @own_r32
// MOST-COUNT-6: "onnx.AveragePool"
// MOST-NEXT: "onnx.Add"
// MOST-NOT: gnomon.
module {}
