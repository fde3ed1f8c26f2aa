// FBNet's skip is a convolution where the shape changes and nothing elsewhere;
// grouped blocks shuffle their channels.
// RUN: gnomon-opt %s --gnomon-build-space='space=fbnet-cifar' | FileCheck %s

// CHECK-LABEL: func.func @fbnet_cifar_r32
// CHECK: gnomon.choice @block1 (%{{.*}} : tensor<1x16x32x32xf32>) -> tensor<1x24x32x32xf32>
// CHECK: "k3_e1_g2"
// CHECK-NEXT: "onnx.Conv"{{.*}}group = 2 : si64
// CHECK-NEXT: "onnx.BatchNormalization"
// CHECK-NEXT: "onnx.Relu"
// CHECK-NEXT: "onnx.Reshape"{{.*}} -> tensor<1x2x8x32x32xf32>
// CHECK-NEXT: "onnx.Transpose"{{.*}}{perm = [0, 2, 1, 3, 4]}
// CHECK-NEXT: "onnx.Reshape"{{.*}} -> tensor<1x16x32x32xf32>
// CHECK-NEXT: "onnx.Conv"{{.*}}group = 16 : si64
// CHECK: gnomon.block = "ConvBlock_H32_W32_Cin16_Cout24_exp1_kernel3_stride1_group2"
// CHECK: "skip"
// CHECK-NEXT: "onnx.Conv"{{.*}} -> tensor<1x24x32x32xf32>
// CHECK-NEXT: "onnx.BatchNormalization"
// CHECK-NEXT: "onnx.Relu"{{.*}}gnomon.block = "Skip_H32_W32_Cin16_Cout24_stride1"
// CHECK: gnomon.choice @block2
// CHECK: "skip" (%[[X:.*]]: tensor<1x24x32x32xf32>) {
// CHECK-NEXT: gnomon.yield %[[X]] : tensor<1x24x32x32xf32>
// CHECK: gnomon.block = "FC_Cin1504_Cout100"
module {}
