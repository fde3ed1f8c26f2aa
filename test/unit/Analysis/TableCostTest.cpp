// SPDX-License-Identifier: Apache-2.0
// Spaces costed by look-up tables, and networks shared out to their blocks.

#include "gnomon/Analysis/TableCost.h"
#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"

using namespace gnomon;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Two resolutions; a block, and behind it another one if the depth says so.
const std::string functionText = R"(
  func.func @f$(%x: tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
      attributes {gnomon.alternative = #gnomon.alternative<@resolution, "$">} {
    %0 = "onnx.Conv"(%x) {gnomon.block = "stem"} : (tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
    %1 = gnomon.choice @b0 (%0 : tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
      "a" (%in: tensor<1x3x$x$xf32>) {
        %y = "onnx.Relu"(%in) {gnomon.block = "a"} : (tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
        gnomon.yield %y : tensor<1x3x$x$xf32>
      }
      "b" (%in: tensor<1x3x$x$xf32>) {
        %y = "onnx.Tanh"(%in) {gnomon.block = "b"} : (tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
        gnomon.yield %y : tensor<1x3x$x$xf32>
      }
    %2 = gnomon.choice @depth (%1 : tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
      "d1" (%in: tensor<1x3x$x$xf32>) {
        gnomon.yield %in : tensor<1x3x$x$xf32>
      }
      "d2" (%in: tensor<1x3x$x$xf32>) {
        %z = gnomon.choice @b1 (%in : tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
          "a" (%i: tensor<1x3x$x$xf32>) {
            %y = "onnx.Relu"(%i) {gnomon.block = "a"} : (tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
            gnomon.yield %y : tensor<1x3x$x$xf32>
          }
          "b" (%i: tensor<1x3x$x$xf32>) {
            %y = "onnx.Tanh"(%i) {gnomon.block = "b"} : (tensor<1x3x$x$xf32>) -> tensor<1x3x$x$xf32>
            gnomon.yield %y : tensor<1x3x$x$xf32>
          }
        gnomon.yield %z : tensor<1x3x$x$xf32>
      }
    return %2 : tensor<1x3x$x$xf32>
  }
)";

class TableCostTest : public testing::Test {
protected:
  TableCostTest() : context(mlir::MLIRContext::Threading::DISABLED) {
    context.allowUnregisteredDialects();
    context.loadDialect<mlir::func::FuncDialect, GnomonDialect>();
    context.getDiagEngine().registerHandler(
        [this](mlir::Diagnostic &diagnostic) {
          said += diagnostic.str();
          return mlir::success();
        });
    for (int64_t resolution : {8, 16}) {
      LatencyTable &table = bundle.tables[resolution];
      table["stem"].meanUs = 1.25 * double(resolution);
      table["a"].meanUs = 0.0004 * double(resolution);
      table["b"].meanUs = 2;
    }
    bundle.name = bundle.device = "t";
  }

  static std::string at(const std::string &resolution) {
    std::string text = functionText;
    for (size_t at; (at = text.find('$')) != std::string::npos;)
      text.replace(at, 1, resolution);
    return text;
  }

  mlir::FailureOr<TableCost> cost(const std::string &text) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return mlir::failure();
    structure = *readSpaceStructure(*module);
    return TableCost::create(structure, bundle);
  }

  std::unique_ptr<TableSetup> setup(double confidence = 0) {
    return llvm::cantFail(TableSetup::create(
        std::make_unique<TableBundle>(bundle), "", confidence));
  }

  mlir::FailureOr<TableCost> spaceCost() {
    return cost("gnomon.decision @resolution [\"8\", \"16\"]\n"
                "gnomon.decision @b0 [\"a\", \"b\"]\n"
                "gnomon.decision @depth [\"d1\", \"d2\"]\n"
                "gnomon.decision @b1 [\"a\", \"b\"]\n" +
                at("8") + at("16"));
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  SpaceStructure structure;
  TableBundle bundle;
  std::string said;
};

TEST_F(TableCostTest, SumsTheBlocksThatAreThere) {
  mlir::FailureOr<TableCost> space = spaceCost();
  ASSERT_TRUE(mlir::succeeded(space)) << said;
  EXPECT_DOUBLE_EQ(space->latencyUs({0, 0, 0, 0}), 10.0032);
  EXPECT_DOUBLE_EQ(space->latencyUs({0, 1, 0, 0}), 12);
  EXPECT_DOUBLE_EQ(space->latencyUs({1, 1, 1, 0}), 22.0064);
}

TEST_F(TableCostTest, IsASearchInWholeNanoseconds) {
  mlir::FailureOr<TableCost> space = spaceCost();
  ASSERT_TRUE(mlir::succeeded(space)) << said;
  std::unique_ptr<TableSetup> tables = setup();
  auto analyzed = analyzeSpace(*module, tables.get());
  ASSERT_TRUE(mlir::succeeded(analyzed)) << said;
  EXPECT_EQ(analyzed->kernels, 6U);
  const search::Problem &problem = analyzed->problem;
  EXPECT_EQ(llvm::toString(problem.check()), "");
  for (uint32_t code = 0; code < 16; ++code) {
    search::Assignment assignment = search::canonical(
        problem, {code & 1, code >> 1 & 1, code >> 2 & 1, code >> 3});
    search::Cost ns = search::evaluate(problem, assignment)[0];
    EXPECT_NEAR(double(ns), 1000 * space->latencyUs(assignment), 1);
    auto network =
        materializedLatencyNs(analyzed->structure, assignment, *tables);
    ASSERT_TRUE(mlir::succeeded(network)) << said;
    EXPECT_EQ(*network, ns);
  }
  EXPECT_EQ(search::evaluate(problem, {1, 1, 1, 0})[0], 22006);
}

TEST_F(TableCostTest, KnowsNoMemory) {
  ASSERT_TRUE(mlir::succeeded(spaceCost())) << said;
  SpaceAnalysisOptions options;
  options.peakMemory = true;
  EXPECT_TRUE(mlir::failed(analyzeSpace(*module, setup().get(), options)));
  EXPECT_THAT(said, HasSubstr("peak-memory: expected a bundle that knows "
                              "kernels, found tables of blocks"));
}

TEST_F(TableCostTest, CostsANetworkByItsBlocks) {
  bundle.intervals[0.9] = {-std::log(2), std::log(4)};
  module = mlir::parseSourceString<mlir::ModuleOp>(
      R"(func.func @f(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
    %0 = "onnx.Conv"(%x) : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
    %1 = "onnx.Relu"(%0) {gnomon.block = "stem"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
    %2 = "onnx.Relu"(%1) {gnomon.block = "b"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
    %3 = "onnx.Abs"(%2) : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
    return %3 : tensor<1x3x8x8xf32>
  })",
      &context);
  ASSERT_TRUE(module);
  auto cost = analyzeCost(*module, *setup());
  ASSERT_TRUE(mlir::succeeded(cost)) << said;
  const FunctionCost &network = cost->functions.front();
  EXPECT_EQ(network.latencyNs, 12000);
  EXPECT_DOUBLE_EQ(network.lowUs, 6);
  EXPECT_DOUBLE_EQ(network.highUs, 48);
  ASSERT_EQ(network.kernels.size(), 2U);
  EXPECT_EQ(network.kernels[0].kernel.name, "stem");
  EXPECT_EQ(network.kernels[0].kindName(), "block");
  EXPECT_DOUBLE_EQ(network.kernels[0].estimate.highUs, 40);
  EXPECT_EQ(network.kernels[0].opCount(), 2U);
  EXPECT_EQ(network.kernels[1].opCount(), 2U);
  EXPECT_EQ(network.share(Source::Predicted).ops, 4U);
  EXPECT_TRUE(std::isnan(network.share(Source::Predicted).flops));
}

TEST_F(TableCostTest, PromisesNoIntervalThatItDoesNotHave) {
  auto create = [&](llvm::StringRef device, double confidence) {
    auto made = TableSetup::create(std::make_unique<TableBundle>(bundle),
                                   device, confidence);
    return made ? std::to_string((*made)->confidence())
                : llvm::toString(made.takeError());
  };
  EXPECT_EQ(create("", 0), "0.000000");
  EXPECT_EQ(create("t", 0), "0.000000");
  EXPECT_THAT(create("", 0.95),
              HasSubstr("confidence: the tables of bundle 't' have no "
                        "intervals"));
  EXPECT_THAT(create("phone", 0),
              HasSubstr("the tables of bundle 't' are of 't', found 'phone'"));
  bundle.intervals[0.8] = {-1, 1};
  bundle.intervals[0.9] = {-2, 2};
  EXPECT_EQ(create("", 0), "0.900000");
  EXPECT_EQ(create("", 0.85), "0.850000");
  EXPECT_THAT(create("", 0.95), HasSubstr("is calibrated from"));
}

TEST_F(TableCostTest, RefusesOptionsThatNoKeyPrices) {
  EXPECT_TRUE(mlir::failed(cost(R"(
    gnomon.decision @act ["relu", "tanh"]
    func.func @f(%x: tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32> {
      %0 = "onnx.Conv"(%x) {gnomon.block = "stem"} : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
      %1 = gnomon.choice @act (%0 : tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
        "relu" (%in: tensor<1x3x8x8xf32>) {
          %y = "onnx.Relu"(%in) : (tensor<1x3x8x8xf32>) -> tensor<1x3x8x8xf32>
          gnomon.yield %y : tensor<1x3x8x8xf32>
        }
        "tanh" (%in: tensor<1x3x8x8xf32>) {
          gnomon.yield %in : tensor<1x3x8x8xf32>
        }
      return %1 : tensor<1x3x8x8xf32>
    })")));
  EXPECT_THAT(said, HasSubstr("belongs to no block with a key"));
  said.clear();
  EXPECT_TRUE(mlir::failed(analyzeCost(*module, *setup())));
  EXPECT_THAT(said, HasSubstr("expected a network without choices"));
}

TEST_F(TableCostTest, RefusesBlocksWithoutAnEntry) {
  bundle.tables[16].erase("b");
  EXPECT_TRUE(mlir::failed(spaceCost()));
  EXPECT_THAT(said, HasSubstr("bundle 't': no entry 'b' for resolution 16"));
}

TEST_F(TableCostTest, RefusesNetworksWithoutKeysOrImages) {
  EXPECT_TRUE(mlir::failed(cost(R"(
    func.func @f(%x: tensor<1x3x8x8xf32>) { return })")));
  EXPECT_THAT(said, HasSubstr("has no block with a key (gnomon.block)"));
  said.clear();
  EXPECT_TRUE(mlir::failed(cost(R"(
    func.func @f(%x: tensor<1x3xf32>) { return })")));
  EXPECT_THAT(said, HasSubstr("expected an image argument of type"));
}

TEST_F(TableCostTest, SharesANetworkOutToItsBlocks) {
  module = mlir::parseSourceString<mlir::ModuleOp>(
      R"(func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = "onnx.Relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    %1 = "onnx.Relu"(%0) {gnomon.block = "one"} : (tensor<4xf32>) -> tensor<4xf32>
    %2 = "onnx.Relu"(%1) {gnomon.block = "two"} : (tensor<4xf32>) -> tensor<4xf32>
    %3 = "onnx.Relu"(%2) : (tensor<4xf32>) -> tensor<4xf32>
    return %3 : tensor<4xf32>
  })",
      &context);
  ASSERT_TRUE(module);
  FunctionCost cost;
  cost.function = *module->getOps<mlir::func::FuncOp>().begin();
  int64_t ns = 1;
  for (mlir::Operation &op : cost.function.getBody().front()) {
    if (op.getNumResults() == 0)
      break;
    KernelCost inserted, kernel;
    inserted.shareNs = 1000 * ns;
    kernel.kernel.anchor = &op;
    kernel.shareNs = ns;
    cost.kernels.push_back(std::move(inserted));
    cost.kernels.push_back(std::move(kernel));
    cost.latencyNs += 1001 * ns;
    ns *= 2;
  }
  cost.latencyNs += 500000; // the network's constant
  std::vector<BlockCost> blocks = blockCosts(cost);
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].key, "one");
  EXPECT_EQ(blocks[0].ns, 503003);
  EXPECT_EQ(blocks[1].ns, 12012);
}

} // namespace
