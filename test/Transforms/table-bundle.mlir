// A bundle of tables knows blocks by their keys (gnomon.block), not kernels.
// RUN: rm -rf %t && mkdir -p %t && cd %t
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/test/Transforms/Inputs/block-table output-file=front.json' | FileCheck %s --check-prefix=BEST
// RUN: FileCheck %s --check-prefix=FRONT < front.json
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/test/Transforms/Inputs/block-table max-latency-us=46.5' --gnomon-materialize-choices -o found.mlir
// RUN: gnomon-opt found.mlir --gnomon-annotate-cost='bundle=%gnomon_source/test/Transforms/Inputs/block-table device=phone' | FileCheck %s --check-prefix=NOTED
// RUN: gnomon-opt found.mlir --gnomon-print-cost='bundle=%gnomon_source/test/Transforms/Inputs/block-table' -o /dev/null | FileCheck %s --check-prefix=TEXT
// RUN: gnomon-opt found.mlir --gnomon-print-cost='bundle=%gnomon_source/test/Transforms/Inputs/block-table format=json' -o /dev/null | FileCheck %s --check-prefix=JSON
// RUN: gnomon-opt found.mlir --gnomon-check-budget='bundle=%gnomon_source/test/Transforms/Inputs/block-table max-latency-us=46.5' -o /dev/null

// BEST: gnomon.decision @resolution ["8", "16"] selected "16"
// BEST: gnomon.decision @body ["wide", "narrow", "skip"] selected "wide"

// Microseconds are rounded to nanoseconds block by block, and the tables of a
// resolution win over those of all. Nobody needs the wide block at 8.
// FRONT: "bundle": {
// FRONT-NEXT: "fingerprint": "{{[0-9a-f]+}}"
// FRONT-NEXT: "name": "blocks"
// FRONT: "confidence": 0,
// FRONT-NEXT: "device": "phone"
// FRONT: "exact_gap": 0
// FRONT: "body": "skip",
// FRONT-NEXT: "resolution": "8"
// FRONT: "high_us": 11,
// FRONT-NEXT: "latency_us": 11,
// FRONT-NEXT: "low_us": 11,
// FRONT: "body": "narrow",
// FRONT-NEXT: "resolution": "8"
// FRONT: "latency_us": 16,
// FRONT: "body": "skip",
// FRONT-NEXT: "resolution": "16"
// FRONT: "latency_us": 26,
// FRONT: "body": "narrow",
// FRONT: "latency_us": 31,
// FRONT: "body": "wide",
// FRONT: "latency_us": 46.5,
// FRONT-NOT: "latency_us"

// NOTED: func.func @net16
// NOTED: "onnx.Conv"{{.*}}gnomon.kernel = "stem"
// NOTED: "onnx.Relu"{{.*}}gnomon.block = "stem", gnomon.estimate = #gnomon.estimate<latency_us = 25.0, low_us = 25.0, high_us = 25.0, confidence = 0.0, source = predicted, kind = "block", kernel = "stem">
// NOTED: gnomon.block = "wide", gnomon.estimate = #gnomon.estimate<latency_us = 20.5,
// NOTED: gnomon.block = "pool", gnomon.estimate = #gnomon.estimate<latency_us = 1.0,

// TEXT: device phone, bundle blocks
// TEXT-NEXT: @net16: 0.046 ms, no interval known
// TEXT-NEXT: predicted 4 ops unknown GFLOP 0.047 ms
// TEXT: 20.500 20.500 20.500 predicted block wide

// JSON: "device": "phone",
// JSON: "bytes": null,
// JSON-NEXT: "flops": null,
// JSON: "kind": "block",
// JSON: "name": "stem",
// JSON: "roofline_us": null,
// JSON: "confidence": 0,

