// RUN: gnomon-opt %s --inline --cse --canonicalize --symbol-dce --sccp | FileCheck %s
// RUN: gnomon-opt %s --emit-bytecode | gnomon-opt | FileCheck %s --check-prefix=BYTECODE

// BYTECODE: gnomon.decision @block ["deep", "shallow"]
// CHECK: gnomon.decision @block ["deep", "shallow"]
gnomon.decision @block ["deep", "shallow"]

func.func private @body(%0: tensor<8xf32>) -> tensor<8xf32> {
  %1 = "onnx.Relu"(%0) : (tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

func.func private @shared(%0: tensor<8xf32>) -> tensor<8xf32> {
  %1 = gnomon.choice @block (%0 : tensor<8xf32>) -> tensor<8xf32>
  "deep" (%x: tensor<8xf32>) {
    %y = func.call @body(%x) : (tensor<8xf32>) -> tensor<8xf32>
    gnomon.yield %y : tensor<8xf32>
  }
  "shallow" (%x: tensor<8xf32>) {
    gnomon.yield %x : tensor<8xf32>
  }
  return %1 : tensor<8xf32>
}

// Calls are inlined into options, choices into callers; nothing is lost.
// CHECK-NOT: @shared
// CHECK-LABEL: @network
// CHECK: %[[FIRST:.*]] = gnomon.choice @block (%{{.*}} : tensor<8xf32>) -> tensor<8xf32>
// CHECK: "deep"
// CHECK: "onnx.Relu"
// CHECK: "shallow"
// CHECK: gnomon.choice @block (%[[FIRST]] : tensor<8xf32>) -> tensor<8xf32>
// CHECK: "onnx.Relu"
// BYTECODE-LABEL: @network
func.func @network(%0: tensor<8xf32>) -> tensor<8xf32> {
  %1 = call @shared(%0) : (tensor<8xf32>) -> tensor<8xf32>
  %2 = call @shared(%1) : (tensor<8xf32>) -> tensor<8xf32>
  return %2 : tensor<8xf32>
}
