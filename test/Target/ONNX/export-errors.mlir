// What ONNX cannot hold is refused at the operation.
// RUN: rm -rf %t && split-file %s %t
// RUN: %python -c "import sys; open(sys.argv[1], 'wb').truncate(2800000000)" %t/big.bin
// RUN: not gnomon-translate --export-onnx %t/big.mlir --weights-from %t/net.onnx -o %t/out.onnx 2>&1 | FileCheck %s --check-prefix=BIG
// RUN: rm %t/big.bin
// RUN: not gnomon-translate --export-onnx %t/lost.mlir --weights-from %t/net.onnx 2>&1 | FileCheck %s --check-prefix=LOST
// RUN: not gnomon-translate --export-onnx %t/yield.mlir 2>&1 | FileCheck %s --check-prefix=YIELD
// RUN: not gnomon-translate --export-onnx %t/return.mlir 2>&1 | FileCheck %s --check-prefix=RETURN
// RUN: not gnomon-translate --export-onnx %t/count.mlir 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: not gnomon-translate --export-onnx %t/elided.mlir 2>&1 | FileCheck %s --check-prefix=ELIDED
// RUN: not gnomon-translate --export-onnx %t/foreign.mlir 2>&1 | FileCheck %s --check-prefix=FOREIGN

// BIG: big.mlir:2:8: error: the weights up to here take 2800000000 bytes; protobuf writes models of at most 2 GB
// LOST: lost.mlir:2:8: error: the weights' file '{{.*}}gone.bin' cannot be read
// YIELD: yield.mlir:2:8: error: a region of one block that ends in onnx.Yield was expected
// RETURN: return.mlir:2:8: error: func.return or onnx.Return was expected at the end of the function, found 'onnx.Relu'
// COUNT: count.mlir:2:3: error: returns 2 values, the function has 1 results
// ELIDED: elided.mlir:2:8: error: the resource of a tensor holds no data that can be written
// FOREIGN: foreign.mlir:2:8: error: an operation of the onnx dialect was expected

//--- big.mlir
func.func @net() -> tensor<700000000xf32> {
  %0 = "onnx.Constant"() {weight = {encoding = "raw", length = 2800000000 : i64, location = "big.bin", offset = 0 : i64, type = tensor<700000000xf32>}} : () -> tensor<700000000xf32>
  return %0 : tensor<700000000xf32>
}
//--- lost.mlir
func.func @net() -> tensor<70xf32> {
  %0 = "onnx.Constant"() {weight = {encoding = "raw", length = 280 : i64, location = "gone.bin", offset = 0 : i64, type = tensor<70xf32>}} : () -> tensor<70xf32>
  return %0 : tensor<70xf32>
}
//--- yield.mlir
func.func @net(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "onnx.If"(%c) ({
    %1 = "onnx.Relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  }) : (tensor<i1>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
//--- return.mlir
func.func @net(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "onnx.Relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
}
//--- count.mlir
func.func @net(%x: tensor<4xf32>) -> tensor<4xf32> {
  onnx.Return %x, %x : tensor<4xf32>, tensor<4xf32>
}
//--- elided.mlir
func.func @net() -> tensor<64xf32> {
  %0 = onnx.Constant dense_resource<__elided__> : tensor<64xf32>
  return %0 : tensor<64xf32>
}
//--- foreign.mlir
func.func @net(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "other.Relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
