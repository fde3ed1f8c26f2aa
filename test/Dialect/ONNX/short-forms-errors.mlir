// RUN: gnomon-opt %s --split-input-file --verify-diagnostics

func.func @not_elements() {
  // expected-error @+1 {{the elements of a tensor were expected}}
  %0 = onnx.Constant "text"
  return
}

// -----

func.func @no_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected ':'}}
  onnx.Return %x
}

// -----

func.func @too_many_types(%x: tensor<4xf32>) {
  // expected-error @+1 {{number of operands and types do not match: got 1 operands and 2 types}}
  onnx.Return %x : tensor<4xf32>, tensor<4xf32>
}

// -----

func.func @no_short_form(%x: tensor<4xf32>) {
  // expected-error @+1 {{custom op 'onnx.Relu' is unknown}}
  %0 = onnx.Relu %x : tensor<4xf32>
  return
}
