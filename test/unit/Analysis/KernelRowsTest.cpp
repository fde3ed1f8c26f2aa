// SPDX-License-Identifier: Apache-2.0
// Kernels that share a row: each has the row that it would have by itself.

#include "gnomon/Analysis/KernelFeatures.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"
#include <cstring>
#include <set>

using namespace gnomon;

/// Twice each: a convolution with its activation and one without, a product
/// with its bias, a Gelu in parts, a reduction over axes from a constant. Then
/// ones that differ from them in one thing only: the activation, an attribute,
/// the contents of a constant, reading the function's input.
static constexpr char network[] = R"(
func.func @f(%x: tensor<1x16x8x8xf32>, %w: tensor<16x16x3x3xf32>,
             %m: tensor<4x32xf32>, %k: tensor<32x32xf32>, %b: tensor<32xf32>) {
  %axes = "onnx.Constant"() {value = dense<1> : tensor<1xi64>} : () -> tensor<1xi64>
  %axes2 = "onnx.Constant"() {value = dense<0> : tensor<1xi64>} : () -> tensor<1xi64>
  %half = "onnx.Constant"() {value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %one = "onnx.Constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %root = "onnx.Constant"() {value = dense<1.41421354> : tensor<f32>} : () -> tensor<f32>
  %c0 = "onnx.Conv"(%x, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "c0"} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %r0 = "onnx.Relu"(%c0) {onnx_node_name = "r0"} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %c1 = "onnx.Conv"(%r0, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "c1"} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %r1 = "onnx.Relu"(%c1) {onnx_node_name = "r1"} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %c2 = "onnx.Conv"(%r1, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "c2"} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %r2 = "onnx.Sigmoid"(%c2) {onnx_node_name = "r2"} : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  %c3 = "onnx.Conv"(%r2, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "c3"} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %c4 = "onnx.Conv"(%c3, %w) {dilations = [2, 2], kernel_shape = [3, 3], pads = [2, 2, 2, 2], onnx_node_name = "c4"} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %c5 = "onnx.Conv"(%c4, %w) {kernel_shape = [3, 3], pads = [1, 1, 1, 1], onnx_node_name = "c5"} : (tensor<1x16x8x8xf32>, tensor<16x16x3x3xf32>) -> tensor<1x16x8x8xf32>
  %p0 = "onnx.MatMul"(%m, %k) : (tensor<4x32xf32>, tensor<32x32xf32>) -> tensor<4x32xf32>
  %a0 = "onnx.Add"(%p0, %b) : (tensor<4x32xf32>, tensor<32xf32>) -> tensor<4x32xf32>
  %p1 = "onnx.MatMul"(%a0, %k) : (tensor<4x32xf32>, tensor<32x32xf32>) -> tensor<4x32xf32>
  %a1 = "onnx.Add"(%p1, %b) : (tensor<4x32xf32>, tensor<32xf32>) -> tensor<4x32xf32>
  %d0 = "onnx.Div"(%a1, %root) : (tensor<4x32xf32>, tensor<f32>) -> tensor<4x32xf32>
  %e0 = "onnx.Erf"(%d0) : (tensor<4x32xf32>) -> tensor<4x32xf32>
  %f0 = "onnx.Add"(%e0, %one) : (tensor<4x32xf32>, tensor<f32>) -> tensor<4x32xf32>
  %g0 = "onnx.Mul"(%a1, %f0) : (tensor<4x32xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  %h0 = "onnx.Mul"(%g0, %half) : (tensor<4x32xf32>, tensor<f32>) -> tensor<4x32xf32>
  %p2 = "onnx.MatMul"(%h0, %k) : (tensor<4x32xf32>, tensor<32x32xf32>) -> tensor<4x32xf32>
  %d1 = "onnx.Div"(%p2, %root) : (tensor<4x32xf32>, tensor<f32>) -> tensor<4x32xf32>
  %e1 = "onnx.Erf"(%d1) : (tensor<4x32xf32>) -> tensor<4x32xf32>
  %f1 = "onnx.Add"(%e1, %one) : (tensor<4x32xf32>, tensor<f32>) -> tensor<4x32xf32>
  %g1 = "onnx.Mul"(%p2, %f1) : (tensor<4x32xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  %h1 = "onnx.Mul"(%g1, %half) : (tensor<4x32xf32>, tensor<f32>) -> tensor<4x32xf32>
  %s0 = "onnx.ReduceSum"(%h1, %axes) {keepdims = 1 : si64} : (tensor<4x32xf32>, tensor<1xi64>) -> tensor<4x1xf32>
  %n0 = "onnx.Sub"(%h1, %s0) : (tensor<4x32xf32>, tensor<4x1xf32>) -> tensor<4x32xf32>
  %s1 = "onnx.ReduceSum"(%n0, %axes) {keepdims = 1 : si64} : (tensor<4x32xf32>, tensor<1xi64>) -> tensor<4x1xf32>
  %n1 = "onnx.Sub"(%n0, %s1) : (tensor<4x32xf32>, tensor<4x1xf32>) -> tensor<4x32xf32>
  %s2 = "onnx.ReduceSum"(%n1, %axes2) {keepdims = 1 : si64} : (tensor<4x32xf32>, tensor<1xi64>) -> tensor<1x32xf32>
  %n2 = "onnx.Sub"(%n1, %s2) : (tensor<4x32xf32>, tensor<1x32xf32>) -> tensor<4x32xf32>
  return
}
)";

/// Names of slots that kernels have are those of the rules, which must stay.
static std::vector<Kernel> kernelsOf(mlir::func::FuncOp function) {
  static const RuntimeRules rules = [] {
    auto document = llvm::cantFail(JsonDocument::load(
        GNOMON_SOURCE_DIR "/data/runtimes/onnxruntime-cpu.json"));
    return llvm::cantFail(parseRuntimeRules(document.root()));
  }();
  return formKernels(function, rules, {});
}

static bool sameBits(const FeatureRow &a, const FeatureRow &b) {
  return a.kind == b.kind && a.dtype == b.dtype && a.gap == b.gap &&
         std::memcmp(a.values().data(), b.values().data(),
                     a.values().size() * sizeof(double)) == 0;
}

namespace {
struct KernelRowsTest : testing::Test {
  KernelRowsTest() {
    context.allowUnregisteredDialects();
    context.loadDialect<mlir::func::FuncDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(network, &context);
  }
  mlir::func::FuncOp function() {
    return *module->getOps<mlir::func::FuncOp>().begin();
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};
} // namespace

TEST_F(KernelRowsTest, SharedRowsAreThoseOfTheKernelsByThemselves) {
  ASSERT_TRUE(module);
  LoadTimeAnalysis loadTime(function());
  KernelRows rows(&context, loadTime);
  std::vector<Kernel> kernels = kernelsOf(function());
  std::set<const FeatureRow *> different;
  size_t fused = 0;
  for (const Kernel &kernel : kernels) {
    auto shared = rows.get(kernel);
    std::optional<FeatureRow> own = kernelFeatures(kernel, loadTime);
    ASSERT_EQ(shared != nullptr, own.has_value()) << kernel.op;
    if (!own)
      continue;
    EXPECT_TRUE(sameBits(*shared, *own)) << kernel.op << " " << kernel.name;
    different.insert(shared.get());
    fused += kernel.ops.size() > 1;
  }
  // Some are shared, and some of those that are run several operations.
  EXPECT_LT(different.size(), kernels.size());
  EXPECT_GE(fused, 4u);
}

TEST_F(KernelRowsTest, EqualKernelsShareTheirRow) {
  ASSERT_TRUE(module);
  LoadTimeAnalysis loadTime(function());
  KernelRows rows(&context, loadTime);
  std::vector<Kernel> kernels = kernelsOf(function());
  auto rowOf = [&](llvm::StringRef name) {
    auto kernel = llvm::find_if(
        kernels, [&](const Kernel &kernel) { return kernel.name == name; });
    return kernel == kernels.end() ? nullptr : rows.get(*kernel);
  };
  ASSERT_TRUE(rowOf("c1"));
  EXPECT_EQ(rowOf("c5"), rowOf("c3"));
  EXPECT_NE(rowOf("c0"), rowOf("c1")) << "reads the function's input";
  EXPECT_NE(rowOf("c1"), rowOf("c3")) << "has an activation";
  EXPECT_NE(rowOf("c1"), rowOf("c2")) << "has another activation";
  EXPECT_NE(rowOf("c4"), rowOf("c5")) << "has other dilations";
  // The row of what the runtime puts in place of several operations, too.
  std::set<const FeatureRow *> gelus;
  for (const Kernel &kernel : kernels)
    if (kernel.op == "Gelu")
      gelus.insert(rows.get(kernel).get());
  EXPECT_EQ(gelus.size(), 1u);
  EXPECT_FALSE(gelus.contains(nullptr));
}
