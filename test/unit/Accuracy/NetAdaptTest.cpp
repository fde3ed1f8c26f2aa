// SPDX-License-Identifier: Apache-2.0
// NetAdapt with the accuracy network that comes with Gnomon.
#include "../Search/Problems.h"
#include "SmallProblem.h"
#include "gnomon/Accuracy/MlpEvaluator.h"
#include "gnomon/Search/Algorithms.h"

#include "gtest/gtest.h"

using namespace gnomon;

namespace {

/// ofa-mbv3 with made-up latencies, 7 ms to 43 ms.
search::Problem timedProblem() {
  std::vector<unsigned> resolutions;
  for (unsigned r = 128; r <= 224; r += 4)
    resolutions.push_back(r);
  search::Problem problem = mobileNetV3Problem(resolutions);
  search::Problem stages = search::test::stagesProblem(1);
  problem.metrics = stages.metrics;
  problem.terms = stages.terms;
  return problem;
}

/// Mean over the seeds of what a search finds.
double meanScore(llvm::StringRef name, const search::Problem &problem,
                 search::Evaluator &evaluator, search::SearchOptions options,
                 uint64_t seeds) {
  double sum = 0;
  for (options.seed = 0; options.seed < seeds; ++options.seed) {
    search::SearchResult found = llvm::cantFail(
        search::findAlgorithm(name)->run(problem, {1, &evaluator}, options));
    EXPECT_TRUE(found.best);
    EXPECT_LE(found.evaluations, options.evaluations);
    sum += found.score / seeds;
  }
  return sum;
}

TEST(NetAdapt, JointMovesBeatSingleOnesAtEqualEvaluations) {
  search::Problem problem = timedProblem();
  ASSERT_EQ(llvm::toString(problem.check()), "");
  MlpFile file = llvm::cantFail(
      loadMlpFile(GNOMON_SOURCE_DIR "/data/accuracy/ofa-mbv3-mlp.json"));
  MlpEvaluator network = llvm::cantFail(MlpEvaluator::create(
      file.network,
      llvm::cantFail(ProblemEncoder::create(file.encoding, problem, "mlp")),
      file.metric.sense, "mlp"));
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
    // In shares of 1: within 0.3 points, and 0.6 for single moves.
    EXPECT_GE(joint, far - 0.003);
    EXPECT_GE(single, far - 0.006);
  }
}

} // namespace
