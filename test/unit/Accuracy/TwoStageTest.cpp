// SPDX-License-Identifier: Apache-2.0
// The two stages of HURRICANE with the accuracy network that comes with Gnomon.
#include "TimedProblem.h"

#include "gtest/gtest.h"

using namespace gnomon;

namespace {

// The paper trains a supernet for each stage; here the network judges.
TEST(TwoStage, ReachesASingleStageAtHalfTheEvaluations) {
  search::Problem problem = timedProblem();
  MlpEvaluator network = shippedNetwork(problem);
  for (search::Cost budget : {10000000, 15000000, 20000000, 25000000}) {
    SCOPED_TRACE(budget);
    problem.limits = {{0, budget, std::nullopt}};
    search::SearchOptions options;
    // One stage with the constants of each of the two, then Once-for-All's.
    options.evolution = options.twoStage.stage;
    options.evolution.rates.assign(problem.decisions.size(), 0.1);
    for (uint64_t evaluations : {1000, 10000}) {
      options.evaluations = evaluations;
      double single = meanScore("evolution", problem, network, options, 10);
      options.evaluations = evaluations / 2;
      double two = meanScore("two-stage", problem, network, options, 10);
      EXPECT_GE(two, 0.99 * single);
      options.evolution = {};
    }
  }
}

} // namespace
