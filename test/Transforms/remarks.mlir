// Estimates are remarks, which stock flags turn into YAML.
// RUN: gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-bundle' --remarks-filter=gnomon --remark-format=yaml --remarks-output-file=%t.yaml -o /dev/null
// RUN: FileCheck %s < %t.yaml

// CHECK: --- !Analysis
// CHECK: Pass: {{.*}}gnomon
// CHECK: Name: {{.*}}estimate
// CHECK: Function: {{.*}}net
// CHECK: - kernel: {{.*}}relu1
// CHECK: - latency_us: {{.*}}3.048
// CHECK: - source: {{.*}}roofline
func.func @net(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) {onnx_node_name = "relu1"} : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
