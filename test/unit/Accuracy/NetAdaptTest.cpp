// SPDX-License-Identifier: Apache-2.0
// NetAdapt with the accuracy network that comes with Gnomon.
#include "TimedProblem.h"

#include "gtest/gtest.h"

using namespace gnomon;

namespace {

TEST(NetAdapt, JointMovesBeatSingleOnesAtEqualEvaluations) {
  search::Problem problem = timedProblem();
  ASSERT_EQ(llvm::toString(problem.check()), "");
  MlpEvaluator network = shippedNetwork(problem);
  for (search::Cost budget : {15000000, 20000000, 25000000}) {
    SCOPED_TRACE(budget);
    problem.limits = {{0, budget, std::nullopt}};
    search::SearchOptions options;
    options.evaluations = 10000;
    double single = meanScore("netadapt", problem, network, options, 1);
    double joint = meanScore("netadapt-v2", problem, network, options, 10);
    double far = meanScore("evolution", problem, network, options, 1);
    options.netAdapt.decisions = 1;
    double drawn = meanScore("netadapt-v2", problem, network, options, 5);
    EXPECT_GE(joint, single);
    EXPECT_GE(joint, drawn);
    // In shares of 1: within 0.4 points, and 0.6 for single moves.
    EXPECT_GE(joint, far - 0.004);
    EXPECT_GE(single, far - 0.006);
  }
}

} // namespace
