// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle' -o /dev/null | FileCheck %s --check-prefix=TEXT
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle format=json output-file=print-cost.tmp.json' -o /dev/null
// RUN: FileCheck %s --check-prefix=JSON < print-cost.tmp.json
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle top=1' -o /dev/null | FileCheck %s --check-prefix=TOP
// RUN: not gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle format=xml' 2>&1 | FileCheck %s --check-prefix=FORMAT

// Network: sum of kernels + 0.5 us a kernel + 10 us.
// TEXT: device toy-cpu, bundle toy
// TEXT: @main: 0.046 ms, between 0.042 and 0.051 at 90%
// TEXT: predicted 1 ops
// TEXT: roofline 1 ops
// TEXT: 32.038 26.230 39.131 predicted conv conv1
// TEXT: 3.048 {{.*}} roofline elementwise relu1

// JSON: "device": "toy-cpu"
// JSON: "functions": [
// JSON: "kernels": [
// JSON: "name": "conv1"
// JSON: "name": "relu1"
// JSON: "network": {
// JSON: "high_us": 50.932
// JSON: "latency_us": 46.085
// JSON: "schema": 1

// TOP: conv1
// TOP-NEXT: and 1 more kernels

// FORMAT: error: format: expected 'text' or 'json', found 'xml'

func.func @main(%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x3x3xf32>) -> tensor<1x4x8x8xf32> {
  %0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "conv1"} : (tensor<1x4x8x8xf32>, tensor<4x4x3x3xf32>) -> tensor<1x4x8x8xf32>
  %1 = "onnx.Relu"(%0) {onnx_node_name = "relu1"} : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return %1 : tensor<1x4x8x8xf32>
}

func.func @second(%x: tensor<256xf32>) -> tensor<256xf32> {
  return %x : tensor<256xf32>
}
