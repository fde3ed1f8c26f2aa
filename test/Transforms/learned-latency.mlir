// RUN: gnomon-opt %s --gnomon-annotate-latency-gradient='latency-model=%gnomon_source/test/Transforms/Inputs/learned-latency.json' | FileCheck %s
// RUN: sed 's/"two"\]/"two"] selected "one"/; s/@first \["wide", "narrow"\]/@first ["wide", "narrow"] selected "wide"/' %s | gnomon-opt --gnomon-annotate-latency-gradient='latency-model=%gnomon_source/test/Transforms/Inputs/learned-latency.json' | FileCheck %s --check-prefix=ONE
// RUN: gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/test/Transforms/Inputs/block-table algorithm=la-dnas latency-model=%gnomon_source/test/Transforms/Inputs/learned-latency.json max-latency-us=100 output-file=learned-latency.tmp.json'
// RUN: FileCheck %s --check-prefix=SEARCH < learned-latency.tmp.json
// RUN: not gnomon-opt %s --gnomon-annotate-latency-gradient='latency-model=%gnomon_source/test/Transforms/Inputs/learned-latency.json bundle=%gnomon_source/test/Transforms/Inputs/block-table' 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not gnomon-opt %s --gnomon-annotate-latency-gradient 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not gnomon-opt %s --gnomon-annotate-latency-gradient='latency-model=/no/such/model.json' 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not gnomon-opt %s --gnomon-annotate-latency-gradient='latency-model=%gnomon_source/data/accuracy/ofa-mbv3-mlp.json' 2>&1 | FileCheck %s --check-prefix=METRIC
// RUN: sed 's/attributes {/attributes {gnomon.space = "mine", /' %s | not gnomon-opt --gnomon-annotate-latency-gradient='latency-model=%gnomon_source/test/Transforms/Inputs/learned-latency.json' 2>&1 | FileCheck %s --check-prefix=SPACE
// RUN: sed 's/"narrow"/"thin"/' %s | not gnomon-opt --gnomon-annotate-latency-gradient='latency-model=%gnomon_source/test/Transforms/Inputs/learned-latency.json' 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/test/Transforms/Inputs/block-table latency-model=%gnomon_source/test/Transforms/Inputs/learned-latency.json max-latency-us=100' 2>&1 | FileCheck %s --check-prefix=ALGORITHM
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/test/Transforms/Inputs/block-table algorithm=la-dnas latency-model=%gnomon_source/test/Transforms/Inputs/learned-latency.json' 2>&1 | FileCheck %s --check-prefix=BUDGET

// By the inputs the network's slopes are 16, 6 and 5 us. The second block is
// there in half of all networks, and then wide in half of them.
// CHECK: gnomon.decision @depth ["one", "two"] {gnomon.latency_gradient_us = array<f64: 0.000000e+00, 8.000000e+00>}
// CHECK: gnomon.decision @first ["wide", "narrow"] {gnomon.latency_gradient_us = array<f64: 1.600000e+01, 0.000000e+00>}
// CHECK: gnomon.decision @second ["wide", "narrow"] {gnomon.latency_gradient_us = array<f64: 3.000000e+00, 0.000000e+00>}
// CHECK: gnomon.choice @first ({{.*}}gnomon.latency_gradient_us = array<f64: 1.600000e+01, 0.000000e+00>

// A wide first block stops the second unit.
// ONE: gnomon.decision @depth ["one", "two"] selected "one" {gnomon.latency_gradient_us = array<f64: 0.000000e+00, 1.000000e+01>}
// ONE: gnomon.decision @first ["wide", "narrow"] selected "wide" {gnomon.latency_gradient_us = array<f64: 2.000000e+01, 0.000000e+00>}
// ONE: gnomon.decision @second ["wide", "narrow"] {gnomon.latency_gradient_us = array<f64: 0.000000e+00, 0.000000e+00>}

// Three wide inputs: 0.01 * 4 ms.
// SEARCH: "latency_model": "learned"
// SEARCH: "learned_us": {{40|39.99|40.00}}

// BOTH: error: expected either bundle= (and device=) or latency-model=
// MISSING: error: latency-model: {{.*}}/no/such/model.json
// METRIC: error: latency-model: {{.*}}ofa-mbv3-mlp.json: expected a latency in ms or us to be minimized, found accuracy in fraction to be maximized
// SPACE: error: latency-model: {{.*}}learned-latency.json: is about two-blocks, expected mine
// OPTION: error: latency-model: {{.*}}learned-latency.json{{.*}}thin
// ALGORITHM: error: latency-model: expected la-dnas, which follows its gradients; found 'exact'
// BUDGET: error: latency-model: expected a budget of one device that is kept by its bound
module attributes {onnx.opset_imports = {ai.onnx = 17 : i64}} {
gnomon.decision @depth ["one", "two"]
gnomon.decision @first ["wide", "narrow"]
gnomon.decision @second ["wide", "narrow"]
func.func @network(%0: tensor<1x3x8x8xf32>) -> tensor<1x3x1x1xf32> {
  %w = "onnx.Constant"() : () -> tensor<3x3x3x3xf32>
  %v = "onnx.Constant"() : () -> tensor<3x3x1x1xf32>
  %n = "onnx.NoValue"() {value} : () -> none
  %1 = gnomon.choice @first (%0 : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  "wide" (%x: tensor<1x3x8x8xf32>) {
    %y = "onnx.Conv"(%x, %w, %n) {gnomon.block = "wide", pads = [1, 1, 1, 1]} : (tensor<1x3x8x8xf32>, tensor<3x3x3x3xf32>, none) -> tensor<1x3x8x8xf32>
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  "narrow" (%x: tensor<1x3x8x8xf32>) {
    %y = "onnx.Conv"(%x, %v, %n) {gnomon.block = "narrow"} : (tensor<1x3x8x8xf32>, tensor<3x3x1x1xf32>, none) -> tensor<1x3x8x8xf32>
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  %2 = gnomon.choice @depth (%1 : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
  "one" (%x: tensor<1x3x8x8xf32>) {
    gnomon.yield %x : tensor<1x3x8x8xf32>
  }
  "two" (%x: tensor<1x3x8x8xf32>) {
    %y = gnomon.choice @second (%x : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
    "wide" (%z: tensor<1x3x8x8xf32>) {
      %u = "onnx.Conv"(%z, %w, %n) {gnomon.block = "wide", pads = [1, 1, 1, 1]} : (tensor<1x3x8x8xf32>, tensor<3x3x3x3xf32>, none) -> tensor<1x3x8x8xf32>
      gnomon.yield %u : tensor<1x3x8x8xf32>
    }
    "narrow" (%z: tensor<1x3x8x8xf32>) {
      %u = "onnx.Conv"(%z, %v, %n) {gnomon.block = "narrow"} : (tensor<1x3x8x8xf32>, tensor<3x3x1x1xf32>, none) -> tensor<1x3x8x8xf32>
      gnomon.yield %u : tensor<1x3x8x8xf32>
    }
    gnomon.yield %y : tensor<1x3x8x8xf32>
  }
  %3 = "onnx.GlobalAveragePool"(%2) {gnomon.block = "pool"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x1x1xf32>
  return %3 : tensor<1x3x1x1xf32>
}
}
