// SPDX-License-Identifier: Apache-2.0
// Shape inference on models in ONNX's own text form, one behaviour a test.
#include "gnomon/Target/ONNX/Shapes.h"

#include "onnx/defs/parser.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/Error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Inference over one model.
class Shapes : public testing::Test {
protected:
  void infer(const char *graph, int opset = 18) {
    std::string text =
        "<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) +
        ", \"com.microsoft\" : 1]>\n" + graph;
    auto status = onnx::OnnxParser::Parse(model, text.c_str());
    ASSERT_TRUE(status.IsOK()) << status.ErrorMessage();
    auto report = gnomon::inferShapes(model, options);
    if (!report)
      error = llvm::toString(report.takeError());
    else
      notes = report->notes;
  }

  /// Dimensions of a value; -1 for unknown ones, {-2} without a rank.
  std::vector<int64_t> dims(const std::string &name) {
    for (const auto *list : {&model.graph().value_info(),
                             &model.graph().output(), &model.graph().input()})
      for (const auto &info : *list)
        if (info.name() == name && info.type().tensor_type().has_shape())
          return dims(info.type().tensor_type().shape());
    return {-2};
  }
  static std::vector<int64_t> dims(const onnx::TensorShapeProto &shape) {
    std::vector<int64_t> result;
    for (const auto &dim : shape.dim())
      result.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    return result;
  }

  onnx::ModelProto model;
  gnomon::ShapeOptions options;
  std::vector<std::string> notes;
  std::string error;
};

TEST_F(Shapes, FollowsSchemas) {
  infer("g (float[1,3,8,8] x, float[4,3,3,3] w) => (float[] y) { y = Conv "
        "<pads = [1,1,1,1], strides = [2,2]> (x, w) }");
  EXPECT_THAT(dims("y"), ElementsAre(1, 4, 4, 4));
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Shapes, EvaluatesShapeArithmetic) {
  infer(R"(g (float[2,12,8] x) => (y) <int64[1] two = {2}> {
    s = Shape(x)
    last = Gather <axis = 0> (s, two)
    half = Div(last, two)
    rest = Constant <value = int64[2] {2, -1}> ()
    shape = Concat <axis = 0> (rest, half)
    y = Reshape(x, shape)
  })");
  EXPECT_THAT(dims("y"), ElementsAre(2, 24, 4));
}

TEST_F(Shapes, KeepsKnownDimensionsBesideUnknownOnes) {
  infer(
      R"(g (float[batch,12,8] x) => (y) <int64[1] zero = {0}, int64[2] tail = {4, 24}> {
    s = Shape(x)
    batch = Gather <axis = 0> (s, zero)
    shape = Concat <axis = 0> (batch, tail)
    y = Reshape(x, shape)
  })");
  EXPECT_THAT(dims("y"), ElementsAre(-1, 4, 24));
  EXPECT_EQ(
      model.graph().output(0).type().tensor_type().shape().dim(0).dim_param(),
      "batch");
}

TEST_F(Shapes, KnowsThatDimensionsAreNotNegative) {
  infer(
      R"(g (float[batch,8] x, float[1,8] row) => (y) <int64 minus = {-1}, int64[2] ones = {1, 1}> {
    s = Shape(x)
    free = Equal(s, minus)
    shape = Where(free, ones, s)
    y = Expand(row, shape)
  })");
  EXPECT_THAT(dims("y"), ElementsAre(-1, 8));
  EXPECT_EQ(
      model.graph().output(0).type().tensor_type().shape().dim(0).dim_param(),
      "batch");
}

TEST_F(Shapes, SumsAndProductsOfDimensionsAreDimensions) {
  infer(
      R"(g (float[n,8] x, float[] z) => (y) <int64 zero = {0}, int64 minus = {-1}, int64[1] three = {3}, int64[1] two = {2}> {
    s = Shape(x)
    n = Gather <axis = 0> (s, zero)
    sum = Add(n, three)
    half = Div(sum, two)
    free = Equal(half, minus)
    size = Where(free, three, two)
    y = Reshape(z, size)
  })");
  EXPECT_THAT(dims("y"), ElementsAre(2));
}

