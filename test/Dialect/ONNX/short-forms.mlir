// The forms in which onnx-mlir prints some operations are read.
// RUN: gnomon-opt %s | FileCheck %s
// RUN: gnomon-opt %s | gnomon-opt | FileCheck %s

// CHECK-LABEL: func.func @constants
func.func @constants() {
  // CHECK: "onnx.Constant"() {value = dense<[2, 3]> : tensor<2xi64>} : () -> tensor<2xi64>
  %0 = onnx.Constant dense<[2, 3]> : tensor<2xi64>
  // CHECK: "onnx.Constant"() {sparse_value = sparse<0, 1.000000e+00> : tensor<3xf32>} : () -> tensor<3xf32>
  %1 = onnx.Constant sparse<0, 1.000000e+00> : tensor<3xf32>
  // CHECK: "onnx.Constant"() {value_int = 1 : si64} : () -> tensor<i64>
  %2 = onnx.Constant {value_int = 1 : si64} : tensor<i64>
  // CHECK: "onnx.Constant"() {value = dense<1024> : tensor<1xi64>} : () -> tensor<*xi64>
  %3 = onnx.Constant {value = dense<1024> : tensor<1xi64>} : tensor<*xi64>
  // CHECK: "onnx.Constant"() : () -> tensor<64xf32>
  %4 = onnx.Constant : tensor<64xf32>
  // CHECK: "onnx.Constant"() {value = dense_resource<__elided__> : tensor<64xf32>} : () -> tensor<64xf32>
  %5 = onnx.Constant dense_resource<__elided__> : tensor<64xf32>
  return
}

// CHECK-LABEL: func.func @terminators
func.func @terminators(%c: tensor<i1>, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = "onnx.If"(%c) ({
    // CHECK: "onnx.Yield"(%arg1) : (tensor<4xf32>) -> ()
    onnx.Yield %x : tensor<4xf32>
  }, {
    %1 = "onnx.Relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    onnx.Yield %1 : tensor<4xf32>
  }) : (tensor<i1>) -> tensor<4xf32>
  // CHECK: "onnx.Return"({{.*}}, %arg1) : (tensor<4xf32>, tensor<4xf32>) -> ()
  onnx.Return %0, %x : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @nothing_returned
func.func @nothing_returned() {
  // CHECK: "onnx.Return"() : () -> ()
  onnx.Return
}
