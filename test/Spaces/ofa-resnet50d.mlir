// Widths between blocks are tied decisions: unknown outside, asked for again by
// what reads them. The shortcut of a first block averages and projects.
// RUN: gnomon-opt %s --gnomon-build-space='space=ofa-resnet50d resolutions=64' | FileCheck %s

// CHECK: gnomon.decision @stem_depth ["d0", "d2"]
// CHECK-NEXT: gnomon.decision @stem_mid_width ["w65", "w100"]
// CHECK-NEXT: gnomon.decision @stem_width ["w65", "w80", "w100"]
// CHECK-NEXT: gnomon.decision @stage1_width ["w65", "w80", "w100"]
// CHECK-NEXT: gnomon.decision @stage1_depth ["d0", "d1", "d2"]
// CHECK-NEXT: gnomon.decision @stage1_block0 ["e20", "e25", "e35"]
// CHECK-LABEL: func.func @ofa_resnet50d_r64
// CHECK: %[[MID:.*]] = gnomon.choice @stem_mid_width (%arg0 : tensor<1x3x64x64xf32>) -> tensor<1x?x32x32xf32>
// CHECK: %[[MORE:.*]] = gnomon.choice @stem_depth (%[[MID]] : tensor<1x?x32x32xf32>) -> tensor<1x?x32x32xf32>
// CHECK-NEXT: "d0" (%[[X:.*]]: tensor<1x?x32x32xf32>) {
// CHECK-NEXT: gnomon.yield %[[X]]
// CHECK: "d2"
// CHECK: "w65" (%[[X:.*]]: tensor<1x24x32x32xf32>) {
// CHECK: "onnx.Add"(%{{.*}}, %[[X]])
// CHECK: %[[STEM:.*]] = gnomon.choice @stem_mid_width (%[[MORE]] : tensor<1x?x32x32xf32>) -> tensor<1x?x16x16xf32>
// CHECK: gnomon.choice @stem_width (%{{.*}} : tensor<1x24x32x32xf32>) -> tensor<1x?x16x16xf32>
// CHECK: "onnx.MaxPool"
// CHECK: gnomon.choice @stem_width (%[[STEM]] : tensor<1x?x16x16xf32>) -> tensor<1x?x16x16xf32>
// CHECK-NEXT: "w65" (%{{.*}}: tensor<1x40x16x16xf32>) {
// CHECK-NEXT: gnomon.choice @stage1_width
// CHECK-NEXT: "w65" (%{{.*}}: tensor<1x40x16x16xf32>) {
// CHECK-NEXT: gnomon.choice @stage1_block0 (%{{.*}}) -> tensor<1x168x16x16xf32>
// CHECK-NEXT: "e20" (%[[X:.*]]: tensor<1x40x16x16xf32>) {
// CHECK-NEXT: "onnx.Conv"(%[[X]], %{{.*}}) {{.*}} -> tensor<1x32x16x16xf32>
// CHECK: %[[P:.*]] = "onnx.AveragePool"(%[[X]])
// CHECK-NEXT: "onnx.Conv"(%[[P]], %{{.*}}) {{.*}} -> tensor<1x168x16x16xf32>
// CHECK: "onnx.Add"
// CHECK-NEXT: "onnx.Relu"
module {}
