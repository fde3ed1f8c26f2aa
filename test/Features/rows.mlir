// RUN: gnomon-features --rows %s | FileCheck %s --check-prefix=ROWS
// RUN: not gnomon-features --uncovered %s | FileCheck %s --check-prefix=MISSING

// ROWS: operator,kind,load_time,gap,flops,macs,bytes_in,bytes_weights,bytes_out,bytes,
// ROWS-NEXT: Constant,free,1,,0,
// ROWS-NEXT: Gemm,gemm,0,,1024,512,64,512,128,704,
// ROWS-NEXT: Squeeze,free,0,,0,
// ROWS-NEXT: com.microsoft:QuickGelu,elementwise,0,,416,

// MISSING: NoSuchOperator 1
// MISSING-NEXT: example.org:Own 1
func.func @f(%x: tensor<4x4xf32>, %n: none) {
  %w = "onnx.Constant"() : () -> tensor<4x32xf32>
  %y = "onnx.Gemm"(%x, %w, %n) : (tensor<4x4xf32>, tensor<4x32xf32>, none) -> tensor<1x32xf32>
  %s = "onnx.SqueezeV11"(%y) : (tensor<1x32xf32>) -> tensor<32xf32>
  %q = "onnx.Custom"(%s) {domain_name = "com.microsoft", function_name = "QuickGelu"} : (tensor<32xf32>) -> tensor<32xf32>
  %a = "onnx.NoSuchOperator"(%q) : (tensor<32xf32>) -> tensor<32xf32>
  %b = "onnx.Custom"(%q) {domain_name = "example.org", function_name = "Own"} : (tensor<32xf32>) -> tensor<32xf32>
  return
}