TEST_F(Shapes, CastsKeepTheNamesOfDimensions) {
  infer(R"(g (float[batch,12] x, float[] z) => (y) {
    s = Shape(x)
    real = Cast <to = 1> (s)
    back = Cast <to = 7> (real)
    y = Reshape(z, back)
  })");
  EXPECT_THAT(dims("y"), ElementsAre(-1, 12));
  EXPECT_EQ(
      model.graph().output(0).type().tensor_type().shape().dim(0).dim_param(),
      "batch");
}

TEST_F(Shapes, NamesOperandsThatAreMissing) {
  infer("g (float[1,3,8,8] x) => (float[] y, float[] z) { y = Conv(x) z = "
        "Conv(, x) }");
  EXPECT_THAT(notes, ElementsAre(HasSubstr("has 1 inputs, expected at least 2"),
                                 HasSubstr("(Conv)")));
}

/// ONNX wants a region of interest there, exporters leave it out.
TEST_F(Shapes, ResizesWithoutARegionOfInterest) {
  infer(
      R"(g (float[1,2,4,4] x) => (y) <float[4] scales = {1.0, 1.0, 2.0, 2.0}> { y = Resize(x, , scales) })",
      11);
  EXPECT_THAT(dims("y"), ElementsAre(1, 2, 8, 8));
}

TEST_F(Shapes, TakesDimensionsFromTheUser) {
  options.dims["batch"] = 5;
  infer("g (float[batch,7] x) => (float[batch,7] y) { y = Relu(x) }");
  EXPECT_THAT(dims("y"), ElementsAre(5, 7));
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Shapes, SizesOfOtherDimensionsLeaveThoseThatTheUserSets) {
  options.dims["batch"] = 5;
  options.otherDims = 2;
  infer("g (float[batch,length] a, float[length,3] b) => (float[] y) { y = "
        "MatMul(a, b) }");
  EXPECT_THAT(dims("y"), ElementsAre(5, 3));
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Shapes, ShapeOfOneInputSettlesTheSymbolEverywhere) {
  options.shapes["a"] = {5, 7};
  infer("g (float[batch,7] a, float[batch,9] b) => (float[] y) { y = Concat "
        "<axis = 1> (a, b) }");
  EXPECT_THAT(dims("y"), ElementsAre(5, 16));
}

TEST_F(Shapes, NamesUnknownDimensionsOfInputsOnce) {
  infer("g (float[batch,7] x) => (float[] z) { y = Relu(x) z = Relu(y) }");
  EXPECT_THAT(notes,
              ElementsAre("input 'x': dimension 0 ('batch') has no value"));
}

TEST_F(Shapes, NamesTheFirstDataDependentValueOnly) {
  infer("g (float[4] x) => (int64[] z) { y = NonZero(x) z = Neg(y) }");
  EXPECT_THAT(notes, ElementsAre(HasSubstr("depends on data")));
}

TEST_F(Shapes, EvaluatesNonZeroOfConstants) {
  infer(R"(g () => (y) <int64[4] x = {0, 3, 0, 1}> { y = NonZero(x) })");
  EXPECT_THAT(dims("y"), ElementsAre(1, 2));
}

TEST_F(Shapes, GoesOnBehindAnOperatorThatFails) {
  infer(
      R"(g (float[2,3] a, float[4,5] b) => (float[] y, float[] z) { bad = MatMul(a, b) y = Relu(bad) z = Relu(a) })");
  EXPECT_THAT(notes, ElementsAre(HasSubstr("(MatMul)")));
  EXPECT_THAT(dims("z"), ElementsAre(2, 3));
}

TEST_F(Shapes, DeclaredTypesFillWhatInferenceCannotTell) {
  infer(
      R"(g (float[4] x) => (float[] z) <float[4,6] y> { y = Strange(x) z = Relu(y) })");
  EXPECT_THAT(dims("z"), ElementsAre(4, 6));
}

