// Estimates as remarks in the stock mlir-opt: shown, written as YAML, filtered.
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-annotate-cost{bundle=%gnomon_source/test/Inputs/toy-bundle})' --remarks-filter=gnomon %s -o /dev/null 2>&1 | FileCheck %s --check-prefix=SHOWN
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-annotate-cost{bundle=%gnomon_source/test/Inputs/toy-bundle})' --remarks-filter-analyse=gnomon --remark-format=yaml --remarks-output-file=%t.yaml %s -o /dev/null
// RUN: FileCheck %s --check-prefix=YAML < %t.yaml
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-annotate-cost{bundle=%gnomon_source/test/Inputs/toy-bundle})' --remarks-filter=other %s -o /dev/null 2>&1 | count 0

// SHOWN: remarks.mlir:[[#@LINE+16]]:{{.*}}remark: [Analysis] estimate
// SHOWN-SAME: kernel=relu1
// SHOWN-SAME: source=roofline

// YAML: --- !Analysis
// YAML-NEXT: Pass: gnomon
// YAML-NEXT: Name: estimate
// YAML-NEXT: DebugLoc: { File: {{.*}}remarks.mlir
// YAML: Function: net
// YAML: - kernel: relu1
// YAML: - kind: elementwise
// YAML: - latency_us: '{{.*}}3.048
// YAML: - low_us:
// YAML: - high_us:
// YAML: - source: roofline
func.func @net(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) {onnx_node_name = "relu1"} : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
