// Weights that can neither be made nor found are refused at the constant.
// RUN: rm -rf %t && split-file %s %t
// RUN: %python %S/Inputs/parse.py %t/weights.onnxtxt %t/weights.onnx
// RUN: not gnomon-translate --export-onnx %t/kind.mlir 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not gnomon-translate --export-onnx %t/element.mlir 2>&1 | FileCheck %s --check-prefix=ELEMENT
// RUN: not gnomon-translate --export-onnx %t/shape.mlir 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not gnomon-translate --export-onnx %t/type.mlir 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not gnomon-translate --export-onnx %t/net.mlir --weights-from %t/weights.onnx 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not gnomon-translate --export-onnx %t/other.mlir --weights-from %t/weights.onnx 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not gnomon-translate --export-onnx %t/net.mlir --weights-from %t/net.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not gnomon-translate --export-onnx %t/net.mlir --weights-from %t/gone.onnx 2>&1 | FileCheck %s --check-prefix=GONE

// KIND: kind.mlir:2:8: error: gnomon.init: one of zeros, ones, kaiming_uniform and small was expected, found "normal"
// ELEMENT: error: {{.*}}weight 'w' has no source: values for a tensor without a source can be made for static shapes of floats (and zeros and ones of integers), found tensor<4xi64>
// SHAPE: error: {{.*}}weight 'w' has no source: values for a tensor without a source can be made for static shapes of floats (and zeros and ones of integers), found tensor<?xf32>
// TYPE: error: {{.*}}a weight without a source needs a ranked tensor as type, found 'none'
// NAME: error: {{.*}}weight 'gone' has no source: {{.*}}weights.onnx holds no initializer 'gone'
// OTHER: error: {{.*}}weight 'w' has no source: the initializer 'w' of {{.*}}weights.onnx is a tensor<4xf32>, a tensor<8xf32> was expected
// FILE: error: {{.*}}weight 'gone' has no source: {{.*}}net.mlir: {{.*}}
// GONE: error: {{.*}}weight 'gone' has no source: {{.*}}gone.onnx: cannot be read: No such file or directory

//--- weights.onnxtxt
<ir_version: 8, opset_import: ["" : 17]>
net (float[4] x) => (float[4] z) <float[4] w = {1.0, 2.0, 3.0, 4.0}> { z = Add(x, w) }
//--- kind.mlir
func.func @net() -> tensor<4xf32> {
  %0 = "onnx.Constant"() {gnomon.init = "normal"} : () -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
//--- element.mlir
func.func @net() -> tensor<4xi64> {
  %0 = "onnx.Constant"() : () -> tensor<4xi64> loc("w")
  return %0 : tensor<4xi64>
}
//--- shape.mlir
func.func @net() -> tensor<?xf32> {
  %0 = "onnx.Constant"() : () -> tensor<?xf32> loc("w")
  return %0 : tensor<?xf32>
}
//--- type.mlir
func.func @net() -> none {
  %0 = "onnx.Constant"() : () -> none loc("w")
  return %0 : none
}
//--- net.mlir
func.func @net() -> tensor<4xf32> {
  %0 = "onnx.Constant"() : () -> tensor<4xf32> loc("gone")
  return %0 : tensor<4xf32>
}
//--- other.mlir
func.func @net() -> tensor<8xf32> {
  %0 = "onnx.Constant"() : () -> tensor<8xf32> loc("w")
  return %0 : tensor<8xf32>
}
