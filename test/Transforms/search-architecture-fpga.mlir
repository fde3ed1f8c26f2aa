// RUN: rm -rf %t && mkdir -p %t && cd %t
// RUN: gnomon-opt %s --gnomon-search-architecture='algorithm=hao fpga=%gnomon_source/data/fpga/zu3eg.json bits=8 output-file=front.json' | FileCheck %s
// RUN: FileCheck %s --check-prefix=FRONT < front.json
// RUN: gnomon-opt %s --mlir-disable-threading --gnomon-search-architecture='algorithm=hao fpga=%gnomon_source/data/fpga/zu3eg.json bits=8 output-file=again.json' -o /dev/null
// RUN: diff front.json again.json
// RUN: gnomon-opt %s --gnomon-search-architecture='algorithm=hao fpga=%gnomon_source/data/fpga/zu3eg.json bits=8 max-latency-us=10' | FileCheck %s --check-prefix=BUDGET
// RUN: not gnomon-opt %s --gnomon-search-architecture='algorithm=hao fpga=%gnomon_source/data/fpga/zu3eg.json max-latency-us=0.001' 2>&1 | FileCheck %s --check-prefix=IMPOSSIBLE
// RUN: not gnomon-opt %s --gnomon-search-architecture='algorithm=hao' 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not gnomon-opt %s --gnomon-search-architecture='algorithm=hao fpga=/no/such.json' 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not gnomon-opt %s --gnomon-search-architecture='algorithm=hao fpga=%gnomon_source/data/fpga/zu3eg.json bundle=%gnomon_source/data/models/ort-cpu-1t-f32' 2>&1 | FileCheck %s --check-prefix=BUNDLE
// RUN: not gnomon-opt %s --gnomon-search-architecture='algorithm=hao fpga=%gnomon_source/data/fpga/zu3eg.json objective=macs:mnasnet' 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: not gnomon-opt %s --gnomon-search-architecture='algorithm=hao fpga=%gnomon_source/data/fpga/zu3eg.json bits=8,64' 2>&1 | FileCheck %s --check-prefix=BITS
// RUN: not gnomon-opt %s --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 fpga=%gnomon_source/data/fpga/zu3eg.json' 2>&1 | FileCheck %s --check-prefix=EXACT

// CHECK: gnomon.decision @kernel ["one", "three"] selected "three"
// CHECK: gnomon.decision @last ["conv", "skip"] selected "conv"
// BUDGET: gnomon.decision @kernel ["one", "three"] selected "one"
// BUDGET: gnomon.decision @last ["conv", "skip"] selected "conv"

// FRONT: "algorithm": "hao"
// FRONT: "device": "zu3eg"
// FRONT: "exact_gap": 0
// FRONT: "merged": true
// FRONT: "bits": 8
// FRONT: "engine": "conv1x1"

// IMPOSSIBLE: error: no network was found that keeps 0.001 us on 'zu3eg': the fastest takes {{[0-9.]+}} us
// MISSING: error: algorithm: hao makes accelerators for an FPGA: expected fpga=FILE.json
// FILE: error: {{.*}}/no/such.json
// BUNDLE: error: bundle, device, confidence, sure, latency-model: mean nothing to hao, which asks no bundle
// FORM: error: objective: hao keeps budgets; expected 'hard', found 'mnasnet'
// BITS: error: bits: expected 1 to 32, found 64
// EXACT: error: fpga, bits: expected algorithm=hao, found 'exact'

gnomon.decision @kernel ["one", "three"]
gnomon.decision @last ["conv", "skip"]
func.func @network(%0: tensor<1x16x28x28xf32>, %w1: tensor<16x16x1x1xf32>, %w3: tensor<16x16x3x3xf32>) -> tensor<1x16x28x28xf32> {
  %1 = gnomon.choice @kernel (%0, %w1, %w3 : tensor<1x16x28x28xf32>, tensor<16x16x1x1xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x28x28xf32>
  "one" (%x: tensor<1x16x28x28xf32>, %a: tensor<16x16x1x1xf32>, %b: tensor<16x16x3x3xf32>) {
    %y = "onnx.Conv"(%x, %a) {kernel_shape = [1, 1]} : (tensor<1x16x28x28xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x28x28xf32>
    gnomon.yield %y : tensor<1x16x28x28xf32>
  }
  "three" (%x: tensor<1x16x28x28xf32>, %a: tensor<16x16x1x1xf32>, %b: tensor<16x16x3x3xf32>) {
    %y = "onnx.Conv"(%x, %b) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x28x28xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x28x28xf32>
    gnomon.yield %y : tensor<1x16x28x28xf32>
  }
  %2 = gnomon.choice @last (%1, %w1 : tensor<1x16x28x28xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x28x28xf32>
  "conv" (%x: tensor<1x16x28x28xf32>, %a: tensor<16x16x1x1xf32>) {
    %y = "onnx.Conv"(%x, %a) {kernel_shape = [1, 1]} : (tensor<1x16x28x28xf32>, tensor<16x16x1x1xf32>) -> tensor<1x16x28x28xf32>
    gnomon.yield %y : tensor<1x16x28x28xf32>
  }
  "skip" (%x: tensor<1x16x28x28xf32>, %a: tensor<16x16x1x1xf32>) {
    gnomon.yield %x : tensor<1x16x28x28xf32>
  }
  return %2 : tensor<1x16x28x28xf32>
}
