// RUN: rm -rf %t && mkdir -p %t && cd %t
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=front.json' | FileCheck %s
// RUN: FileCheck %s --check-prefix=FRONT < front.json
// RUN: gnomon-opt %s --mlir-disable-threading --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=again.json' -o /dev/null
// RUN: diff front.json again.json
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 algorithm=two-stage' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=evolution' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=netadapt' | FileCheck %s --check-prefix=SHRUNK
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=netadapt-v2' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=fp-nas' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=flash' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=gradient' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=la-dnas' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=random' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 evaluations=200 algorithm=exhaustive' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 algorithm=one-proxy proxy=%gnomon_source/test/Inputs/toy-bundle' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 algorithm=ilp' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 algorithm=evolution constraint=reject objective=macs:hard' | FileCheck %s --check-prefix=BUDGET
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=25 algorithm=evolution objective=macs:mnasnet output-file=weighed.json' | FileCheck %s --check-prefix=WEIGHED
// RUN: FileCheck %s --check-prefix=WEIGHED-FRONT < weighed.json
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/few-convolutions.json' | FileCheck %s --check-prefix=ACCURACY

// Without a budget the best of all; a Relu that is fused costs nothing, so that
// the option without it is never better.
// CHECK: gnomon.decision @first ["conv", "skip"] selected "conv"
// CHECK: gnomon.decision @second ["relu", "conv", "skip"] selected "conv"
// BUDGET: gnomon.decision @first ["conv", "skip"] selected "skip"
// BUDGET: gnomon.decision @second ["relu", "conv", "skip"] selected "relu"
// What is fused costs nothing, so that leaving it out is no worse.
// SHRUNK: gnomon.decision @first ["conv", "skip"] selected "skip"
// SHRUNK: gnomon.decision @second ["relu", "conv", "skip"] selected "{{relu|skip}}"
// The budget is weighed, and passed for three times the MACs.
// WEIGHED: gnomon.decision @first ["conv", "skip"] selected "conv"
// WEIGHED: gnomon.decision @second ["relu", "conv", "skip"] selected "conv"
// WEIGHED-FRONT: "tradeoff": "mnasnet"
// ACCURACY: gnomon.decision @first ["conv", "skip"] selected "skip"
// ACCURACY: gnomon.decision @second ["relu", "conv", "skip"] selected "conv"

// FRONT: "algorithm": "exact"
// FRONT: "exact_gap": 0
// FRONT: "objective": "macs"
// FRONT: "points": [
// FRONT: "first": "skip"
// FRONT-NEXT: "second": "relu"
// FRONT: "high_us": [[#]].
// FRONT: "macs": 451584
// FRONT: "first": "conv"
// FRONT-NEXT: "second": "relu"
// FRONT: "macs": 903168
// FRONT: "first": "conv"
// FRONT-NEXT: "second": "conv"
// FRONT: "macs": 1354752
// FRONT: "schema": 1
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
