// IR as onnx-mlir prints it, written by hand: a convolutional network of opset 11. Features
// and costs are those of the same network imported by gnomon-translate.
//
// The spelling is that of onnx-mlir's documentation: docs/Dialects/onnx.md for
// names of operations, operands and attributes (versioned ones such as
// ReduceMeanV13, MaxPoolSingleOut, BatchNormalizationInferenceMode, NoValue,
// Return, EntryPoint). The short form of Constant is that of the project's own
// tests (test/mlir/onnx), dense_resource<__elided__> is MLIR's for what
// --mlir-elide-elementsattrs-if-larger leaves out.

// RUN: %python %S/Inputs/twins.py conv %t.onnx
// RUN: gnomon-translate --import-onnx %t.onnx -o %t.ours.mlir
// RUN: gnomon-opt %t.ours.mlir --gnomon-record-features='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=onnx-mlir-conv.tmp.ours.csv' --gnomon-print-cost='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=onnx-mlir-conv.tmp.ours.txt' -o %t.ours.out
// RUN: gnomon-opt %s --gnomon-record-features='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=onnx-mlir-conv.tmp.theirs.csv' --gnomon-print-cost='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=onnx-mlir-conv.tmp.theirs.txt' -o %t.theirs.out
// All columns but the names of operations and of tensors.
// RUN: cut -d, -f1-4,7- onnx-mlir-conv.tmp.ours.csv > %t.ours.rows
// RUN: cut -d, -f1-4,7- onnx-mlir-conv.tmp.theirs.csv > %t.theirs.rows
// RUN: diff %t.ours.rows %t.theirs.rows
// RUN: diff onnx-mlir-conv.tmp.ours.txt onnx-mlir-conv.tmp.theirs.txt
// RUN: gnomon-features --uncovered %s
// RUN: FileCheck %s --input-file=%t.theirs.rows

// CHECK: function,name,kind,op
// CHECK: main_graph,conv0,conv,Conv
// CHECK: main_graph,softmax14,softmax,Softmax

