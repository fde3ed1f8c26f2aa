// SPDX-License-Identifier: Apache-2.0
// Functions that are dense networks, and why others are none.
#include "gnomon/Analysis/DenseNetwork.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include "gmock/gmock.h"

using namespace gnomon;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Answers to rows of two numbers, or what was said about the function.
class DenseNetworkTest : public testing::Test {
protected:
  DenseNetworkTest() : context(mlir::MLIRContext::Threading::DISABLED) {
    context.allowUnregisteredDialects();
    context.loadDialect<mlir::func::FuncDialect>();
    context.getDiagEngine().registerHandler(
        [this](mlir::Diagnostic &diagnostic) {
          said += diagnostic.str();
          return mlir::success();
        });
  }

  mlir::FailureOr<Mlp> read(const std::string &body,
                            const std::string &result = "tensor<?x1xf32>") {
    module = mlir::parseSourceString<mlir::ModuleOp>(
        "func.func @f(%x: tensor<?x2xf32>) -> " + result + " {\n" + constants +
            body + "\n}",
        &context);
    if (!module)
      return mlir::failure();
    return denseNetworkOf(*module->getOps<mlir::func::FuncOp>().begin());
  }

  std::vector<float> answers(const std::string &body) {
    mlir::FailureOr<Mlp> network = read(body);
    EXPECT_EQ(said, "");
    std::vector<float> result(2);
    if (mlir::succeeded(network))
      network->forward({2, 1, -1, -5}, result);
    return result;
  }

  std::string refusal(const std::string &body,
                      const std::string &result = "tensor<?x1xf32>") {
    EXPECT_TRUE(mlir::failed(read(body, result)));
    return said;
  }

  const std::string constants = R"(
    %w0 = "onnx.Constant"() {value = dense<[[1.0, -1.0], [0.0, 1.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
    %w0t = "onnx.Constant"() {value = dense<[[1.0, 0.0], [-1.0, 1.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
    %b0 = "onnx.Constant"() {value = dense<[0.0, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
    %w1 = "onnx.Constant"() {value = dense<[[3.0], [-1.0]]> : tensor<2x1xf32>} : () -> tensor<2x1xf32>
    %c = "onnx.Constant"() {value = dense<0.25> : tensor<f32>} : () -> tensor<f32>
    %stripped = "onnx.Constant"() : () -> tensor<2x2xf32>
    %none = "onnx.NoValue"() {value} : () -> none
)";
  const std::string first = R"(
    %h = "onnx.Gemm"(%x, %w0, %b0) {transB = 1 : si64} : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    %r = "onnx.Relu"(%h) : (tensor<?x2xf32>) -> tensor<?x2xf32>
)";
  const std::string last = R"(
    %y = "onnx.MatMul"(%r, %w1) : (tensor<?x2xf32>, tensor<2x1xf32>) -> tensor<?x1xf32>
    %z = "onnx.Add"(%c, %y) : (tensor<f32>, tensor<?x1xf32>) -> tensor<?x1xf32>
    return %z : tensor<?x1xf32>
)";

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string said;
};

TEST_F(DenseNetworkTest, ReadsGemmMatMulAddRelu) {
  EXPECT_THAT(answers(first + last), ElementsAre(1.25f, 12.25f));
}

TEST_F(DenseNetworkTest, ReadsFactorsAndOperationsThatLeaveRowsAlone) {
  EXPECT_THAT(answers(R"(
    %i = "onnx.Identity"(%x) : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %f = "onnx.Flatten"(%i) : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %g = "onnx.Gemm"(%f, %w0t, %b0) {alpha = 2.0 : f32, beta = 2.0 : f32} : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    %r = "onnx.Relu"(%g) : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %y = "onnx.Gemm"(%r, %w1, %none) {alpha = 0.5 : f32} : (tensor<?x2xf32>, tensor<2x1xf32>, none) -> tensor<?x1xf32>
    return %y : tensor<?x1xf32>)"),
              ElementsAre(1.0f, 12.0f));
}

TEST_F(DenseNetworkTest, RefusesOtherOperations) {
  EXPECT_EQ(refusal(R"(
    %y = "onnx.Sigmoid"(%x) : (tensor<?x2xf32>) -> tensor<?x1xf32>
    return %y : tensor<?x1xf32>)"),
            "is not part of a dense network: expected Gemm, MatMul, Add, "
            "Relu, Flatten, Squeeze, Identity or Dropout");
}

TEST_F(DenseNetworkTest, RefusesBranches) {
  EXPECT_THAT(refusal(first + R"(
    %s = "onnx.Relu"(%h) : (tensor<?x2xf32>) -> tensor<?x1xf32>
    return %s : tensor<?x1xf32>)"),
              HasSubstr("expected a chain"));
}

TEST_F(DenseNetworkTest, RefusesAConstantAfterRelu) {
  EXPECT_THAT(refusal(first + R"(
    %s = "onnx.Add"(%r, %b0) : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x1xf32>
    return %s : tensor<?x1xf32>)"),
              HasSubstr("right after Gemm or MatMul"));
}

TEST_F(DenseNetworkTest, RefusesWeightsThatAreElsewhere) {
  EXPECT_THAT(refusal(R"(
    %y = "onnx.MatMul"(%x, %stripped) : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x1xf32>
    return %y : tensor<?x1xf32>)"),
              HasSubstr("import with the weights kept"));
}

TEST_F(DenseNetworkTest, RefusesTooManyWeights) {
  EXPECT_EQ(refusal(R"(
    %w = "onnx.Constant"() {value = dense<0.0> : tensor<2x999999999xf32>} : () -> tensor<2x999999999xf32>
    %y = "onnx.MatMul"(%x, %w) : (tensor<?x2xf32>, tensor<2x999999999xf32>) -> tensor<?x1xf32>
    return %y : tensor<?x1xf32>)"),
            "expected at most 67108864 weights in operand 1, found "
            "1999999998");
}

TEST_F(DenseNetworkTest, RefusesWrongSizes) {
  EXPECT_EQ(refusal(R"(
    %y = "onnx.MatMul"(%x, %w1) : (tensor<?x2xf32>, tensor<2x1xf32>) -> tensor<?x1xf32>
    %z = "onnx.Add"(%y, %b0) : (tensor<?x1xf32>, tensor<2xf32>) -> tensor<?x1xf32>
    return %z : tensor<?x1xf32>)"),
            "expected 1 or 1 numbers to add, found 2");
  said.clear();
  EXPECT_EQ(refusal(R"(
    %y = "onnx.MatMul"(%x, %w1) : (tensor<?x2xf32>, tensor<2x1xf32>) -> tensor<?x1xf32>
    %z = "onnx.MatMul"(%y, %w1) : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x1xf32>
    return %z : tensor<?x1xf32>)"),
            "takes 2 inputs, the layer before gives 1");
}

TEST_F(DenseNetworkTest, RefusesOtherEnds) {
  EXPECT_THAT(refusal(first + "return %h : tensor<?x2xf32>", "tensor<?x2xf32>"),
              HasSubstr("expected the end of the chain"));
  said.clear();
  EXPECT_THAT(refusal("return %x : tensor<?x2xf32>", "tensor<?x2xf32>"),
              HasSubstr("found no Gemm or MatMul"));
}

} // namespace
