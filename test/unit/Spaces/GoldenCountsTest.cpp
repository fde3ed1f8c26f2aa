// SPDX-License-Identifier: Apache-2.0
// Counts of well-known networks of the spaces, and the spaces' sizes.

#include "SpaceModules.h"

#include "llvm/ADT/SmallString.h"
#include "gtest/gtest.h"

using namespace gnomon;
using namespace gnomon::test;

/// Counts of the smallest and the largest network, "min | max".
static std::string extremes(llvm::StringRef name, double width, int64_t small,
                            int64_t large) {
  mlir::MLIRContext context;
  SpaceOptions options{{small, large}, width, 1};
  auto module = build(context, space(name), options);
  if (!module)
    return "";
  return text(count(*module, space(name).minimum(options))) + " | " +
         text(count(*module, space(name).maximum(options)));
}

/// Counts of one architecture.
static std::string counts(llvm::StringRef name, llvm::StringRef architecture) {
  mlir::MLIRContext context;
  auto module = build(context, space(name));
  auto selection = space(name).select(parse(architecture));
  if (!module || !selection)
    return selection ? "" : llvm::toString(selection.takeError());
  return text(count(*module, *selection));
}

TEST(GoldenCounts, onceForAllMobileNetV3) {
  EXPECT_EQ(extremes("ofa-mbv3", 1.0, 160, 224),
            "63.241 3.4108 48 | 566.171 7.6648 90");
  EXPECT_EQ(extremes("ofa-mbv3", 1.0, 128, 224),
            "41.476 3.4108 48 | 566.171 7.6648 90");
  EXPECT_EQ(extremes("ofa-mbv3", 1.2, 160, 224),
            "100.321 4.6025 48 | 843.101 10.7016 90");
}

TEST(GoldenCounts, onceForAllProxyless) {
  EXPECT_EQ(extremes("ofa-proxyless", 1.3, 128, 224),
            "87.823 3.7188 38 | 1004.908 7.9421 68");
}

TEST(GoldenCounts, compOfaIsPartOfOnceForAll) {
  EXPECT_EQ(extremes("compofa-elastic", 1.0, 160, 224),
            "63.241 3.4108 48 | 566.171 7.6648 90");
}

TEST(GoldenCounts, mobileNetV2) {
  EXPECT_EQ(counts("mbv2", R"({"width": 1.0, "r": 224})"), "300.774 3.5049 53");
}

TEST(GoldenCounts, fbnet) {
  EXPECT_EQ(counts("fbnet-1504", R"({"blocks": [8, 2,0,8,8, 7,2,4,2, 7,6,5,7,
      3,5,6,1, 7,7,6,7, 7]})"),
            "249.922 4.3215 60");
  EXPECT_EQ(counts("fbnet", R"({"blocks": [0, 3,4,0,0, 7,6,3,7, 7,7,8,6,
      7,0,4,6, 7,4,7,7, 3]})"),
            "306.211 4.8633 66");
  EXPECT_EQ(counts("fbnet", R"({"blocks": [0, 3,8,0,0, 7,6,7,3, 7,6,7,7,
      7,7,7,6, 7,7,7,7, 3]})"),
            "384.960 5.5722 66");
}

TEST(GoldenCounts, fbnetExtremes) {
  EXPECT_EQ(extremes("fbnet", 0, 224, 224), "49.419 2.7851 9 | "
                                            "572.634 5.7541 69");
}

static std::string sizeOf(llvm::StringRef name) {
  llvm::SmallString<64> digits;
  space(name).size({}).toString(digits, 10, /*Signed=*/false);
  return digits.str().str();
}

static std::string power(uint64_t base, unsigned exponent,
                         uint64_t factor = 1) {
  llvm::APInt value(256, factor);
  for (unsigned i = 0; i < exponent; ++i)
    value *= llvm::APInt(256, base);
  llvm::SmallString<64> digits;
  value.toString(digits, 10, /*Signed=*/false);
  return digits.str().str();
}

TEST(SpaceSize, onceForAll) {
  EXPECT_EQ(sizeOf("ofa-mbv3"), power(81 + 729 + 6561, 5));
  EXPECT_EQ(sizeOf("ofa-mbv3").size(), 20u); // 2.18e19
  EXPECT_EQ(sizeOf("ofa-proxyless"), power(81 + 729 + 6561, 5, 9));
  EXPECT_EQ(sizeOf("compofa"), "243");
  EXPECT_EQ(sizeOf("compofa-elastic"), power(9 + 27 + 81, 5));
}

TEST(SpaceSize, layerwise) {
  EXPECT_EQ(sizeOf("fbnet"), power(9, 22));
  EXPECT_EQ(sizeOf("fbnet-cifar"), power(9, 22));
  // Six layers change the shape and cannot be skipped.
  EXPECT_EQ(sizeOf("proxyless"), power(7, 15, 46656));
}

TEST(SpaceSize, widths) {
  EXPECT_EQ(sizeOf("mbv2"), "6");
  // Nine widths of 4, 6 or 7 sizes that differ; 18 + ... + 18^4 blocks a stage;
  // squeeze and excitation in three stages.
  llvm::APInt networks(256, 4 * 4 * 4 * 6 * 8);
  for (int i = 0; i < 5; ++i)
    networks *= llvm::APInt(256, 7 * (18 + 324 + 5832 + 104976));
  EXPECT_TRUE(llvm::APInt::isSameValue(networks, space("tunas").size({})));
}