module attributes {onnx.opset_imports = {ai.onnx = 17 : i64}} {
gnomon.decision @resolution ["8", "16"]
gnomon.decision @body ["wide", "narrow", "skip"]
func.func @net8(%0: tensor<1x3x8x8xf32>) -> tensor<1x3x1x1xf32> attributes {gnomon.alternative = #gnomon.alternative<@resolution, "8">} {
  %w = "onnx.Constant"() : () -> tensor<3x3x3x3xf32>
  %n = "onnx.NoValue"() {value} : () -> none
  %1 = "onnx.Conv"(%0, %w, %n) {pads = [1, 1, 1, 1]} : (tensor<1x3x8x8xf32>, tensor<3x3x3x3xf32>, none) -> tensor<1x3x8x8xf32>
  %2 = "onnx.Relu"(%1) {gnomon.block = "stem"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  %3 = gnomon.choice @body (%2 : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  "wide" (%x: tensor<1x3x8x8xf32>) {
    %y = "onnx.Conv"(%x, %w, %n) {gnomon.block = "wide", pads = [1, 1, 1, 1]} : (tensor<1x3x8x8xf32>, tensor<3x3x3x3xf32>, none) -> tensor<1x3x8x8xf32>
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  "narrow" (%x: tensor<1x3x8x8xf32>) {
    %v = "onnx.Constant"() : () -> tensor<3x3x1x1xf32>
    %y = "onnx.Conv"(%x, %v, %n) {gnomon.block = "narrow"} : (tensor<1x3x8x8xf32>, tensor<3x3x1x1xf32>, none) -> tensor<1x3x8x8xf32>
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  "skip" (%x: tensor<1x3x8x8xf32>) {
    gnomon.yield %x : tensor<1x3x8x8xf32>
  }
  %4 = "onnx.GlobalAveragePool"(%3) {gnomon.block = "pool"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x1x1xf32>
  return %4 : tensor<1x3x1x1xf32>
}
func.func @net16(%0: tensor<1x3x16x16xf32>) -> tensor<1x3x1x1xf32> attributes {gnomon.alternative = #gnomon.alternative<@resolution, "16">} {
  %w = "onnx.Constant"() : () -> tensor<3x3x3x3xf32>
  %n = "onnx.NoValue"() {value} : () -> none
  %1 = "onnx.Conv"(%0, %w, %n) {pads = [1, 1, 1, 1]} : (tensor<1x3x16x16xf32>, tensor<3x3x3x3xf32>, none) -> tensor<1x3x16x16xf32>
  %2 = "onnx.Relu"(%1) {gnomon.block = "stem"} : (tensor<1x3x16x16xf32>) -> tensor<1x3x16x16xf32>
  %3 = gnomon.choice @body (%2 : tensor<1x3x16x16xf32>) -> tensor<1x3x16x16xf32>
  "wide" (%x: tensor<1x3x16x16xf32>) {
    %y = "onnx.Conv"(%x, %w, %n) {gnomon.block = "wide", pads = [1, 1, 1, 1]} : (tensor<1x3x16x16xf32>, tensor<3x3x3x3xf32>, none) -> tensor<1x3x16x16xf32>
    gnomon.yield %y : tensor<1x3x16x16xf32>
  }
  "narrow" (%x: tensor<1x3x16x16xf32>) {
    %v = "onnx.Constant"() : () -> tensor<3x3x1x1xf32>
    %y = "onnx.Conv"(%x, %v, %n) {gnomon.block = "narrow"} : (tensor<1x3x16x16xf32>, tensor<3x3x1x1xf32>, none) -> tensor<1x3x16x16xf32>
    gnomon.yield %y : tensor<1x3x16x16xf32>
  }
  "skip" (%x: tensor<1x3x16x16xf32>) {
    gnomon.yield %x : tensor<1x3x16x16xf32>
  }
  %4 = "onnx.GlobalAveragePool"(%3) {gnomon.block = "pool"} : (tensor<1x3x16x16xf32>) -> tensor<1x3x1x1xf32>
  return %4 : tensor<1x3x1x1xf32>
}
}
