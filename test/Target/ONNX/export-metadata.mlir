// Estimates and what the module says about itself become metadata.
// RUN: gnomon-translate --export-onnx %s -o %t.onnx
// RUN: %python %S/Inputs/show.py %t.onnx | FileCheck %s
// RUN: gnomon-translate --import-onnx %t.onnx -o %t.mlir
// RUN: gnomon-translate --export-onnx %t.mlir -o %t.again.onnx
// RUN: %python %S/Inputs/show.py %t.again.onnx | FileCheck %s --check-prefix=AGAIN

// CHECK: model author me
// CHECK-NEXT: model gnomon.architecture {"d":[1]}
// CHECK-NEXT: model gnomon.confidence 0.90
// CHECK-NEXT: model gnomon.high_us 14.200
// CHECK-NEXT: model gnomon.latency_us 12.500
// CHECK-NEXT: model gnomon.low_us 11.000
// CHECK-NEXT: model gnomon.space ofa-mbv3
// CHECK: relu Relu x -> relu_output
// CHECK-NEXT: gnomon.block Relu-input:4
// CHECK-NEXT: gnomon.confidence 0.90
// CHECK-NEXT: gnomon.high_us 14.200
// CHECK-NEXT: gnomon.kernel relu
// CHECK-NEXT: gnomon.kind elementwise
// CHECK-NEXT: gnomon.latency_us 12.500
// CHECK-NEXT: gnomon.low_us 11.000
// CHECK-NEXT: gnomon.source predicted
// CHECK-NEXT: abs Abs relu_output -> y
// CHECK-NEXT: gnomon.kernel relu
// AGAIN: model author me
// AGAIN-NEXT: model gnomon.architecture {"d":[1]}
// AGAIN: model gnomon.latency_us 12.500
// The key of a block comes back, estimates do not.
// AGAIN: relu Relu x -> relu_output
// AGAIN-NEXT: gnomon.block Relu-input:4
// AGAIN-NEXT: abs Abs relu_output -> y

#e = #gnomon.estimate<latency_us = 12.5, low_us = 11.0, high_us = 14.2, confidence = 0.9, source = predicted, kind = "elementwise", kernel = "relu">
module attributes {gnomon.architecture = "{\"d\":[1]}", gnomon.space = "ofa-mbv3",
                   onnx.metadata_props = [["author", "me"], ["gnomon.space", "old"]]} {
  func.func @net(%x: tensor<4xf32> {onnx.name = "x"}) -> (tensor<4xf32> {onnx.name = "y"}) attributes {gnomon.estimate = #e} {
    %0 = "onnx.Relu"(%x) {gnomon.estimate = #e, gnomon.block = "Relu-input:4"} : (tensor<4xf32>) -> tensor<4xf32> loc("relu")
    %1 = "onnx.Abs"(%0) {gnomon.kernel = "relu"} : (tensor<4xf32>) -> tensor<4xf32> loc("abs")
    return %1 : tensor<4xf32>
  }
}
