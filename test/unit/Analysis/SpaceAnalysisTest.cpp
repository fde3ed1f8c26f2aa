// SPDX-License-Identifier: Apache-2.0
// The sum over a supernet's problem is what its materialized networks cost.

#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/FeatureOpInterface.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace gnomon;
using namespace mlir;

namespace {

class SpaceAnalysisTest : public testing::Test {
protected:
  SpaceAnalysisTest() {
    DialectRegistry registry;
    registry.insert<GnomonDialect, func::FuncDialect>();
    registerONNXDialect(registry);
    registerFeatureModels(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  void read(StringRef text) {
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module);
    auto loaded = CostSetup::load(
        GNOMON_SOURCE_DIR "/data/models/ort-cpu-1t-f32", "", *module);
    ASSERT_TRUE(bool(loaded)) << llvm::toString(loaded.takeError());
    setup = std::move(*loaded);
    auto analyzed = analyzeSpace(*module, setup.get());
    ASSERT_TRUE(succeeded(analyzed));
    space = std::move(*analyzed);
    llvm::Error error = space.problem.check();
    ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  }

  int64_t materializedNs(const search::Assignment &assignment) {
    auto ns = materializedLatencyNs(space.structure, assignment, *setup);
    return succeeded(ns) ? *ns : -1;
  }

  /// Every assignment of the problem, and how many differ once canonical.
  size_t checkAll() {
    std::set<search::Assignment> seen;
    search::Assignment assignment(space.problem.decisions.size());
    while (true) {
      seen.insert(search::canonical(space.problem, assignment));
      size_t place = 0;
      while (place < assignment.size() &&
             ++assignment[place] ==
                 space.problem.decisions[place].options.size())
        assignment[place++] = 0;
      if (place == assignment.size())
        break;
    }
    for (const search::Assignment &one : seen)
      EXPECT_EQ(search::evaluate(space.problem, one)[0], materializedNs(one));
    return seen.size();
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<CostSetup> setup;
  SpaceProblem space;
};

/// Option "conv" of the first choice is fused with the Relu that opens option
/// "relu" of the second: one kernel across both borders.
constexpr StringLiteral fusedAcrossBorders = R"mlir(
module attributes {onnx.opset_imports = {ai.onnx = 17 : i64}} {
gnomon.decision @first ["conv", "skip"]
gnomon.decision @second ["relu", "sigmoid", "skip"]
func.func @network(%0: tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32> {
  %w = "onnx.Constant"() : () -> tensor<16x16x3x3xf32>
  %n = "onnx.NoValue"() {value} : () -> none
  %s = "onnx.Conv"(%0, %w, %n) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x3x3xf32>, none) -> tensor<1x16x14x14xf32>
  %1 = gnomon.choice @first (%s : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  "conv" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Conv"(%x, %w, %n) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]} : (tensor<1x16x14x14xf32>, tensor<16x16x3x3xf32>, none) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "skip" (%x: tensor<1x16x14x14xf32>) {
    gnomon.yield %x : tensor<1x16x14x14xf32>
  }
  %2 = gnomon.choice @second (%1 : tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
  "relu" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Relu"(%x) : (tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "sigmoid" (%x: tensor<1x16x14x14xf32>) {
    %y = "onnx.Sigmoid"(%x) : (tensor<1x16x14x14xf32>) -> tensor<1x16x14x14xf32>
    gnomon.yield %y : tensor<1x16x14x14xf32>
  }
  "skip" (%x: tensor<1x16x14x14xf32>) {
    gnomon.yield %x : tensor<1x16x14x14xf32>
  }
  return %2 : tensor<1x16x14x14xf32>
}
}
)mlir";

TEST_F(SpaceAnalysisTest, CostsKernelsAcrossBordersByNeighbour) {
  read(fusedAcrossBorders);
  EXPECT_EQ(checkAll(), 6u);
  auto joint = llvm::find_if(space.problem.terms, [](const auto &term) {
    return term.scope == std::vector<uint32_t>{0, 1};
  });
  EXPECT_NE(joint, space.problem.terms.end());
}

constexpr StringLiteral nestedAndTied = R"mlir(
module attributes {onnx.opset_imports = {ai.onnx = 17 : i64}} {
gnomon.decision @resolution ["8", "16"]
gnomon.decision @depth ["d1", "d2"]
gnomon.decision @act ["relu", "tanh"]
func.func @small(%0: tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32> attributes {gnomon.alternative = #gnomon.alternative<@resolution, "8">} {
  %1 = gnomon.choice @act (%0 : tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  "relu" (%x: tensor<1x16x8x8xf32>) {
    %y = "onnx.Relu"(%x) : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
    gnomon.yield %y : tensor<1x16x8x8xf32>
  }
  "tanh" (%x: tensor<1x16x8x8xf32>) {
    %y = "onnx.Tanh"(%x) : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
    gnomon.yield %y : tensor<1x16x8x8xf32>
  }
  %3 = "onnx.Sigmoid"(%1) : (tensor<1x16x8x8xf32>) -> tensor<1x16x8x8xf32>
  return %3 : tensor<1x16x8x8xf32>
}
func.func @large(%0: tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32> attributes {gnomon.alternative = #gnomon.alternative<@resolution, "16">} {
  %1 = gnomon.choice @depth (%0 : tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
  "d1" (%x: tensor<1x16x16x16xf32>) {
    gnomon.yield %x : tensor<1x16x16x16xf32>
  }
  "d2" (%x: tensor<1x16x16x16xf32>) {
    %2 = gnomon.choice @act (%x : tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
    "relu" (%z: tensor<1x16x16x16xf32>) {
      %y = "onnx.Relu"(%z) : (tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
      gnomon.yield %y : tensor<1x16x16x16xf32>
    }
    "tanh" (%z: tensor<1x16x16x16xf32>) {
      %y = "onnx.Tanh"(%z) : (tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
      gnomon.yield %y : tensor<1x16x16x16xf32>
    }
    gnomon.yield %2 : tensor<1x16x16x16xf32>
  }
  %3 = "onnx.Sigmoid"(%1) : (tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
  return %3 : tensor<1x16x16x16xf32>
}
}
)mlir";

TEST_F(SpaceAnalysisTest, FollowsNestedAndTiedDecisionsAndFunctions) {
  read(nestedAndTied);
  // Small: two activations; large: without a block, or with either activation.
  EXPECT_EQ(checkAll(), 5u);
}

TEST_F(SpaceAnalysisTest, TakesAPlainNetworkAsASpaceOfOne) {
  read(R"mlir(
    func.func @network(%0: tensor<8xf32>) -> tensor<8xf32> {
      %1 = "onnx.Relu"(%0) : (tensor<8xf32>) -> tensor<8xf32>
      return %1 : tensor<8xf32>
    })mlir");
  EXPECT_EQ(checkAll(), 1u);
}

TEST_F(SpaceAnalysisTest, KnowsThePeakOfActivations) {
  // "deep": the input stays for the maximum, three tensors of 32 bytes at the
  // cosine. "view": the reshaped tensor shares the buffer of the sine, so that
  // it is two of them and one number at the reduction. "short": two.
  read(R"mlir(
    gnomon.decision @branch ["deep", "view", "short"]
    func.func @network(%0: tensor<8xf32>) -> tensor<8xf32> {
      %1 = gnomon.choice @branch (%0 : tensor<8xf32>) -> tensor<8xf32>
      "deep" (%x: tensor<8xf32>) {
        %a = "onnx.Sin"(%x) : (tensor<8xf32>) -> tensor<8xf32>
        %b = "onnx.Cos"(%a) : (tensor<8xf32>) -> tensor<8xf32>
        %c = "onnx.Max"(%b, %x) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
        gnomon.yield %c : tensor<8xf32>
      }
      "view" (%x: tensor<8xf32>) {
        %shape = "onnx.Constant"() {value = dense<[2, 4]> : tensor<2xi64>} : () -> tensor<2xi64>
        %a = "onnx.Sin"(%x) : (tensor<8xf32>) -> tensor<8xf32>
        %r = "onnx.Reshape"(%a, %shape) : (tensor<8xf32>, tensor<2xi64>) -> tensor<2x4xf32>
        %m = "onnx.ReduceMax"(%r) {keepdims = 0 : si64} : (tensor<2x4xf32>) -> tensor<f32>
        %c = "onnx.Max"(%m, %x) : (tensor<f32>, tensor<8xf32>) -> tensor<8xf32>
        gnomon.yield %c : tensor<8xf32>
      }
      "short" (%x: tensor<8xf32>) {
        %a = "onnx.Sin"(%x) : (tensor<8xf32>) -> tensor<8xf32>
        gnomon.yield %a : tensor<8xf32>
      }
      return %1 : tensor<8xf32>
    })mlir");
  SpaceAnalysisOptions options;
  options.peakMemory = true;
  auto analyzed = analyzeSpace(*module, setup.get(), options);
  ASSERT_TRUE(succeeded(analyzed));
  const search::Problem &problem = analyzed->problem;
  ASSERT_EQ(problem.metrics.back().name, "peak-memory");
  EXPECT_EQ(search::evaluate(problem, {0}).back(), 96);
  EXPECT_EQ(search::evaluate(problem, {1}).back(), 68);
  EXPECT_EQ(search::evaluate(problem, {2}).back(), 64);
}

} // namespace
