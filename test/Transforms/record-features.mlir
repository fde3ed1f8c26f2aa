// RUN: gnomon-opt %s --gnomon-record-features='bundle=%gnomon_source/test/Inputs/toy-bundle' -o /dev/null | FileCheck %s

// CHECK: function,name,kind,op,ops,outputs,runs,roofline_us,flops,
// CHECK-NEXT: net,relu1,elementwise,Relu,onnx.Relu,y,1,3.048,256,,
func.func @net(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) {onnx_node_name = "relu1", onnx.result_names = ["y"]} : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
