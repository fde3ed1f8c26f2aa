// Bodies count as often as they run where that is known; else it is said.
// RUN: gnomon-features --rows %s | cut -d, -f1-4 | FileCheck %s --check-prefix=ROWS
// RUN: gnomon-opt %s --gnomon-record-features=bundle=%gnomon_source/test/Inputs/toy-bundle -o %t.mlir | cut -d, -f1-7 | FileCheck %s

// ROWS: If,control,0,which of its branches runs is known only at run time
// ROWS: Loop,control,0,{{$}}
// ROWS: Loop,control,0,how often its bodies run is known only at run time
// ROWS: Loop,control,0,how often its bodies run is known only at run time
// ROWS: Scan,control,0,{{$}}
// ROWS: Scan,control,0,{{$}}
// ROWS: Scan,control,0,how often its bodies run is known only at run time

// CHECK: branches,{{.*}},Relu,{{.*}},1
// CHECK: branches,{{.*}},Abs,{{.*}},1
func.func @branches(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "onnx.If"(%c) ({
    %1 = "onnx.Relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    onnx.Yield %1 : tensor<4xf32>
  }, {
    %1 = "onnx.Abs"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    onnx.Yield %1 : tensor<4xf32>
  }) : (tensor<i1>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK: trip_count_given,{{.*}},Relu,{{.*}},6
func.func @trip_count_given(%x: tensor<4xf32>) -> tensor<4xf32> {
  %n = onnx.Constant dense<6> : tensor<i64>
  %none = "onnx.NoValue"() {value} : () -> none
  %0 = "onnx.Loop"(%n, %none, %x) ({
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %v: tensor<4xf32>):
    %1 = "onnx.Relu"(%v) : (tensor<4xf32>) -> tensor<4xf32>
    onnx.Yield %go, %1 : tensor<i1>, tensor<4xf32>
  }) : (tensor<i64>, none, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK: trip_count_computed,{{.*}},Relu,{{.*}},1
func.func @trip_count_computed(%n: tensor<i64>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %none = "onnx.NoValue"() {value} : () -> none
  %0 = "onnx.Loop"(%n, %none, %x) ({
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %v: tensor<4xf32>):
    %1 = "onnx.Relu"(%v) : (tensor<4xf32>) -> tensor<4xf32>
    onnx.Yield %go, %1 : tensor<i1>, tensor<4xf32>
  }) : (tensor<i64>, none, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Exporters write a while loop with the largest trip count there is.
func.func @until_a_condition(%x: tensor<4xf32>) -> tensor<4xf32> {
  %n = onnx.Constant dense<9223372036854775807> : tensor<i64>
  %none = "onnx.NoValue"() {value} : () -> none
  %0 = "onnx.Loop"(%n, %none, %x) ({
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %v: tensor<4xf32>):
    onnx.Yield %go, %v : tensor<i1>, tensor<4xf32>
  }) : (tensor<i64>, none, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK: scans,{{.*}},Relu,{{.*}},5
// CHECK: scans,{{.*}},Abs,{{.*}},4
func.func @scans(%x: tensor<5x4xf32>, %y: tensor<?x4xf32>) {
  %0 = "onnx.Scan"(%x) ({
  ^bb0(%v: tensor<4xf32>):
    %1 = "onnx.Relu"(%v) : (tensor<4xf32>) -> tensor<4xf32>
    onnx.Yield %1 : tensor<4xf32>
  }) {num_scan_inputs = 1 : si64} : (tensor<5x4xf32>) -> tensor<5x4xf32>
  %2 = "onnx.Scan"(%x) ({
  ^bb0(%v: tensor<5xf32>):
    %3 = "onnx.Abs"(%v) : (tensor<5xf32>) -> tensor<5xf32>
    onnx.Yield %3 : tensor<5xf32>
  }) {num_scan_inputs = 1 : si64, scan_input_axes = [-1]} : (tensor<5x4xf32>) -> tensor<4x5xf32>
  %4 = "onnx.Scan"(%y) ({
  ^bb0(%v: tensor<4xf32>):
    onnx.Yield %v : tensor<4xf32>
  }) {num_scan_inputs = 1 : si64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}
