// SPDX-License-Identifier: Apache-2.0
// The cost models: sources, batches, and what reaches which model.

#include "gnomon/Cost/CostModel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace gnomon;

namespace {

FeatureRow row(KernelKind kind, double flops) {
  FeatureRow result(kind);
  result.dtype = "f32";
  result.set(Feature::flops, flops);
  result.set(Feature::bytes, 0);
  result.set(Feature::kernel_area, 9);
  return result;
}

class ForestCosts : public testing::Test {
protected:
  std::vector<Estimate> ask(llvm::ArrayRef<FeatureRow> rows) {
    ForestCostModel model(*bundle, bundle->device, 0.9);
    std::vector<Estimate> estimates(rows.size());
    llvm::cantFail(model.estimate(rows, estimates));
    return estimates;
  }
  std::unique_ptr<const ModelBundle> bundle = llvm::cantFail(
      ModelBundle::load(GNOMON_SOURCE_DIR "/test/Inputs/toy-bundle"));
};

TEST_F(ForestCosts, MixedBatchKeepsItsOrder) {
  std::vector<Estimate> answers =
      ask({row(KernelKind::conv, 1e4), row(KernelKind::gemm, 1e4),
           row(KernelKind::free, 0), row(KernelKind::conv, 2e6)});
  // Roofline: 10 us of work and 1 us of overhead; the forest says 0.5 and 1.
  EXPECT_NEAR(answers[0].latencyUs, 11 * std::exp(0.5), 1e-6);
  EXPECT_EQ(answers[0].source, Source::Predicted);
  EXPECT_NEAR(answers[1].latencyUs, 11, 1e-9);
  EXPECT_EQ(answers[1].source, Source::Roofline);
  EXPECT_EQ(answers[2].latencyUs, 0);
  EXPECT_EQ(answers[2].source, Source::Free);
  EXPECT_NEAR(answers[3].latencyUs, 2001 * std::exp(1.0), 1e-3);
}

TEST_F(ForestCosts, OutsideTheTrainingRangeIsSaid) {
  EXPECT_EQ(ask({row(KernelKind::conv, 1e9)})[0].source, Source::Extrapolated);
  EXPECT_EQ(ask({row(KernelKind::conv, 1.2e7)})[0].source, Source::Predicted);
}

TEST_F(ForestCosts, RowsWithGapsHaveNoCost) {
  FeatureRow gap = row(KernelKind::conv, NAN);
  gap.gap = "dynamic dimension";
  EXPECT_EQ(ask({gap})[0].source, Source::Unsupported);
}

TEST_F(ForestCosts, IntervalsHoldTheEstimate) {
  Estimate estimate = ask({row(KernelKind::conv, 1e4)})[0];
  EXPECT_NEAR(estimate.lowUs, estimate.latencyUs * std::exp(-0.2), 1e-9);
  EXPECT_NEAR(estimate.highUs, estimate.latencyUs * std::exp(0.2), 1e-9);
}

TEST(ForestCostModel, SaysWhichForestCannotBeRead) {
  ModelBundle bundle;
  KindModel &model = bundle.kinds[KernelKind::conv];
  model.forest = ForestFile("gone.ubj", "bundle.json: kinds.conv", 0);
  ForestCostModel costs(bundle, bundle.device, 0.9);
  std::vector<Estimate> estimates(1);
  EXPECT_FALSE(costs.estimate({row(KernelKind::gemm, 1)}, estimates));
  for (int time = 0; time < 2; ++time)
    EXPECT_THAT(
        llvm::toString(costs.estimate({row(KernelKind::conv, 1)}, estimates)),
        testing::HasSubstr("gone.ubj"));
}

TEST(RecorderCostModel, KeepsWhatItPassesOn) {
  ConstantCostModel constant({5, 4, 6, Source::Predicted});
  RecorderCostModel recorder(constant);
  std::vector<FeatureRow> rows = {row(KernelKind::conv, 1),
                                  row(KernelKind::gemm, 2)};
  std::vector<Estimate> estimates(2);
  llvm::cantFail(recorder.estimate(rows, estimates));
  EXPECT_EQ(estimates[1].latencyUs, 5);
  ASSERT_EQ(recorder.recorded().size(), 2u);
  EXPECT_EQ(recorder.recorded()[1].kind, KernelKind::gemm);
}

} // namespace
