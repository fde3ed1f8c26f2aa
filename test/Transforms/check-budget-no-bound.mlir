// A bound that leaves kernels out is none.
// RUN: gnomon-opt %s --split-input-file --verify-diagnostics --gnomon-check-budget='bundle=%gnomon_source/test/Inputs/toy-bundle max-latency-us=1000'

// expected-error @below {{function 'dynamic_shape' cannot be held against a budget: 1 of its 2 kernels have no cost}}
func.func @dynamic_shape(%x: tensor<256xf32>, %y: tensor<?xf32>) -> (tensor<256xf32>, tensor<?xf32>) {
  %0 = "onnx.Relu"(%x) : (tensor<256xf32>) -> tensor<256xf32>
  // expected-note @below {{no cost for kernel 'relu2': an operand or result has no static shape}}
  %1 = "onnx.Relu"(%y) {onnx_node_name = "relu2"} : (tensor<?xf32>) -> tensor<?xf32>
  return %0, %1 : tensor<256xf32>, tensor<?xf32>
}

// -----

// expected-error @below {{function 'unknown_operator' cannot be held against a budget: 1 of its 1 kernels have no cost}}
func.func @unknown_operator(%x: tensor<256xf32>) -> tensor<256xf32> {
  // expected-note @below {{no cost for kernel 'NoSuchOperator#0': no feature extractor knows 'NoSuchOperator'}}
  %0 = "onnx.NoSuchOperator"(%x) : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
