// SPDX-License-Identifier: Apache-2.0
// Time to extract one row, per family.

#include "gnomon/Features/Extract.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include <benchmark/benchmark.h>

static constexpr llvm::StringLiteral source = R"(
  %x = "onnx.Input"() : () -> tensor<1x64x56x56xf32>
  %w = "onnx.Constant"() : () -> tensor<64x64x3x3xf32>
  %b = "onnx.Constant"() : () -> tensor<64xf32>
  %y = "onnx.Conv"(%x, %w, %b) {auto_pad = "NOTSET", dilations = [1, 1],
    group = 1 : si64, kernel_shape = [3, 3], onnx_node_name = "c",
    pads = [1, 1, 1, 1], strides = [1, 1]} : (tensor<1x64x56x56xf32>,
    tensor<64x64x3x3xf32>, tensor<64xf32>) -> tensor<1x64x56x56xf32>
  %r = "onnx.Relu"(%y) : (tensor<1x64x56x56xf32>) -> tensor<1x64x56x56xf32>
  %t = "onnx.Transpose"(%r) {perm = [0, 2, 3, 1]} : (tensor<1x64x56x56xf32>)
    -> tensor<1x56x56x64xf32>
)";

static void extract(benchmark::State &state, llvm::StringRef name) {
  mlir::MLIRContext context;
  context.allowUnregisteredDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
  gnomon::LoadTimeAnalysis loadTime(*module);
  mlir::Operation *op = nullptr;
  module->walk([&](mlir::Operation *candidate) {
    if (candidate->getName().getStringRef() == name)
      op = candidate;
  });
  for (auto _ : state)
    benchmark::DoNotOptimize(gnomon::extractFeatures(op, &loadTime));
}

BENCHMARK_CAPTURE(extract, Conv, "onnx.Conv");
BENCHMARK_CAPTURE(extract, Relu, "onnx.Relu");
BENCHMARK_CAPTURE(extract, Transpose, "onnx.Transpose");

BENCHMARK_MAIN();
