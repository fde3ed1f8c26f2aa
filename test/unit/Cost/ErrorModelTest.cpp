// SPDX-License-Identifier: Apache-2.0
// Errors of networks: quantiles, probabilities, kinds that nobody measured.

#include "gnomon/Cost/ErrorModel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace gnomon;
using testing::HasSubstr;

namespace {

ErrorModel model() {
  ErrorModel model;
  model.kinds[KernelKind::conv] = {0.1, 0.3};
  model.kinds[KernelKind::gemm] = {0.2, 0.1};
  model.quantiles = {{0.1, -1}, {0.5, 0}, {0.9, 2}};
  model.networks = 7;
  return model;
}

TEST(ErrorModel, QuantilesAndProbabilitiesAreInverse) {
  ErrorModel errors = model();
  for (double p : {0.1, 0.3, 0.5, 0.6, 0.9})
    EXPECT_NEAR(errors.probability(errors.quantile(p)), p, 1e-12);
  EXPECT_NEAR(errors.quantile(0.7), 1, 1e-12);
  EXPECT_EQ(errors.probability(9), 0.9);
  EXPECT_EQ(errors.probability(-9), 0.1);
}

TEST(ErrorModel, UnknownKindsTakeTheGreatest) {
  ErrorModel errors = model();
  EXPECT_EQ(errors.of(KernelKind::conv).alone, 0.3);
  EXPECT_EQ(errors.of(KernelKind::softmax).together, 0.2);
  EXPECT_EQ(errors.of(KernelKind::softmax).alone, 0.3);
}

TEST(ErrorModel, RefusesProbabilitiesThatItDoesNotKnow) {
  EXPECT_FALSE(bool(model().check("b", 0.5)));
  EXPECT_THAT(llvm::toString(model().check("b", 0.95)), HasSubstr("up to 0.9"));
  EXPECT_THAT(llvm::toString(model().check("b", 0.4)), HasSubstr("0.5 to"));
  EXPECT_THAT(llvm::toString(model().check("b", std::nan(""))),
              HasSubstr("0.5 to"));
  EXPECT_THAT(llvm::toString(ErrorModel().check("b", 0.9)),
              HasSubstr("does not know how far"));
}

TEST(ErrorModel, IntervalsAreQuantilesOfTheWholeNetwork) {
  ErrorModel errors =
      ErrorModel::ofIntervals({{0.8, {-0.1, 0.2}}, {0.9, {-0.2, 0.3}}});
  EXPECT_EQ(errors.common, 1);
  EXPECT_NEAR(errors.quantile(0.9), std::expm1(0.2), 1e-12);
  EXPECT_NEAR(errors.quantile(0.05), std::expm1(-0.2), 1e-12);
  EXPECT_THAT(errors.restsOn(), HasSubstr("intervals"));
  EXPECT_FALSE(ErrorModel::ofIntervals({}).isKnown());
}

} // namespace
