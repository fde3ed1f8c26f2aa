// RUN: gnomon-opt %s --gnomon-print-topology -o /dev/null --split-input-file --verify-diagnostics

// expected-error @+1 {{expected sizes for every layer, found none for onnx.Conv at loc("stem")}}
module {
  func.func @unsized(%x: tensor<1x8x?x?xf32>) -> tensor<1x8x?x?xf32> {
    %n = "onnx.NoValue"() : () -> none
    %w = "onnx.Constant"() : () -> tensor<8x8x1x1xf32>
    %1 = "onnx.Conv"(%x, %w, %n) : (tensor<1x8x?x?xf32>, tensor<8x8x1x1xf32>, none) -> tensor<1x8x?x?xf32> loc("stem")
    return %1 : tensor<1x8x?x?xf32>
  }
}

// -----

// expected-error @+1 {{the decision @block is asked, but the selection holds no option for it}}
module {
  gnomon.decision @block ["skip", "also"]
  func.func @open(%x: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
    %0 = gnomon.choice @block (%x : tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
    "skip" (%y: tensor<1x4x8x8xf32>) {
      gnomon.yield %y : tensor<1x4x8x8xf32>
    }
    "also" (%y: tensor<1x4x8x8xf32>) {
      gnomon.yield %y : tensor<1x4x8x8xf32>
    }
    return %0 : tensor<1x4x8x8xf32>
  }
}
