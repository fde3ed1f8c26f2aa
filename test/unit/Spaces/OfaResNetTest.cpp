// SPDX-License-Identifier: Apache-2.0
// Once-for-All ResNet50D: golden counts, sizes, architectures.

#include "PlainNetwork.h"

#include "gtest/gtest.h"

using namespace gnomon;
using namespace gnomon::test;
using llvm::json::Array;
using llvm::json::Object;

namespace {

const Space &space() { return *findSpace("ofa-resnet50d"); }

Counts countSelection(Selection selection, const std::string &resolution) {
  selection["resolution"] = resolution;
  mlir::MLIRContext context;
  auto module = plainNetwork(context, space(), selection);
  return countNetwork(*module);
}

Array expansionsOf(double ratio) {
  Array expansions;
  for (int slot = 0; slot < 18; ++slot)
    expansions.push_back(ratio);
  return expansions;
}

Object architecture() {
  return Object{{"d", Array{2, 2, 2, 2, 2}},
                {"e", expansionsOf(0.35)},
                {"w", Array{2, 2, 2, 2, 2, 2}},
                {"r", 224}};
}

std::string problemOf(Object architecture) {
  auto selection = space().select(architecture);
  return selection ? "" : llvm::toString(selection.takeError());
}

TEST(OfaResNet, GoldenCounts) {
  Counts largest = countSelection(space().maximum(), "224");
  EXPECT_NEAR(largest.macs / 1e6, 7491.644, .0005);
  EXPECT_NEAR(largest.params / 1e6, 48.1060, .00005);
  EXPECT_EQ(largest.layers, 62);
  Counts smallest = countSelection(space().minimum(), "128");
  EXPECT_NEAR(smallest.macs / 1e6, 315.080, .0005);
  EXPECT_NEAR(smallest.params / 1e6, 6.5393, .00005);
  EXPECT_EQ(smallest.layers, 37);
}

TEST(OfaResNet, SizeCountsDistinctNetworks) {
  // Stem: residual or not, 2 widths inside (.65 and .8 both give 24 channels),
  // 3 behind. A stage of base depth b: 3 widths, 3^b + 3^(b+1) + 3^(b+2)
  // expansions (which give different channels at every width).
  uint64_t two = 3 * (9 + 27 + 81), four = 3 * (81 + 243 + 729);
  EXPECT_EQ(space().size({}), 2 * 2 * 3 * two * two * four * two);
}

TEST(OfaResNet, RandomNetworksVerifyAndReadEverything) {
  mlir::MLIRContext context;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    auto module = plainNetwork(context, space(), space().random(seed));
    ASSERT_TRUE(module);
    EXPECT_EQ(countNetwork(*module).unread, 0) << seed;
  }
}

TEST(OfaResNet, ArchitecturesBothWays) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Selection selection = space().random(seed);
    auto described = space().describe(selection);
    ASSERT_TRUE(bool(described)) << llvm::toString(described.takeError());
    auto again = space().select(*described);
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(*again, selection);
  }
}

TEST(OfaResNet, CanonicalArchitecture) {
  Object given = architecture();
  (*given.getArray("d")) = Array{1, 0, 2, 2, 2}; // 1: no residual either
  (*given.getArray("w")) = Array{1, 1, 1, 1, 1, 1};
  auto selection = space().select(given);
  ASSERT_TRUE(bool(selection));
  auto described = space().describe(*selection);
  ASSERT_TRUE(bool(described));
  EXPECT_EQ(*described->getArray("d"), (Array{0, 0, 2, 2, 2}));
  EXPECT_EQ(*described->getArray("w"), (Array{0, 1, 1, 1, 1, 1}));
  Array expansions = expansionsOf(0.35);
  expansions[2] = expansions[3] = 0; // stage 1 has two blocks
  EXPECT_EQ(*described->getArray("e"), expansions);
}

TEST(OfaResNet, WrongArchitecturesAreLocated) {
  Object wrong = architecture();
  (*wrong.getArray("e"))[7] = 0.5;
  EXPECT_EQ(problemOf(wrong),
            "e[7]: found 0.5, expected one of 0.2, 0.25, 0.35");
  wrong = architecture();
  wrong["w"] = Array{0, 0, 0, 0, 0, 3};
  EXPECT_EQ(problemOf(wrong), "w[5]: found 3, expected one of 0, 1, 2");
  wrong = architecture();
  wrong["d"] = Array{0, 0};
  EXPECT_EQ(problemOf(wrong), "d: found a list of 2, expected a list of 5");
}

} // namespace
