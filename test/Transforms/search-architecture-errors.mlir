// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=0.5' 2>&1 | FileCheck %s --check-prefix=IMPOSSIBLE
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 objective=beauty' 2>&1 | FileCheck %s --check-prefix=OBJECTIVE
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 algorithm=guess' 2>&1 | FileCheck %s --check-prefix=ALGORITHM
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=-1' 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/test/Transforms/Inputs/few-convolutions.json' 2>&1 | FileCheck %s --check-prefix=MODEL
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 output-file=/no/such/folder/front.json' 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 objective=macs:beauty max-latency-us=50 algorithm=evolution' 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 objective=mnasnet max-latency-us=50' 2>&1 | FileCheck %s --check-prefix=EXACT
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 objective=mnasnet algorithm=evolution' 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 objective=add-linear max-latency-us=50 algorithm=evolution' 2>&1 | FileCheck %s --check-prefix=SHARE
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 constraint=pray' 2>&1 | FileCheck %s --check-prefix=CONSTRAINT
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 constraint=reject algorithm=fp-nas' 2>&1 | FileCheck %s --check-prefix=REJECT
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 algorithm=one-proxy max-latency-us=50' 2>&1 | FileCheck %s --check-prefix=PROXY
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 proxy=%gnomon_source/test/Inputs/toy-bundle' 2>&1 | FileCheck %s --check-prefix=PROXY
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 algorithm=one-proxy proxy=%gnomon_source/test/Inputs/toy-bundle' 2>&1 | FileCheck %s --check-prefix=LIMIT
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 algorithm=exhaustive evaluations=1' 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 algorithm=candidates' 2>&1 | FileCheck %s --check-prefix=JUDGE
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 evaluations=0' 2>&1 | FileCheck %s --check-prefix=NONE

// IMPOSSIBLE: error: no network keeps 0.500 us: the least reachable bound is {{[0-9.]+}} us (predicted {{[0-9.]+}} us)
// OBJECTIVE: error: objective: no metric 'beauty', expected one of: macs, params
// ALGORITHM: error: algorithm: no 'guess', expected one of: exact
// NEGATIVE: error: max-latency-us: expected a finite time of at least 0, found -1
// MODEL: error: accuracy: {{.*}}few-convolutions.json{{.*}}first
// FORM: error: objective: no form 'beauty', expected one of: hard, mnasnet, mnasnet-hard, mul-log, add-linear
// EXACT: error: objective: expected an algorithm that weighs networks for 'mnasnet', such as evolution; found 'exact'
// TARGET: error: trade-off: expected a budget, which is the target; found none
// SHARE: error: trade-off: expected an objective between 0 and 1 for mul-log and add-linear, found 'macs'
// CONSTRAINT: error: constraint: expected 'repair' or 'reject', found 'pray'
// REJECT: error: constraint: expected evolution, two-stage or random, which can reject networks; found 'fp-nas'
// PROXY: error: proxy: expected a bundle together with algorithm=one-proxy, and only with it
// LIMIT: error: one-proxy search of {{.*}}: expected a limit of the metric that is measured
// SMALL: error: exhaustive search of {{.*}}: more than the limit of 1 networks
// JUDGE: error: algorithm: expected an accuracy network for 'candidates'; a metric alone is solved by the exact search
// NONE: error: evaluations: expected at least 1, found 0
// FILE: error: {{.*}}/no/such/folder/front.json
gnomon.decision @act ["relu", "tanh"]
func.func @network(%0: tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32> {
  %1 = gnomon.choice @act (%0 : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  "relu" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Relu"(%x) : (tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "tanh" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Tanh"(%x) : (tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  return %1 : tensor<1x16x14x14xf32>
}
