// SPDX-License-Identifier: Apache-2.0
// NAS-Bench-201: golden counts, strings, dead edges.

#include "PlainNetwork.h"

#include "gtest/gtest.h"

using namespace gnomon;
using namespace gnomon::test;
using llvm::StringRef;
using llvm::json::Object;

namespace {

const Space &space() { return *findSpace("nasbench201"); }

std::string archOf(const std::vector<std::string> &ops) {
  return "|" + ops[0] + "~0|+|" + ops[1] + "~0|" + ops[2] + "~1|+|" + ops[3] +
         "~0|" + ops[4] + "~1|" + ops[5] + "~2|";
}

Counts countArch(const std::vector<std::string> &ops, int64_t resolution = 32,
                 int64_t classes = 0) {
  auto selection =
      space().select(Object{{"arch", archOf(ops)}, {"r", resolution}});
  EXPECT_TRUE(bool(selection));
  mlir::MLIRContext context;
  SpaceOptions options;
  options.classes = classes;
  auto module = plainNetwork(context, space(), *selection, options);
  return countNetwork(*module);
}

std::vector<std::string> all(StringRef op) {
  return std::vector<std::string>(6, op.str());
}

std::string problemOf(Object architecture) {
  auto selection = space().select(architecture);
  return selection ? "" : llvm::toString(selection.takeError());
}

TEST(NasBench201, GoldenCounts) {
  Counts counts = countArch(all("nor_conv_3x3"));
  EXPECT_NEAR(counts.macs / 1e6, 220.120, .0005);
  EXPECT_NEAR(counts.params / 1e6, 1.5315, .00005);
  EXPECT_EQ(counts.layers, 98);
  counts = countArch(all("nor_conv_1x1"));
  EXPECT_NEAR(counts.macs / 1e6, 31.376, .0005);
  EXPECT_NEAR(counts.params / 1e6, .2413, .00005);
  EXPECT_EQ(counts.layers, 98);
  for (StringRef op : {"skip_connect", "none"}) {
    counts = countArch(all(op));
    EXPECT_NEAR(counts.macs / 1e6, 7.783, .0005);
    EXPECT_NEAR(counts.params / 1e6, .0733, .00005);
    EXPECT_EQ(counts.layers, 8);
  }
}

TEST(NasBench201, OtherDataSets) {
  Counts ten = countArch(all("skip_connect"));
  EXPECT_EQ(countArch(all("skip_connect"), 32, 100).params - ten.params,
            90 * 65);
  EXPECT_EQ(countArch(all("skip_connect"), 16).params - ten.params, 110 * 65);
}

TEST(NasBench201, LeavesOutWhatIsNone) {
  // One edge from node 0 to node 3 is all that is left: a relu, a convolution
  // and a normalization a cell.
  std::vector<std::string> ops = all("none");
  ops[3] = "nor_conv_3x3";
  Counts base = countArch(all("none"));
  Counts one = countArch(ops);
  EXPECT_EQ(base.ops - 15, one.ops - 3 * 15); // a product by zero instead
  // Edges into nodes that nobody reads change nothing.
  ops[0] = ops[1] = ops[2] = "nor_conv_3x3";
  Counts dead = countArch(ops);
  EXPECT_EQ(dead.ops, one.ops);
  EXPECT_EQ(dead.params, one.params);
}

TEST(NasBench201, EveryNetworkVerifiesAndReadsEverything) {
  mlir::MLIRContext context;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Selection selection = space().random(seed);
    auto module = plainNetwork(context, space(), selection);
    ASSERT_TRUE(module);
    EXPECT_EQ(countNetwork(*module).unread, 0) << seed;
  }
}

TEST(NasBench201, Size) { EXPECT_EQ(space().size({}), 15625); }

TEST(NasBench201, StringsBothWays) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Selection selection = space().random(seed);
    auto architecture = space().describe(selection);
    ASSERT_TRUE(bool(architecture));
    auto again = space().select(*architecture);
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(*again, selection);
  }
  auto partial = space().describe({{"resolution", "32"}});
  ASSERT_TRUE(bool(partial));
  EXPECT_EQ(partial->getString("arch"), StringRef(archOf(all("none"))));
}

TEST(NasBench201, WrongStringsAreLocated) {
  EXPECT_EQ(problemOf(Object{}),
            "arch: found nothing, expected a string as in |nor_conv_3x3~0|+"
            "|none~0|none~1|+|skip_connect~0|none~1|none~2|");
  EXPECT_EQ(problemOf(Object{{"arch", "|conv~0|"}}),
            "arch, edge 0 to 1: found 'conv', expected one of none, "
            "skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3");
  EXPECT_EQ(problemOf(Object{{"arch", "|none~1|"}}),
            "arch, edge 0 to 1: found 'none~1', expected 'none~0'");
  EXPECT_EQ(problemOf(Object{{"arch", "|none~0|"}}),
            "arch, before node 2: found '', expected '+'");
  EXPECT_EQ(problemOf(Object{{"arch", archOf(all("none")) + "+"}}),
            "arch: found '+' behind node 3, expected the end");
  EXPECT_EQ(problemOf(Object{{"arch", 3}}).substr(0, 13), "arch: found 3");
  EXPECT_EQ(problemOf(Object{{"arch", archOf(all("none"))}, {"r", 4}}),
            "r: found 4, expected 8 to 1024");
}

} // namespace
