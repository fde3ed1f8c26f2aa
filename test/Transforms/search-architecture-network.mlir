// RUN: rm -rf %t && mkdir -p %t && cd %t
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/either-convolution.json stand-in=%gnomon_source/test/Transforms/Inputs/few-convolutions.json max-latency-us=1000' | FileCheck %s
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/either-convolution.json stand-in=%gnomon_source/test/Transforms/Inputs/few-convolutions.json max-latency-us=1000 algorithm=evolution' | FileCheck %s
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/either-convolution.json stand-in=%gnomon_source/test/Transforms/Inputs/few-convolutions.json output-file=front.json' | FileCheck %s --check-prefix=FRONT
// RUN: FileCheck %s --check-prefix=POINTS < front.json
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/few-convolutions.json max-latency-us=1000 algorithm=evolution' | FileCheck %s --check-prefix=FRONT
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/few-convolutions.json max-latency-us=1000 algorithm=gradient' | FileCheck %s --check-prefix=FRONT
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/few-convolutions.json max-latency-us=1000 algorithm=flash' | FileCheck %s --check-prefix=FRONT
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/either-convolution.json stand-in=%gnomon_source/test/Transforms/Inputs/few-convolutions.json max-latency-us=1000 algorithm=la-dnas' | FileCheck %s
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/either-convolution.json' 2>&1 | FileCheck %s --check-prefix=ALONE

// The network prefers the first convolution alone, the stand-in the second.
// CHECK: gnomon.decision @first ["conv", "skip"] selected "conv"
// CHECK: gnomon.decision @second ["relu", "conv", "skip"] selected "relu"

// Without a budget: the best of the stand-in's front.
// FRONT: gnomon.decision @first ["conv", "skip"] selected "skip"
// FRONT: gnomon.decision @second ["relu", "conv", "skip"] selected "conv"
// POINTS: "assumed_error": {{[0-9.]+}}
// POINTS: "exact_gap": null
// POINTS: "accuracy": 0,
// POINTS-NEXT: "accuracy_stand_in": 0.5,
// POINTS: "accuracy": 0.5,
// POINTS-NEXT: "accuracy_stand_in": 0.{{[0-9]+}},

// ALONE: error: accuracy: a network needs a stand-in of kind additive
module attributes {onnx.opset_imports = {ai.onnx = 17 : i64}} {
gnomon.decision @first ["conv", "skip"]
gnomon.decision @second ["relu", "conv", "skip"]
func.func @network(%0: tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32> {
  %w = "onnx.Constant"() : () -> tensor<16x16x3x3xf32>
  %n = "onnx.NoValue"() {value} : () -> none
  %s = "onnx.Conv"(%0, %w, %n) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x3x3xf32>, none) -> tensor<1x16x14x14xf32>
  %1 = gnomon.choice @first (%s : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  "conv" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Conv"(%x, %w, %n) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x3x3xf32>, none) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "skip" (%x: tensor<1x16x14x14xf32>) {
    gnomon.yield %x : tensor<1x16x14x14xf32>
  }
  %2 = gnomon.choice @second (%1 : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  "relu" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Relu"(%x) : (tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "conv" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Conv"(%x, %w, %n) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x3x3xf32>, none) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "skip" (%x: tensor<1x16x14x14xf32>) {
    gnomon.yield %x : tensor<1x16x14x14xf32>
  }
  return %2 : tensor<1x16x14x14xf32>
}
}
