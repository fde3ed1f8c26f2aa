// SPDX-License-Identifier: Apache-2.0
// Keys of blocks in the formats of public look-up tables.

#include "SpaceModules.h"

#include "llvm/ADT/StringExtras.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gnomon;
using namespace gnomon::test;
using testing::ElementsAre;

static std::vector<std::string> keysOf(llvm::StringRef name,
                                       llvm::StringRef architecture,
                                       const SpaceOptions &options = {}) {
  mlir::MLIRContext context;
  auto module = build(context, space(name), options);
  auto selection = space(name).select(parse(architecture));
  if (!module || !selection)
    return {selection ? "" : llvm::toString(selection.takeError())};
  return blockKeys(*module, *selection);
}

TEST(BlockKeys, onceForAllMobileNetV3) {
  EXPECT_THAT(
      keysOf("ofa-mbv3", R"({"d": [2, 2, 2, 2, 2], "r": 160,
        "ks": [3,5,0,0, 7,3,0,0, 3,5,0,0, 7,3,0,0, 3,7,0,0],
        "e": [3,4,0,0, 6,3,0,0, 3,4,0,0, 6,3,0,0, 4,6,0,0]})",
             {{160}, 1.2, 1}),
      ElementsAre(
          "Conv-input:160x160x3-output:80x80x24",
          "expanded_conv-input:80x80x24-output:80x80x24-expand:24-kernel:3-"
          "stride:1-idskip:1-se:0-hs:0",
          "expanded_conv-input:80x80x24-output:40x40x32-expand:72-kernel:3-"
          "stride:2-idskip:0-se:0-hs:0",
          "expanded_conv-input:40x40x32-output:40x40x32-expand:128-kernel:5-"
          "stride:1-idskip:1-se:0-hs:0",
          "expanded_conv-input:40x40x32-output:20x20x48-expand:192-kernel:7-"
          "stride:2-idskip:0-se:1-hs:0",
          "expanded_conv-input:20x20x48-output:20x20x48-expand:144-kernel:3-"
          "stride:1-idskip:1-se:1-hs:0",
          "expanded_conv-input:20x20x48-output:10x10x96-expand:144-kernel:3-"
          "stride:2-idskip:0-se:0-hs:1",
          "expanded_conv-input:10x10x96-output:10x10x96-expand:384-kernel:5-"
          "stride:1-idskip:1-se:0-hs:1",
          "expanded_conv-input:10x10x96-output:10x10x136-expand:576-kernel:7-"
          "stride:1-idskip:0-se:1-hs:1",
          "expanded_conv-input:10x10x136-output:10x10x136-expand:408-kernel:3-"
          "stride:1-idskip:1-se:1-hs:1",
          "expanded_conv-input:10x10x136-output:5x5x192-expand:544-kernel:3-"
          "stride:2-idskip:0-se:1-hs:1",
          "expanded_conv-input:5x5x192-output:5x5x192-expand:1152-kernel:7-"
          "stride:1-idskip:1-se:1-hs:1",
          "Conv_1-input:5x5x192-output:5x5x1152",
          "AvgPool2D-input:5x5x1152-output:1x1x1152",
          "Conv_2-input:1x1x1152-output:1x1x1536",
          "Logits-input:1x1x1536-output:1000"));
}

TEST(BlockKeys, proxyless) {
  std::vector<std::string> keys =
      keysOf("proxyless", R"({"blocks": ["k5e3","k3e3","skip","k3e3",
        "k7e6","k3e3","skip","skip", "k7e6","k5e6","k5e3","k5e3",
        "k5e6","k5e3","k5e3","k5e3", "k7e6","k7e6","k7e3","k7e3", "k7e6"]})");
  ASSERT_EQ(keys.size(), 22u);
  EXPECT_EQ(keys[0], "Conv-input:224x224x3-output:112x112x32");
  EXPECT_EQ(keys[1], "expanded_conv-input:112x112x32-output:112x112x16-"
                     "expand:1-kernel:3-stride:1-idskip:0");
  EXPECT_EQ(keys[2], "expanded_conv-input:112x112x16-output:56x56x24-expand:3-"
                     "kernel:5-stride:2-idskip:0");
  EXPECT_EQ(keys[3], "expanded_conv-input:56x56x24-output:56x56x24-expand:3-"
                     "kernel:3-stride:1-idskip:1");
  EXPECT_EQ(keys[20], "Conv_1-input:7x7x320-output:7x7x1280");
  EXPECT_EQ(keys[21], "Logits-input:7x7x1280-output:1000");
}

TEST(BlockKeys, fbnet) {
  std::vector<std::string> keys =
      keysOf("fbnet", R"({"blocks": [8, 8,0,1,2, 7,6,7,3, 7,6,7,7,
      7,7,7,6, 7,7,7,7, 3]})");
  ASSERT_EQ(keys.size(), 25u);
  EXPECT_EQ(keys[0], "ConvNorm_H224_W224_Cin3_Cout16_kernel3_stride2_group1");
  EXPECT_EQ(keys[1], "Skip_H112_W112_Cin16_Cout24_stride2");
  EXPECT_EQ(keys[2],
            "ConvBlock_H56_W56_Cin24_Cout24_exp1_kernel3_stride1_group1");
  EXPECT_EQ(keys[3],
            "ConvBlock_H56_W56_Cin24_Cout24_exp1_kernel3_stride1_group2");
  EXPECT_EQ(keys[4],
            "ConvBlock_H56_W56_Cin24_Cout24_exp3_kernel3_stride1_group1");
  EXPECT_EQ(keys[22], "ConvNorm_H7_W7_Cin352_Cout1984_kernel1_stride1_group1");
  EXPECT_EQ(keys[23], "AvgP_H7_W7_Cin1984_Cout1984_kernel7_stride1");
  EXPECT_EQ(keys[24], "FC_Cin1984_Cout1000");
}
