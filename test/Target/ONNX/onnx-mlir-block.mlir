// IR as onnx-mlir prints it, written by hand: one block of a transformer encoder of opset 12. Features
// and costs are those of the same network imported by gnomon-translate.
//
// The spelling is that of onnx-mlir's documentation: docs/Dialects/onnx.md for
// names of operations, operands and attributes (versioned ones such as
// ReduceMeanV13, MaxPoolSingleOut, BatchNormalizationInferenceMode, NoValue,
// Return, EntryPoint). The short form of Constant is that of the project's own
// tests (test/mlir/onnx), dense_resource<__elided__> is MLIR's for what
// --mlir-elide-elementsattrs-if-larger leaves out.

// RUN: %python %S/Inputs/twins.py block %t.onnx
// RUN: gnomon-translate --import-onnx %t.onnx -o %t.ours.mlir
// RUN: gnomon-opt %t.ours.mlir --gnomon-record-features='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=onnx-mlir-block.tmp.ours.csv' --gnomon-print-cost='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=onnx-mlir-block.tmp.ours.txt' -o %t.ours.out
// RUN: gnomon-opt %s --gnomon-record-features='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=onnx-mlir-block.tmp.theirs.csv' --gnomon-print-cost='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=onnx-mlir-block.tmp.theirs.txt' -o %t.theirs.out
// All columns but the names of operations and of tensors.
// RUN: cut -d, -f1-4,7- onnx-mlir-block.tmp.ours.csv > %t.ours.rows
// RUN: cut -d, -f1-4,7- onnx-mlir-block.tmp.theirs.csv > %t.theirs.rows
// RUN: diff %t.ours.rows %t.theirs.rows
// RUN: diff onnx-mlir-block.tmp.ours.txt onnx-mlir-block.tmp.theirs.txt
// RUN: gnomon-features --uncovered %s
// RUN: FileCheck %s --input-file=%t.theirs.rows

// CHECK: function,name,kind,op
// CHECK: main_graph,add8,normalization,LayerNormalization
// CHECK: main_graph,matmul17,gemm,Gemm
// CHECK: main_graph,gemm46,gemm,Gemm

