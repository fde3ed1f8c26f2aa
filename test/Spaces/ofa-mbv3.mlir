// A block of OFA-MobileNetV3, elastic depth around it, the head. Weights lie at
// the head of the function, for all options.
// RUN: gnomon-opt %s --gnomon-build-space='space=ofa-mbv3 resolutions=32' | FileCheck %s

// CHECK: gnomon.decision @resolution ["32"]
// CHECK-NEXT: gnomon.decision @stage1_depth ["d2", "d3", "d4"]
// CHECK-NEXT: gnomon.decision @stage1_block0 ["k3e3", "k3e4", "k3e6", "k5e3", "k5e4", "k5e6", "k7e3", "k7e4", "k7e6"]
// CHECK-LABEL: func.func @ofa_mbv3_r32(%arg0: tensor<1x3x32x32xf32> {onnx.name = "input"}) -> (tensor<1x1000xf32> {onnx.name = "output"})
// CHECK-SAME: gnomon.alternative = #gnomon.alternative<@resolution, "32">
// CHECK-NEXT: %[[STEM:.*]] = "onnx.Constant"() : () -> tensor<16x3x3x3xf32>
// CHECK-NEXT: "onnx.Constant"() {gnomon.init = "ones"} : () -> tensor<16xf32>
// CHECK: %[[C:.*]] = "onnx.Conv"(%arg0, %[[STEM]]) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [2, 2]}
// CHECK-NEXT: %[[N:.*]] = "onnx.BatchNormalization"(%[[C]]
// CHECK-NEXT: "onnx.HardSwish"(%[[N]]) {gnomon.block = "Conv-input:32x32x3-output:16x16x16"}

// The first block has no expansion; its input is added.
// CHECK-NEXT: "onnx.Conv"{{.*}}group = 16 : si64
// CHECK-NEXT: "onnx.BatchNormalization"
// CHECK-NEXT: "onnx.Relu"
// CHECK-NEXT: "onnx.Conv"
// CHECK-NEXT: "onnx.BatchNormalization"
// CHECK-NEXT: %[[FIRST:.*]] = "onnx.Add"{{.*}}gnomon.block = "expanded_conv-input:16x16x16-output:16x16x16-expand:16-kernel:3-stride:1-idskip:1-se:0-hs:0"

// CHECK-NEXT: gnomon.choice @stage1_block0 (%[[FIRST]] : tensor<1x16x16x16xf32>) -> tensor<1x24x8x8xf32>
// CHECK-NEXT: "k3e3" (%[[X:.*]]: tensor<1x16x16x16xf32>) {
// CHECK-NEXT: %[[E:.*]] = "onnx.Conv"(%[[X]], %{{.*}}) {kernel_shape = [1, 1]} : (tensor<1x16x16x16xf32>, tensor<48x16x1x1xf32>)
// CHECK: gnomon.block = "expanded_conv-input:16x16x16-output:8x8x24-expand:48-kernel:3-stride:2-idskip:0-se:0-hs:0"
// CHECK-NEXT: gnomon.yield
// CHECK-NEXT: }
// CHECK-NEXT: "k3e4" (

// CHECK: gnomon.choice @stage1_depth
// CHECK-NEXT: "d2" (%[[X:.*]]: tensor<1x24x8x8xf32>) {
// CHECK-NEXT: gnomon.yield %[[X]] : tensor<1x24x8x8xf32>
// CHECK: "d3" (%[[X:.*]]: tensor<1x24x8x8xf32>) {
// CHECK-NEXT: %[[Y:.*]] = gnomon.choice @stage1_block2 (%[[X]]
// CHECK: gnomon.yield %[[Y]] : tensor<1x24x8x8xf32>
// CHECK: "d4" (%[[X:.*]]: tensor<1x24x8x8xf32>) {
// CHECK-NEXT: gnomon.choice @stage1_block2 (%[[X]]
// CHECK: gnomon.choice @stage1_block3

// Squeeze and excitation from stage 2 on.
// CHECK: gnomon.choice @stage2_block0
// CHECK: %[[GAP:.*]] = "onnx.GlobalAveragePool"(%[[ACT:.*]]) :
// CHECK-NEXT: %[[S:.*]] = "onnx.Conv"(%[[GAP]], %{{.*}}, %{{.*}}) {kernel_shape = [1, 1]}
// CHECK-NEXT: %[[R:.*]] = "onnx.Relu"(%[[S]])
// CHECK-NEXT: %[[S2:.*]] = "onnx.Conv"(%[[R]]
// CHECK-NEXT: %[[H:.*]] = "onnx.HardSigmoid"(%[[S2]]) {alpha =
// CHECK-NEXT: "onnx.Mul"(%[[ACT]], %[[H]])

// CHECK: gnomon.block = "Conv_1-input:1x1x160-output:1x1x960"
// CHECK-NEXT: "onnx.GlobalAveragePool"({{.*}} {gnomon.block = "AvgPool2D-input:1x1x960-output:1x1x960"}
// CHECK-NEXT: "onnx.Conv"
// CHECK-NEXT: "onnx.HardSwish"({{.*}} {gnomon.block = "Conv_2-input:1x1x960-output:1x1x1280"}
// CHECK-NEXT: "onnx.Flatten"
// CHECK-NEXT: %[[LOGITS:.*]] = "onnx.Gemm"{{.*}}gnomon.block = "Logits-input:1x1x1280-output:1000", transB = 1 : si64
// CHECK-NEXT: return %[[LOGITS]]
module {}
