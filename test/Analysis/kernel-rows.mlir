// RUN: gnomon-opt %s --gnomon-record-features='bundle=%gnomon_source/data/models/ort-cpu-1t-f32' -o /dev/null > %t.csv
// RUN: cut -d, -f1-9 %t.csv | FileCheck %s
// RUN: FileCheck %s --check-prefix=LAST --input-file=%t.csv

// A Gelu found in its parts has the row of a native one.
// CHECK: gelu_parts,{{.*}},elementwise,Gelu,
// CHECK-SAME: [[ROW:[0-9]+,[0-9.]+,[0-9]+]]
// CHECK: gelu_native,{{.*}},elementwise,Gelu,
// CHECK-SAME: [[ROW]]
func.func @gelu_parts(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %root = "onnx.Constant"() {value = dense<1.41421354> : tensor<f32>} : () -> tensor<f32>
  %one = "onnx.Constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %half = "onnx.Constant"() {value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %0 = "onnx.Div"(%x, %root) : (tensor<4x64xf32>, tensor<f32>) -> tensor<4x64xf32>
  %1 = "onnx.Erf"(%0) : (tensor<4x64xf32>) -> tensor<4x64xf32>
  %2 = "onnx.Add"(%1, %one) : (tensor<4x64xf32>, tensor<f32>) -> tensor<4x64xf32>
  %3 = "onnx.Mul"(%x, %2) : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>
  %4 = "onnx.Mul"(%3, %half) : (tensor<4x64xf32>, tensor<f32>) -> tensor<4x64xf32>
  return %4 : tensor<4x64xf32>
}
func.func @gelu_native(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %0 = "onnx.Gelu"(%x) : (tensor<4x64xf32>) -> tensor<4x64xf32>
  return %0 : tensor<4x64xf32>
}

// A dense layer is a Gemm, from a product and a sum too.
// CHECK: dense,{{.*}},gemm,Gemm,
// Its code is Gemm's in Operations.def, which bundles hold: it must not move.
// LAST: dense,{{.*}},gemm,Gemm,{{.*}},145{{,*$}}
func.func @dense(%x: tensor<2x4x64xf32>) -> tensor<2x4x32xf32> {
  %w = "onnx.Constant"() {value = dense<1.0> : tensor<64x32xf32>} : () -> tensor<64x32xf32>
  %b = "onnx.Constant"() {value = dense<1.0> : tensor<32xf32>} : () -> tensor<32xf32>
  %0 = "onnx.MatMul"(%x, %w) : (tensor<2x4x64xf32>, tensor<64x32xf32>) -> tensor<2x4x32xf32>
  %1 = "onnx.Add"(%0, %b) : (tensor<2x4x32xf32>, tensor<32xf32>) -> tensor<2x4x32xf32>
  return %1 : tensor<2x4x32xf32>
}

// Only the first kernel reads an input of the network: 1024 bytes of it.
// LAST: chain,first,elementwise,{{.*}},1024,{{[0-9]+,*$}}
// LAST: chain,second,elementwise,{{.*}},0,{{[0-9]+,*$}}
func.func @chain(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Sin"(%x) {onnx_node_name = "first"} : (tensor<256xf32>) -> tensor<256xf32>
  %1 = "onnx.Sin"(%0) {onnx_node_name = "second"} : (tensor<256xf32>) -> tensor<256xf32>
  return %1 : tensor<256xf32>
}

// A factor for each channel between blocked convolutions runs as a convolution
// and costs what a normalization does.
// CHECK: scaled,factor,normalization,Conv,
func.func @scaled(%x: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> {
  %w = "onnx.Constant"() {value = dense<1.0> : tensor<16x16x3x3xf32>} : () -> tensor<16x16x3x3xf32>
  %f = "onnx.Constant"() {value = dense<2.0> : tensor<1x16x1x1xf32>} : () -> tensor<1x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %1 = "onnx.Relu"(%0) : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %2 = "onnx.Mul"(%1, %f) {onnx_node_name = "factor"} : (tensor<1x16x8x8xf32>, tensor<1x16x1x1xf32>) -> tensor<1x16x8x8xf32>
  %3 = "onnx.Conv"(%2, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  return %3 : tensor<1x16x8x8xf32>
}
