// Elastic widths are tied decisions: what a stage makes is less exact outside of
// the choice, and known again where the next choice of the width begins.
// RUN: gnomon-opt %s --gnomon-build-space='space=tunas resolutions=32' | FileCheck %s

// CHECK: gnomon.decision @width0 ["c8", "c16", "c24", "c32"]
// CHECK: gnomon.decision @width8 ["c512", "c640", "c768", "c1024", "c1280", "c1536", "c2048"]
// CHECK: gnomon.decision @stage2_se ["off", "on"]
// CHECK-LABEL: func.func @tunas_r32
// CHECK: %[[STEM:.*]] = gnomon.choice @width0 (%arg0 : tensor<1x3x32x32xf32>) -> tensor<1x?x16x16xf32>
// CHECK: %[[FIRST:.*]] = gnomon.choice @width0 (%[[STEM]] : tensor<1x?x16x16xf32>) -> tensor<1x?x16x16xf32>
// CHECK-NEXT: "c8" (%[[X:.*]]: tensor<1x8x16x16xf32>) {
// CHECK: gnomon.choice @width1 (%{{.*}}, %[[X]] : tensor<1x8x16x16xf32>, tensor<1x8x16x16xf32>) -> tensor<1x?x16x16xf32>
// CHECK-NEXT: "c8" (%[[F:.*]]: tensor<1x8x16x16xf32>, %[[I:.*]]: tensor<1x8x16x16xf32>) {
// CHECK: "onnx.Add"(%{{.*}}, %[[I]])
// CHECK: "c16"
// CHECK-NOT: "onnx.Add"
// CHECK: "c24"

// CHECK: gnomon.choice @width1 (%[[FIRST]] : tensor<1x?x16x16xf32>) -> tensor<1x?x8x8xf32>
// CHECK-NEXT: "c8" (%[[X:.*]]: tensor<1x8x16x16xf32>) {
// CHECK-NEXT: gnomon.choice @stage1_block0 (%[[X]] : tensor<1x8x16x16xf32>) -> tensor<1x?x8x8xf32>
// CHECK-NEXT: "k3e1"
// CHECK: gnomon.choice @width2
// CHECK: gnomon.choice @width2 (%{{.*}} : tensor<1x?x8x8xf32>) -> tensor<1x?x8x8xf32>
// CHECK-NEXT: "c8" (%[[X:.*]]: tensor<1x8x8x8xf32>) {
// CHECK-NEXT: gnomon.choice @stage1_depth (%[[X]] : tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>

// CHECK: gnomon.choice @stage2_se
// CHECK-NEXT: "off" (%[[X:.*]]: tensor<{{.*}}>) {
// CHECK-NEXT: gnomon.yield %[[X]]
// CHECK: "on"
// CHECK-NEXT: "onnx.GlobalAveragePool"
module {}
