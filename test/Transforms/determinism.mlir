// The same bytes for repeated runs, with and without threads: IR, report,
// features and remarks.
// DEFINE: %{bundle} = bundle=%gnomon_source/data/models/ort-cpu-1t-f32
// DEFINE: %{threads} =
// DEFINE: %{out} = %t.first
// DEFINE: %{run} = gnomon-opt %s %{threads} --gnomon-annotate-cost='%{bundle}' --gnomon-print-cost='%{bundle} format=json output-file=%{out}.json' --gnomon-record-features='%{bundle} output-file=%{out}.csv' --remarks-filter=gnomon --remark-format=yaml --remarks-output-file=%{out}.yaml -o %{out}.mlir
// RUN: %{run}
// REDEFINE: %{out} = %t.second
// RUN: %{run}
// REDEFINE: %{out} = %t.single
// REDEFINE: %{threads} = --mlir-disable-threading
// RUN: %{run}
// RUN: diff %t.first.mlir %t.second.mlir && diff %t.first.mlir %t.single.mlir
// RUN: diff %t.first.json %t.second.json && diff %t.first.json %t.single.json
// RUN: diff %t.first.csv %t.second.csv && diff %t.first.csv %t.single.csv
// RUN: diff %t.first.yaml %t.second.yaml && diff %t.first.yaml %t.single.yaml
// RUN: FileCheck %s < %t.first.mlir

// CHECK-LABEL: func.func @first
// CHECK: source = predicted
// CHECK-LABEL: func.func @second
// CHECK: source = predicted
// CHECK-LABEL: func.func @third
// CHECK: source =
func.func @first(%x: tensor<1x64x56x56xf32>, %w: tensor<64x64x3x3xf32>) -> tensor<1x64x56x56xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x64x56x56xf32>, tensor<64x64x3x3xf32>) -> tensor<1x64x56x56xf32>
  %1 = "onnx.Relu"(%0) : (tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32>
  return %1 : tensor<1x64x56x56xf32>
}

func.func @second(%x: tensor<128x768xf32>, %w: tensor<768x3072xf32>) -> tensor<128x3072xf32> {
  %0 = "onnx.MatMul"(%x, %w) : (tensor<128x768xf32>, tensor<768x3072xf32>) -> tensor<128x3072xf32>
  %1 = "onnx.Softmax"(%0) {axis = 1 : si64} : (tensor<128x3072xf32>) -> tensor<128x3072xf32>
  return %1 : tensor<128x3072xf32>
}

func.func @third(%x: tensor<1x64x56x56xf32>) -> tensor<1x64x1x1xf32> {
  %0 = "onnx.GlobalAveragePool"(%x) : (tensor<1x64x56x56xf32>) -> tensor<1x64x1x1xf32>
  return %0 : tensor<1x64x1x1xf32>
}