module attributes {llvm.data_layout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128", llvm.target_triple = "x86_64-unknown-linux-gnu", "onnx-mlir.symbol-postfix" = "model"} {
  func.func @main_graph(%arg0: tensor<1x3x32x32xf32> {onnx.name = "x"}) -> (tensor<1x10xf32> {onnx.name = "y"}) {
    %0 = onnx.Constant dense_resource<__elided__> : tensor<16x3x3x3xf32>
    %1 = onnx.Constant dense<5.000000e-01> : tensor<16xf32>
    %2 = "onnx.Conv"(%arg0, %0, %1) {auto_pad = "NOTSET", group = 1 : si64, onnx_node_name = "conv0", pads = [1, 1, 1, 1], strides = [2, 2]} : (tensor<1x3x32x32xf32>, tensor<16x3x3x3xf32>, tensor<16xf32>) -> tensor<1x16x16x16xf32>
    %3 = onnx.Constant dense<5.000000e-01> : tensor<16xf32>
    %4 = onnx.Constant dense<5.000000e-01> : tensor<16xf32>
    %5 = onnx.Constant dense<5.000000e-01> : tensor<16xf32>
    %6 = onnx.Constant dense<5.000000e-01> : tensor<16xf32>
    %7 = "onnx.BatchNormalizationInferenceMode"(%2, %3, %4, %5, %6) {epsilon = 9.99999974E-6 : f32, momentum = 0.899999976 : f32, onnx_node_name = "batchnormalization1"} : (tensor<1x16x16x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<1x16x16x16xf32>
    %8 = "onnx.Relu"(%7) {onnx_node_name = "relu2"} : (tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
    %9 = "onnx.MaxPoolSingleOut"(%8) {auto_pad = "NOTSET", ceil_mode = 0 : si64, kernel_shape = [3, 3], onnx_node_name = "maxpool3", pads = [1, 1, 1, 1], storage_order = 0 : si64, strides = [2, 2]} : (tensor<1x16x16x16xf32>) -> tensor<1x16x8x8xf32>
    %10 = onnx.Constant dense_resource<__elided__> : tensor<16x1x3x3xf32>
    %11 = "onnx.NoValue"() {value} : () -> none
    %12 = "onnx.Conv"(%9, %10, %11) {auto_pad = "NOTSET", group = 16 : si64, onnx_node_name = "conv4", pads = [1, 1, 1, 1]} : (tensor<1x16x8x8xf32>, tensor<16x1x3x3xf32>, none) -> tensor<1x16x8x8xf32>
    %13 = onnx.Constant dense<0.000000e+00> : tensor<f32>
    %14 = onnx.Constant dense<6.000000e+00> : tensor<f32>
    %15 = "onnx.ClipV11"(%12, %13, %14) {onnx_node_name = "clip5"} : (tensor<1x16x8x8xf32>, tensor<f32>, tensor<f32>) -> tensor<1x16x8x8xf32>
    %16 = onnx.Constant dense_resource<__elided__> : tensor<16x16x1x1xf32>
    %17 = onnx.Constant dense<5.000000e-01> : tensor<16xf32>
    %18 = "onnx.Conv"(%15, %16, %17) {auto_pad = "NOTSET", group = 1 : si64, onnx_node_name = "conv6"} : (tensor<1x16x8x8xf32>, tensor<16x16x1x1xf32>, tensor<16xf32>) -> tensor<1x16x8x8xf32>
    %19 = "onnx.Add"(%18, %9) {onnx_node_name = "add7"} : (tensor<1x16x8x8xf32>, tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
    %20 = onnx.Constant dense<[0, 0, 1, 1, 0, 0, 1, 1]> : tensor<8xi64>
    %21 = "onnx.PadV11"(%19, %20, %11) {mode = "constant", onnx_node_name = "pad8"} : (tensor<1x16x8x8xf32>, tensor<8xi64>, none) -> tensor<1x16x10x10xf32>
    %22 = onnx.Constant dense<[1.000000e+00, 1.000000e+00, 2.000000e+00, 2.000000e+00]> : tensor<4xf32>
    %23 = "onnx.ResizeV11"(%21, %11, %22, %11) {coordinate_transformation_mode = "half_pixel", cubic_coeff_a = -7.500000e-01 : f32, exclude_outside = 0 : si64, extrapolation_value = 0.000000e+00 : f32, mode = "nearest", nearest_mode = "round_prefer_floor", onnx_node_name = "resize9"} : (tensor<1x16x10x10xf32>, none, tensor<4xf32>, none) -> tensor<1x16x20x20xf32>
    %24 = "onnx.AveragePool"(%23) {auto_pad = "NOTSET", ceil_mode = 0 : si64, count_include_pad = 0 : si64, kernel_shape = [2, 2], onnx_node_name = "averagepool10", strides = [2, 2]} : (tensor<1x16x20x20xf32>) -> tensor<1x16x10x10xf32>
    %25 = "onnx.GlobalAveragePool"(%24) {onnx_node_name = "globalaveragepool11"} : (tensor<1x16x10x10xf32>) -> tensor<1x16x1x1xf32>
    %26 = "onnx.SqueezeV11"(%25) {axes = [2, 3], onnx_node_name = "squeeze12"} : (tensor<1x16x1x1xf32>) -> tensor<1x16xf32>
    %27 = onnx.Constant dense_resource<__elided__> : tensor<10x16xf32>
    %28 = onnx.Constant dense<5.000000e-01> : tensor<10xf32>
    %29 = "onnx.Gemm"(%26, %27, %28) {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, onnx_node_name = "gemm13", transA = 0 : si64, transB = 1 : si64} : (tensor<1x16xf32>, tensor<10x16xf32>, tensor<10xf32>) -> tensor<1x10xf32>
    %30 = "onnx.SoftmaxV11"(%29) {axis = 1 : si64, onnx_node_name = "softmax14"} : (tensor<1x10xf32>) -> tensor<1x10xf32>
    onnx.Return %30 : tensor<1x10xf32>
  }
  "onnx.EntryPoint"() {func = @main_graph} : () -> ()
}
