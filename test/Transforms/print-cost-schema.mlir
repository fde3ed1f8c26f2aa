// Every member of the JSON report is there, for each function and at the top.
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle format=json' -o /dev/null > %t.json
// RUN: %python %S/Inputs/report_schema.py %t.json helper main
// RUN: echo "module {}" | gnomon-opt --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle format=json' -o /dev/null > %t.empty.json
// RUN: %python %S/Inputs/report_schema.py %t.empty.json

func.func @helper(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}

func.func @main(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x3x3xf32>) -> tensor<1x4x8x8xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x4x8x8xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}
