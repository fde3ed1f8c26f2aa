// SPDX-License-Identifier: Apache-2.0
// Spaces costed by look-up tables, and networks shared out to their blocks.

#include "gnomon/Analysis/TableCost.h"
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
    bundle.name = "t";
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
    return TableCost::create(*module, bundle);
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
  search::Problem problem = llvm::cantFail(space->problem("toy"));
  EXPECT_EQ(llvm::toString(problem.check()), "");
  for (uint32_t code = 0; code < 16; ++code) {
    search::Assignment assignment = search::canonical(
        problem, {code & 1, code >> 1 & 1, code >> 2 & 1, code >> 3});
    EXPECT_NEAR(double(search::evaluate(problem, assignment)[0]),
                1000 * space->latencyUs(assignment), 1);
  }
  EXPECT_THAT(search::evaluate(problem, {1, 1, 1, 0}), ElementsAre(22006));
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
