// SPDX-License-Identifier: Apache-2.0
// Load-time detection: constants, shapes, and chains that must not recurse.

#include "ParseOps.h"

using namespace gnomon;
using gnomon::test::Parsed;

TEST(LoadTime, ConstantsAndWhatFollowsFromThem) {
  Parsed ir("%x: tensor<2x3xf32>, %d: tensor<?x3xf32>", R"(
    %c = "onnx.Constant"() {value = dense<1.0> : tensor<3x3xf32>} : () -> tensor<3x3xf32>
    %t = "onnx.Transpose"(%c) {perm = [1, 0]} : (tensor<3x3xf32>) -> tensor<3x3xf32>
    %s = "onnx.Shape"(%x) : (tensor<2x3xf32>) -> tensor<2xi64>
    %g = "onnx.Cast"(%s) : (tensor<2xi64>) -> tensor<2xf32>
    %n = "onnx.Size"(%d) : (tensor<?x3xf32>) -> tensor<i64>
    %r = "onnx.RandomNormalLike"(%c) : (tensor<3x3xf32>) -> tensor<3x3xf32>
    %m = "onnx.MatMul"(%x, %t) : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x3xf32>)");
  LoadTimeAnalysis analysis(*ir.module);
  for (llvm::StringRef name :
       {"onnx.Constant", "onnx.Transpose", "onnx.Shape", "onnx.Cast"}) {
    EXPECT_TRUE(isLoadTime(ir.find(name))) << name.str();
    EXPECT_TRUE(analysis.isLoadTime(ir.find(name))) << name.str();
  }
  for (llvm::StringRef name :
       {"onnx.Size", "onnx.RandomNormalLike", "onnx.MatMul"}) {
    EXPECT_FALSE(isLoadTime(ir.find(name))) << name.str();
    EXPECT_FALSE(analysis.isLoadTime(ir.find(name))) << name.str();
  }
  FeatureRow row = ir.row("onnx.MatMul");
  EXPECT_EQ(row.get(Feature::gemm_a_weight), 0);
  EXPECT_EQ(row.get(Feature::gemm_b_weight), 1);
  EXPECT_EQ(row.get(Feature::bytes_weights), 36);
}

TEST(LoadTime, DeepChainsDoNotOverflowTheStack) {
  std::string body = R"(%v0 = "onnx.Constant"() : () -> tensor<2xf32>)";
  unsigned depth = 20000;
  for (unsigned i = 0; i != depth; ++i)
    body += ("\n%v" + llvm::Twine(i + 1) + " = \"onnx.Neg\"(%v" +
             llvm::Twine(i) + ") : (tensor<2xf32>) -> tensor<2xf32>")
                .str();
  body += "\n%last = \"onnx.Abs\"(%v20000) : (tensor<2xf32>) -> tensor<2xf32>";
  Parsed ir("", body);
  EXPECT_TRUE(isLoadTime(ir.find("onnx.Abs")));
  EXPECT_TRUE(LoadTimeAnalysis(*ir.module).isLoadTime(ir.find("onnx.Abs")));
}