module attributes {llvm.data_layout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128", llvm.target_triple = "x86_64-unknown-linux-gnu", "onnx-mlir.symbol-postfix" = "model"} {
  func.func @main_graph(%arg0: tensor<1x20x64xf32> {onnx.name = "x"}) -> (tensor<1x8xf32> {onnx.name = "y"}) {
    %0 = "onnx.ReduceMeanV13"(%arg0) {axes = [-1], keepdims = 1 : si64, onnx_node_name = "reducemean0"} : (tensor<1x20x64xf32>) -> tensor<1x20x1xf32>
    %1 = "onnx.Sub"(%arg0, %0) {onnx_node_name = "sub1"} : (tensor<1x20x64xf32>, tensor<1x20x1xf32>) -> tensor<1x20x64xf32>
    %2 = onnx.Constant dense<2.000000e+00> : tensor<f32>
    %3 = "onnx.Pow"(%1, %2) {onnx_node_name = "pow2"} : (tensor<1x20x64xf32>, tensor<f32>) -> tensor<1x20x64xf32>
    %4 = "onnx.ReduceMeanV13"(%3) {axes = [-1], keepdims = 1 : si64, onnx_node_name = "reducemean3"} : (tensor<1x20x64xf32>) -> tensor<1x20x1xf32>
    %5 = onnx.Constant dense<9.99999974E-6> : tensor<f32>
    %6 = "onnx.Add"(%4, %5) {onnx_node_name = "add4"} : (tensor<1x20x1xf32>, tensor<f32>) -> tensor<1x20x1xf32>
    %7 = "onnx.Sqrt"(%6) {onnx_node_name = "sqrt5"} : (tensor<1x20x1xf32>) -> tensor<1x20x1xf32>
    %8 = "onnx.Div"(%1, %7) {onnx_node_name = "div6"} : (tensor<1x20x64xf32>, tensor<1x20x1xf32>) -> tensor<1x20x64xf32>
    %9 = onnx.Constant dense<5.000000e-01> : tensor<64xf32>
    %10 = "onnx.Mul"(%8, %9) {onnx_node_name = "mul7"} : (tensor<1x20x64xf32>, tensor<64xf32>) -> tensor<1x20x64xf32>
    %11 = onnx.Constant dense<5.000000e-01> : tensor<64xf32>
    %12 = "onnx.Add"(%10, %11) {onnx_node_name = "add8"} : (tensor<1x20x64xf32>, tensor<64xf32>) -> tensor<1x20x64xf32>
    %13 = onnx.Constant dense_resource<__elided__> : tensor<64x64xf32>
    %14 = "onnx.MatMul"(%12, %13) {onnx_node_name = "matmul9"} : (tensor<1x20x64xf32>, tensor<64x64xf32>) -> tensor<1x20x64xf32>
    %15 = onnx.Constant dense<5.000000e-01> : tensor<64xf32>
    %16 = "onnx.Add"(%14, %15) {onnx_node_name = "add10"} : (tensor<1x20x64xf32>, tensor<64xf32>) -> tensor<1x20x64xf32>
    %17 = onnx.Constant dense<[1, 20, 4, 16]> : tensor<4xi64>
    %18 = "onnx.Reshape"(%16, %17) {allowzero = 0 : si64, onnx_node_name = "reshape11"} : (tensor<1x20x64xf32>, tensor<4xi64>) -> tensor<1x20x4x16xf32>
    %19 = "onnx.Transpose"(%18) {onnx_node_name = "transpose12", perm = [0, 2, 1, 3]} : (tensor<1x20x4x16xf32>) -> tensor<1x4x20x16xf32>
    %20 = onnx.Constant dense_resource<__elided__> : tensor<64x64xf32>
    %21 = "onnx.MatMul"(%12, %20) {onnx_node_name = "matmul13"} : (tensor<1x20x64xf32>, tensor<64x64xf32>) -> tensor<1x20x64xf32>
    %22 = onnx.Constant dense<5.000000e-01> : tensor<64xf32>
    %23 = "onnx.Add"(%21, %22) {onnx_node_name = "add14"} : (tensor<1x20x64xf32>, tensor<64xf32>) -> tensor<1x20x64xf32>
    %24 = onnx.Constant dense<[1, 20, 4, 16]> : tensor<4xi64>
    %25 = "onnx.Reshape"(%23, %24) {allowzero = 0 : si64, onnx_node_name = "reshape15"} : (tensor<1x20x64xf32>, tensor<4xi64>) -> tensor<1x20x4x16xf32>
    %26 = "onnx.Transpose"(%25) {onnx_node_name = "transpose16", perm = [0, 2, 1, 3]} : (tensor<1x20x4x16xf32>) -> tensor<1x4x20x16xf32>
    %27 = onnx.Constant dense_resource<__elided__> : tensor<64x64xf32>
    %28 = "onnx.MatMul"(%12, %27) {onnx_node_name = "matmul17"} : (tensor<1x20x64xf32>, tensor<64x64xf32>) -> tensor<1x20x64xf32>
    %29 = onnx.Constant dense<5.000000e-01> : tensor<64xf32>
    %30 = "onnx.Add"(%28, %29) {onnx_node_name = "add18"} : (tensor<1x20x64xf32>, tensor<64xf32>) -> tensor<1x20x64xf32>
    %31 = onnx.Constant dense<[1, 20, 4, 16]> : tensor<4xi64>
    %32 = "onnx.Reshape"(%30, %31) {allowzero = 0 : si64, onnx_node_name = "reshape19"} : (tensor<1x20x64xf32>, tensor<4xi64>) -> tensor<1x20x4x16xf32>
    %33 = "onnx.Transpose"(%32) {onnx_node_name = "transpose20", perm = [0, 2, 3, 1]} : (tensor<1x20x4x16xf32>) -> tensor<1x4x16x20xf32>
    %34 = "onnx.MatMul"(%19, %33) {onnx_node_name = "matmul21"} : (tensor<1x4x20x16xf32>, tensor<1x4x16x20xf32>) -> tensor<1x4x20x20xf32>
    %35 = onnx.Constant dense<4.000000e+00> : tensor<f32>
    %36 = "onnx.Div"(%34, %35) {onnx_node_name = "div22"} : (tensor<1x4x20x20xf32>, tensor<f32>) -> tensor<1x4x20x20xf32>
    %37 = "onnx.SoftmaxV11"(%36) {axis = 3 : si64, onnx_node_name = "softmax23"} : (tensor<1x4x20x20xf32>) -> tensor<1x4x20x20xf32>
    %38 = "onnx.MatMul"(%37, %26) {onnx_node_name = "matmul24"} : (tensor<1x4x20x20xf32>, tensor<1x4x20x16xf32>) -> tensor<1x4x20x16xf32>
    %39 = "onnx.Transpose"(%38) {onnx_node_name = "transpose25", perm = [0, 2, 1, 3]} : (tensor<1x4x20x16xf32>) -> tensor<1x20x4x16xf32>
    %40 = onnx.Constant dense<[1, 20, 64]> : tensor<3xi64>
    %41 = "onnx.Reshape"(%39, %40) {allowzero = 0 : si64, onnx_node_name = "reshape26"} : (tensor<1x20x4x16xf32>, tensor<3xi64>) -> tensor<1x20x64xf32>
    %42 = onnx.Constant dense_resource<__elided__> : tensor<64x64xf32>
    %43 = "onnx.MatMul"(%41, %42) {onnx_node_name = "matmul27"} : (tensor<1x20x64xf32>, tensor<64x64xf32>) -> tensor<1x20x64xf32>
    %44 = "onnx.Add"(%43, %arg0) {onnx_node_name = "add28"} : (tensor<1x20x64xf32>, tensor<1x20x64xf32>) -> tensor<1x20x64xf32>
    %45 = "onnx.ReduceMeanV13"(%44) {axes = [-1], keepdims = 1 : si64, onnx_node_name = "reducemean29"} : (tensor<1x20x64xf32>) -> tensor<1x20x1xf32>
    %46 = "onnx.Sub"(%44, %45) {onnx_node_name = "sub30"} : (tensor<1x20x64xf32>, tensor<1x20x1xf32>) -> tensor<1x20x64xf32>
    %47 = onnx.Constant dense<2.000000e+00> : tensor<f32>
    %48 = "onnx.Pow"(%46, %47) {onnx_node_name = "pow31"} : (tensor<1x20x64xf32>, tensor<f32>) -> tensor<1x20x64xf32>
    %49 = "onnx.ReduceMeanV13"(%48) {axes = [-1], keepdims = 1 : si64, onnx_node_name = "reducemean32"} : (tensor<1x20x64xf32>) -> tensor<1x20x1xf32>
    %50 = onnx.Constant dense<9.99999974E-6> : tensor<f32>
    %51 = "onnx.Add"(%49, %50) {onnx_node_name = "add33"} : (tensor<1x20x1xf32>, tensor<f32>) -> tensor<1x20x1xf32>
    %52 = "onnx.Sqrt"(%51) {onnx_node_name = "sqrt34"} : (tensor<1x20x1xf32>) -> tensor<1x20x1xf32>
    %53 = "onnx.Div"(%46, %52) {onnx_node_name = "div35"} : (tensor<1x20x64xf32>, tensor<1x20x1xf32>) -> tensor<1x20x64xf32>
    %54 = onnx.Constant dense<5.000000e-01> : tensor<64xf32>
    %55 = "onnx.Mul"(%53, %54) {onnx_node_name = "mul36"} : (tensor<1x20x64xf32>, tensor<64xf32>) -> tensor<1x20x64xf32>
    %56 = onnx.Constant dense<5.000000e-01> : tensor<64xf32>
    %57 = "onnx.Add"(%55, %56) {onnx_node_name = "add37"} : (tensor<1x20x64xf32>, tensor<64xf32>) -> tensor<1x20x64xf32>
    %58 = onnx.Constant dense_resource<__elided__> : tensor<64x128xf32>
    %59 = "onnx.MatMul"(%57, %58) {onnx_node_name = "matmul38"} : (tensor<1x20x64xf32>, tensor<64x128xf32>) -> tensor<1x20x128xf32>
    %60 = onnx.Constant dense<1.414200e+00> : tensor<f32>
    %61 = "onnx.Div"(%59, %60) {onnx_node_name = "div39"} : (tensor<1x20x128xf32>, tensor<f32>) -> tensor<1x20x128xf32>
    %62 = "onnx.Erf"(%61) {onnx_node_name = "erf40"} : (tensor<1x20x128xf32>) -> tensor<1x20x128xf32>
    %63 = onnx.Constant dense<5.000000e-01> : tensor<1xf32>
    %64 = "onnx.Add"(%62, %63) {onnx_node_name = "add41"} : (tensor<1x20x128xf32>, tensor<1xf32>) -> tensor<1x20x128xf32>
    %65 = "onnx.Mul"(%59, %64) {onnx_node_name = "mul42"} : (tensor<1x20x128xf32>, tensor<1x20x128xf32>) -> tensor<1x20x128xf32>
    %66 = onnx.Constant dense_resource<__elided__> : tensor<128x64xf32>
    %67 = "onnx.MatMul"(%65, %66) {onnx_node_name = "matmul43"} : (tensor<1x20x128xf32>, tensor<128x64xf32>) -> tensor<1x20x64xf32>
    %68 = "onnx.Add"(%67, %44) {onnx_node_name = "add44"} : (tensor<1x20x64xf32>, tensor<1x20x64xf32>) -> tensor<1x20x64xf32>
    %69 = onnx.Constant dense<0> : tensor<i64>
    %70 = "onnx.Gather"(%68, %69) {axis = 1 : si64, onnx_node_name = "gather45"} : (tensor<1x20x64xf32>, tensor<i64>) -> tensor<1x64xf32>
    %71 = onnx.Constant dense_resource<__elided__> : tensor<64x8xf32>
    %72 = onnx.Constant dense<5.000000e-01> : tensor<8xf32>
    %73 = "onnx.Gemm"(%70, %71, %72) {alpha = 1.000000e+00 : f32, beta = 1.000000e+00 : f32, onnx_node_name = "gemm46", transA = 0 : si64, transB = 0 : si64} : (tensor<1x64xf32>, tensor<64x8xf32>, tensor<8xf32>) -> tensor<1x8xf32>
    onnx.Return %73 : tensor<1x8xf32>
  }
  "onnx.EntryPoint"() {func = @main_graph} : () -> ()
}