TEST_F(Shapes, ContradictionKeepsTheInferredType) {
  infer("g (float[2,3] x) => (float[2,4] y) { y = Relu(x) }");
  EXPECT_THAT(dims("y"), ElementsAre(2, 3));
  EXPECT_THAT(
      notes,
      ElementsAre(HasSubstr(
          "declared as tensor<2x4xfloat> but inferred as tensor<2x3xfloat>")));
}

TEST_F(Shapes, ConstantConditionChoosesTheBranch) {
  infer(R"(g (float[2,1] x) => (y) <int64[1] one = {1}> {
    s = Shape(x)
    last = Gather <axis = 0> (s, one)
    c = Equal(last, one)
    y = If (c) <then_branch = t () => (float[] a) { a = Squeeze(x, one) },
                else_branch = e () => (float[] b) { b = Identity(x) }>
  })");
  EXPECT_THAT(dims("y"), ElementsAre(2));
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Shapes, UnknownConditionKeepsWhatBranchesShare) {
  infer(R"(g (bool c, float[2,1] x, float[2,5] z) => (y) {
    y = If (c) <then_branch = t () => (float[] a) { a = Identity(x) },
                else_branch = e () => (float[] b) { b = Identity(z) }>
  })");
  EXPECT_THAT(dims("y"), ElementsAre(2, -1));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("the condition is not known")));
}

TEST_F(Shapes, LoopStacksItsTurns) {
  infer(R"(g (float[3] x) => (float[] last, float[] all) <int64 n = {6}> {
    last, all = Loop (n, , x) <body = b (int64 i, bool go, float[] v) => (bool on, float[] w, float[] out) {
      on = Identity(go) w = Relu(v) out = Neg(v) }>
  })");
  EXPECT_THAT(dims("last"), ElementsAre(3));
  EXPECT_THAT(dims("all"), ElementsAre(6, 3));
}

TEST_F(Shapes, LoopForgetsDimensionsThatGrow) {
  infer(R"(g (float[3,4] x, int64 n) => (float[] last) {
    last = Loop (n, , x) <body = b (int64 i, bool go, float[] v) => (bool on, float[] w) {
      on = Identity(go) w = Concat <axis = 0> (v, v) }>
  })");
  EXPECT_THAT(dims("last"), ElementsAre(-1, 4));
}

TEST_F(Shapes, RefusesAShapeForAnUnknownInput) {
  options.shapes["image"] = {1};
  infer("g (float[n] x) => (float[] y) { y = Relu(x) }");
  EXPECT_EQ(error,
            "shape for input 'image': there is no such input; the model has x");
}

TEST_F(Shapes, RefusesAnotherRank) {
  options.shapes["x"] = {1, 2};
  infer("g (float[n] x) => (float[] y) { y = Relu(x) }");
  EXPECT_THAT(error, HasSubstr("has rank 2, but the model declares rank 1"));
}

TEST_F(Shapes, RefusesContradictingADeclaredDimension) {
  options.shapes["x"] = {1, 2};
  infer("g (float[n,3] x) => (float[] y) { y = Relu(x) }");
  EXPECT_THAT(error, HasSubstr("dimension 1 is 2, but the model declares 3"));
}

TEST_F(Shapes, RefusesTwoValuesForOneSymbol) {
  options.shapes["a"] = {1};
  options.shapes["b"] = {2};
  infer("g (float[n] a, float[n] b) => (float[] y) { y = Add(a, b) }");
  EXPECT_THAT(error, HasSubstr("'n' is already 1"));
}

TEST_F(Shapes, NeverAllocatesWhatTheModelAsksFor) {
  infer(
      R"(g () => (y) <int64[2] n = {1000000000, 1000000000}> { y = ConstantOfShape(n) })");
  EXPECT_THAT(dims("y"), ElementsAre(1000000000, 1000000000));
}

} // namespace
