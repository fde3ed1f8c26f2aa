// RUN: gnomon-opt %s --split-input-file --verify-diagnostics --gnomon-annotate-cost='bundle=%gnomon_source/test/Transforms/Inputs/block-table'
// RUN: not gnomon-opt %s --gnomon-record-features='bundle=%gnomon_source/test/Transforms/Inputs/block-table' 2>&1 | FileCheck %s --check-prefix=FEATURES
// RUN: not gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Transforms/Inputs/block-table device=tablet' 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not gnomon-opt %s --gnomon-check-budget='bundle=%gnomon_source/test/Transforms/Inputs/block-table max-latency-us=9 confidence=0.9' 2>&1 | FileCheck %s --check-prefix=CONFIDENCE
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/test/Transforms/Inputs/block-table confidence=0.9' 2>&1 | FileCheck %s --check-prefix=CONFIDENCE
// RUN: not gnomon-opt %s --split-input-file --gnomon-check-budget='bundle=%gnomon_source/test/Transforms/Inputs/block-table max-latency-us=9' 2>&1 | FileCheck %s --check-prefix=BUDGET

// FEATURES: error: features of kernels: bundle 'blocks' has tables of blocks; expected one that knows kernels
// DEVICE: error: device: the tables of bundle 'blocks' are of 'phone', found 'tablet'
// CONFIDENCE: error: confidence: the tables of bundle 'blocks' have no intervals (interval_log), so that bounds are the sums themselves; expected no confidence, found 0.9
// BUDGET: error: function 'known' may take up to 10.0 us (10.0 us expected, no interval known), over the budget of 9.0 us
// BUDGET: note: kernel 'stem' (block) takes 10.0 us
func.func @known(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
  %0 = "onnx.Relu"(%x) {gnomon.block = "stem"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return %0 : tensor<1x3x8x8xf32>
}

// -----

func.func @unknown_key(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
  // expected-error @below {{bundle 'blocks': no entry 'deep' for resolution 8; its tables are for 16}}
  %0 = "onnx.Relu"(%x) {gnomon.block = "deep"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return %0 : tensor<1x3x8x8xf32>
}

// -----

// expected-error @below {{function 'no_keys' has no block with a key (gnomon.block) to look up}}
func.func @no_keys(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
  %0 = "onnx.Relu"(%x) : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  return %0 : tensor<1x3x8x8xf32>
}

// -----

// expected-error @below {{expected an image argument of type}}
func.func @no_image(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = "onnx.Relu"(%x) {gnomon.block = "stem"} : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

gnomon.decision @act ["relu", "skip"]
func.func @choices(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
  // expected-error @below {{expected a network without choices to look up; gnomon-materialize-choices makes one}}
  %0 = gnomon.choice @act (%x : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  "relu" (%a: tensor<1x3x8x8xf32>) {
    %y = "onnx.Relu"(%a) {gnomon.block = "stem"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  "skip" (%a: tensor<1x3x8x8xf32>) {
    gnomon.yield %a : tensor<1x3x8x8xf32>
  }
  return %0 : tensor<1x3x8x8xf32>
}
