// SPDX-License-Identifier: Apache-2.0
// Every space: its module verifies and holds what its decisions say.

#include "SpaceModules.h"

#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Transforms/Choices.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <chrono>

using namespace gnomon;
using namespace gnomon::test;

namespace {

class EverySpace : public testing::TestWithParam<const Space *> {
protected:
  const Space &space = *GetParam();
  mlir::MLIRContext context;
};

TEST_P(EverySpace, moduleVerifies) {
  auto module = build(context, space);
  ASSERT_TRUE(module);
  EXPECT_TRUE(mlir::succeeded(mlir::verify(*module)));
}

TEST_P(EverySpace, moduleDeclaresTheDecisions) {
  auto module = build(context, space);
  ASSERT_TRUE(module);
  std::vector<SpaceDecision> decisions = space.decisions({});
  auto ops = llvm::to_vector(module->getOps<DecisionOp>());
  ASSERT_EQ(ops.size(), decisions.size());
  for (auto [op, decision] : llvm::zip(ops, decisions)) {
    EXPECT_EQ(op.getSymName(), decision.name);
    std::vector<std::string> options;
    for (auto option : op.getOptions().getAsRange<mlir::StringAttr>())
      options.push_back(option.str());
    EXPECT_EQ(options, decision.options);
  }
  EXPECT_EQ(decisions.front().name, kResolutionDecision);
}

TEST_P(EverySpace, randomNetworksHaveLayers) {
  auto module = build(context, space);
  ASSERT_TRUE(module);
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Selection selection = space.random(seed);
    EXPECT_EQ(selection, space.random(seed));
    EXPECT_FALSE(bool(space.check(selection)));
    NetworkCounts counts = count(*module, selection);
    EXPECT_GT(counts.macs, 0);
    EXPECT_GT(counts.layers, 0);
  }
}

TEST_P(EverySpace, randomNetworksMaterialize) {
  SpaceOptions options;
  options.resolutions = {space.name().contains("cifar") ? 32 : 160};
  auto module = build(context, space, options);
  ASSERT_TRUE(module);
  // Copies of this one are slow: it alone has all pairs of widths.
  uint64_t networks = space.name() == "tunas" ? 5 : 100;
  for (uint64_t seed = 0; seed < networks; ++seed) {
    Selection selection = space.random(seed, options);
    mlir::OwningOpRef<mlir::ModuleOp> network(module->clone());
    ASSERT_TRUE(mlir::succeeded(recordSelection(*network, selection)));
    ASSERT_TRUE(mlir::succeeded(materializeChoices(*network)));
    EXPECT_TRUE(mlir::succeeded(mlir::verify(*network)));
    EXPECT_EQ(text(count(*network, {})), text(count(*module, selection)));
  }
}

TEST_P(EverySpace, architecturesGoThereAndBack) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Selection selection = space.random(seed);
    auto architecture = space.describe(selection);
    ASSERT_TRUE(bool(architecture));
    auto again = space.select(*architecture);
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(*again, selection);
    auto once = space.describe(*again);
    ASSERT_TRUE(bool(once));
    EXPECT_EQ(print(*once), print(*architecture));
  }
}

TEST_P(EverySpace, extremesAreNetworks) {
  auto module = build(context, space);
  ASSERT_TRUE(module);
  EXPECT_FALSE(bool(space.check(space.minimum())));
  EXPECT_FALSE(bool(space.check(space.maximum())));
  EXPECT_LT(count(*module, space.minimum()).macs,
            count(*module, space.maximum()).macs);
}

TEST_P(EverySpace, batchMultipliesWorkAlone) {
  SpaceOptions options;
  options.resolutions = {32};
  auto one = build(context, space, options);
  options.batch = 2;
  auto both = build(context, space, options);
  ASSERT_TRUE(one && both);
  Selection selection = space.random(7, options);
  NetworkCounts single = count(*one, selection);
  NetworkCounts pair = count(*both, selection);
  EXPECT_EQ(pair.macs, 2 * single.macs);
  EXPECT_EQ(pair.params, single.params);
}

std::string nameOf(const testing::TestParamInfo<const Space *> &info) {
  std::string name = info.param->name().str();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, EverySpace,
                         testing::ValuesIn(allSpaces().begin(),
                                           allSpaces().end()),
                         nameOf);

/// Counts what is written, keeps nothing.
class CountingStream : public llvm::raw_ostream {
public:
  CountingStream() { SetUnbuffered(); }
  uint64_t bytes = 0;

private:
  void write_impl(const char *, size_t size) override { bytes += size; }
  uint64_t current_pos() const override { return bytes; }
};

TEST(LargeSpace, twentyFiveResolutionsAreSmall) {
  mlir::MLIRContext context;
  auto begin = std::chrono::steady_clock::now();
  auto module = build(context, space("ofa-mbv3"));
  std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(module);
  CountingStream stream;
  module->print(stream);
  RecordProperty("build_seconds", std::to_string(taken.count()));
  RecordProperty("printed_bytes", std::to_string(stream.bytes));
  EXPECT_LT(stream.bytes, 20u << 20);
  EXPECT_EQ(llvm::range_size(module->getOps<mlir::func::FuncOp>()), 25);
}

TEST(Counts, sayWhatIsNotSelected) {
  mlir::MLIRContext context;
  auto module = build(context, space("mbv2"));
  ASSERT_TRUE(module);
  auto functionError = [&](const Selection &selection) {
    return llvm::toString(selectedFunction(*module, selection).takeError());
  };
  EXPECT_EQ(functionError({}),
            "the decision @resolution is asked, but the selection holds no "
            "option for it");
  EXPECT_EQ(functionError({{"resolution", "100"}}),
            "no function of the module is an alternative that the selection "
            "picks");
  auto function = selectedFunction(*module, {{"resolution", "96"}});
  ASSERT_TRUE(bool(function));
  auto countError = [&](const Selection &selection) {
    return llvm::toString(countNetwork(*function, selection).takeError());
  };
  EXPECT_EQ(countError({}), "the decision @width is asked, but the selection "
                            "holds no option for it");
  EXPECT_EQ(countError({{"width", "2.0"}}),
            "the decision @width has no option '2.0'");
}

TEST(Spaces, areSortedByName) {
  for (size_t i = 1; i < allSpaces().size(); ++i)
    EXPECT_LT(allSpaces()[i - 1]->name(), allSpaces()[i]->name());
  EXPECT_EQ(findSpace("no-such-space"), nullptr);
}

TEST(Spaces, refuseOptionsOutOfBounds) {
  mlir::MLIRContext context;
  auto error = [&](const SpaceOptions &options) {
    auto module = space("ofa-mbv3").build(context, options);
    return module ? "" : llvm::toString(module.takeError());
  };
  EXPECT_EQ(error({{4}, 0, 1}), "resolutions: found 4, expected 8 to 1024");
  EXPECT_EQ(error({{}, 1.1, 1}),
            "width-mult: found 1.10, expected one of 1.00, 1.20");
  EXPECT_EQ(error({{}, 0, 0}), "batch: found 0, expected 1 to 1024");
}

} // namespace
