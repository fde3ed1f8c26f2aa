// RUN: gnomon-opt %s --verify-diagnostics --gnomon-check-budget='bundle=%gnomon_source/test/Inputs/toy-bundle max-latency-us=14.9'
// RUN: not gnomon-opt %s --gnomon-check-budget='bundle=%gnomon_source/test/Inputs/toy-bundle' 2>&1 | FileCheck %s --check-prefix=BUDGET
// RUN: not gnomon-opt %s --gnomon-check-budget='bundle=%gnomon_source/test/Inputs/toy-bundle max-latency-us=-1' 2>&1 | FileCheck %s --check-prefix=BUDGET
// RUN: not gnomon-opt %s --gnomon-check-budget='bundle=%gnomon_source/test/Inputs/toy-bundle max-latency-us=nan' 2>&1 | FileCheck %s --check-prefix=BUDGET
// RUN: not gnomon-opt %s --gnomon-check-budget='bundle=%gnomon_source/test/Inputs/toy-bundle max-latency-us=9 confidence=0.99' 2>&1 | FileCheck %s --check-prefix=CONFIDENCE

// BUDGET: max-latency-us: expected a finite number of microseconds greater than 0
// CONFIDENCE: confidence: bundle 'toy' is calibrated from 0.8{{.*}} to 0.9{{.*}}, found 0.99

// expected-error @below {{function 'over_budget' may take up to 15.0 us (13.5 us expected, 90% confidence), over the budget of 14.9 us}}
func.func @over_budget(%x: tensor<256xf32>) -> tensor<256xf32> {
  // expected-note @below {{kernel 'relu1' (elementwise) takes 3.0 us}}
  %0 = "onnx.Relu"(%x) {onnx_node_name = "relu1"} : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
