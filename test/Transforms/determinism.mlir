// The same bytes for repeated runs, with and without threads: IR, report,
// features and remarks.
// DEFINE: %{bundle} = bundle=%gnomon_source/data/models/ort-cpu-1t-f32
// DEFINE: %{threads} =
// DEFINE: %{out} = determinism.tmp.first
// DEFINE: %{run} = gnomon-opt %s %{threads} --gnomon-annotate-cost='%{bundle}' --gnomon-print-cost='%{bundle} format=json output-file=%{out}.json' --gnomon-record-features='%{bundle} output-file=%{out}.csv' --remarks-filter=gnomon --remark-format=yaml --remarks-output-file=%{out}.yaml -o %{out}.mlir
// RUN: %{run}
// REDEFINE: %{out} = determinism.tmp.second
// RUN: %{run}
// REDEFINE: %{out} = determinism.tmp.single
// REDEFINE: %{threads} = --mlir-disable-threading
// RUN: %{run}
// RUN: diff determinism.tmp.first.mlir determinism.tmp.second.mlir && diff determinism.tmp.first.mlir determinism.tmp.single.mlir
// RUN: diff determinism.tmp.first.json determinism.tmp.second.json && diff determinism.tmp.first.json determinism.tmp.single.json
// RUN: diff determinism.tmp.first.csv determinism.tmp.second.csv && diff determinism.tmp.first.csv determinism.tmp.single.csv
// RUN: diff determinism.tmp.first.yaml determinism.tmp.second.yaml && diff determinism.tmp.first.yaml determinism.tmp.single.yaml
// RUN: FileCheck %s < determinism.tmp.first.mlir

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
