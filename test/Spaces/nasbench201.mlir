// A cell of NAS-Bench-201: edges are tied choices, node 1 is there only where it
// is read, and what is none is no term of a sum.
// RUN: gnomon-opt %s --gnomon-build-space='space=nasbench201 resolutions=32' | FileCheck %s
// RUN: gnomon-opt %s --gnomon-build-space='space=nasbench201 resolutions=32' --gnomon-materialize-choices='selection=resolution=32,edge_0_1=nor_conv_3x3,edge_0_2=none,edge_1_2=skip_connect,edge_0_3=skip_connect,edge_1_3=none,edge_2_3=none' | FileCheck %s --check-prefix=DEAD
// RUN: gnomon-opt %s --gnomon-build-space='space=nasbench201 resolutions=32' --gnomon-materialize-choices='selection=resolution=32,edge_0_1=none,edge_0_2=none,edge_1_2=none,edge_0_3=none,edge_1_3=none,edge_2_3=none' | FileCheck %s --check-prefix=NONE

// CHECK: gnomon.decision @edge_0_1 ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
// CHECK-LABEL: func.func @nasbench201_r32
// CHECK-SAME: -> (tensor<1x10xf32>
// CHECK: %[[STEM:.*]] = "onnx.BatchNormalization"
// CHECK-NEXT: %[[NODE1:.*]] = gnomon.choice @edge_1_3 () -> tensor<1x16x32x32xf32>
// CHECK-NEXT: "none" () {
// CHECK-NEXT: %[[READ:.*]] = gnomon.choice @edge_2_3 () -> tensor<1x16x32x32xf32>
// CHECK-NEXT: "none" () {
// CHECK-NEXT: gnomon.yield %[[STEM]]
// CHECK: gnomon.choice @edge_1_2
// CHECK: gnomon.choice @edge_0_1 (%[[STEM]] : tensor<1x16x32x32xf32>)
// CHECK-NEXT: "none" (%{{.*}}: tensor<1x16x32x32xf32>) {
// CHECK-NEXT: "onnx.Mul"(%[[STEM]], %{{.*}})
// CHECK: "skip_connect" (%[[X:.*]]: tensor<1x16x32x32xf32>) {
// CHECK-NEXT: gnomon.yield %[[X]]
// CHECK: "nor_conv_3x3" (%[[X:.*]]: tensor<1x16x32x32xf32>) {
// CHECK-NEXT: %[[R:.*]] = "onnx.Relu"(%[[X]])
// CHECK-NEXT: %[[C:.*]] = "onnx.Conv"(%[[R]], %{{.*}}) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
// CHECK-NEXT: "onnx.BatchNormalization"(%[[C]]
// CHECK: "avg_pool_3x3"
// CHECK-NEXT: "onnx.AveragePool"{{.*}}kernel_shape = [3, 3], pads = [1, 1, 1, 1]

// Edge 0-3 alone makes every cell the identity.
// DEAD: %[[X:.*]] = "onnx.BatchNormalization"
// DEAD-NEXT: %[[R:.*]] = "onnx.Relu"(%[[X]])
// DEAD-NEXT: %[[A:.*]] = "onnx.Conv"(%[[R]], %{{.*}}) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [2, 2]}
// DEAD: %[[P:.*]] = "onnx.AveragePool"(%[[X]])

// NONE: %[[X:.*]] = "onnx.BatchNormalization"
// NONE-NEXT: %[[Y:.*]] = "onnx.Mul"(%[[X]], %[[ZERO:.*]]) :
// NONE-NEXT: "onnx.Mul"(%[[Y]], %{{.*}}) :
module {}
