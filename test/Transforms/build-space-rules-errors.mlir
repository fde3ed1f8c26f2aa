// RUN: not gnomon-opt %s --gnomon-build-space='rules=kernel=3' 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not gnomon-opt %s --gnomon-build-space='rules=kernel:depthwise=3,4' 2>&1 | FileCheck %s --check-prefix=EVEN
// RUN: not gnomon-opt %s --gnomon-build-space='rules=channels=0' 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not gnomon-opt %s --gnomon-build-space='rules=channels=one' 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not gnomon-opt %s --gnomon-build-space='rules=drop-residual=1' 2>&1 | FileCheck %s --check-prefix=VALUES
// RUN: not gnomon-opt %s --gnomon-build-space='rules=expansion=3;channels=1,2' 2>&1 | FileCheck %s --check-prefix=CONFLICT
// RUN: not gnomon-opt %s --gnomon-build-space='rules=kernel:depthwise=3;kernel:depthwise=5' 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not gnomon-opt %s --gnomon-build-space='rules=drop-residual' --gnomon-build-space='rules=channels=1' 2>&1 | FileCheck %s --check-prefix=AGAIN
// RUN: gnomon-opt %s --gnomon-build-space='rules=kernel:depthwise=1,3' 2>&1 | FileCheck %s --check-prefix=PADDING
// RUN: rm -rf %t && mkdir -p %t
// RUN: sed 's/0.5/"half"/' %S/Inputs/rules.json > %t/rules.json && cd %t
// RUN: not gnomon-opt %s --gnomon-build-space='rules=rules.json' 2>&1 | FileCheck %s --check-prefix=FIELD

// RUN: not gnomon-opt %s --gnomon-build-space='rules=drop-residual batch=2' 2>&1 | FileCheck %s --check-prefix=ALONE

// ALONE: error: resolutions, width-mult and batch are those of the network, expected rules alone
// NAME: error: rules: found 'kernel', expected one of kernel:depthwise, expansion, drop-residual, channels
// EVEN: error: rules: kernel:depthwise: expected odd sizes of kernels, found 4
// ZERO: error: rules: channels: expected values above 0 and up to 16, found 0
// NUMBER: error: rules: channels: expected numbers, found 'one'
// VALUES: error: rules: drop-residual: takes no values
// CONFLICT: error: loc("expand"): rule channels decides what rule expansion decides already, expected one of them
// CONFLICT: note: loc("expand"): the other match is here
// TWICE: error: loc("depth"): rule kernel:depthwise decides what rule kernel:depthwise decides already
// AGAIN: error: expected a plain network to apply rules to, found a decision
// PADDING: warning: loc("depth"): rule kernel:depthwise: no padding keeps the shape under a kernel of 1; the convolution stays as it is
// PADDING: warning: rule kernel:depthwise matches nothing: expected depthwise convolutions with square kernels
// FIELD: error: {{.*}}.json: rules[0].values[0]: expected a number, found a string
func.func @net(%x: tensor<1x8x16x16xf32>) -> tensor<1x8x14x14xf32> {
  %none = "onnx.NoValue"() {value} : () -> none
  %w1 = "onnx.Constant"() : () -> tensor<16x8x1x1xf32>
  %w2 = "onnx.Constant"() : () -> tensor<16x1x3x3xf32>
  %w3 = "onnx.Constant"() : () -> tensor<8x16x1x1xf32>
  %0 = "onnx.Conv"(%x, %w1, %none) : (tensor<1x8x16x16xf32>, tensor<16x8x1x1xf32>, none) -> tensor<1x16x16x16xf32> loc("expand")
  %1 = "onnx.Relu"(%0) : (tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
  %2 = "onnx.Conv"(%1, %w2, %none) {group = 16 : si64, kernel_shape = [3, 3]} : (tensor<1x16x16x16xf32>, tensor<16x1x3x3xf32>, none) -> tensor<1x16x14x14xf32> loc("depth")
  %3 = "onnx.Conv"(%2, %w3, %none) : (tensor<1x16x14x14xf32>, tensor<8x16x1x1xf32>, none) -> tensor<1x8x14x14xf32>
  return %3 : tensor<1x8x14x14xf32>
}
