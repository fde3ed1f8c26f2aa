// SPDX-License-Identifier: Apache-2.0
// OFA-MobileNetV3 with made-up latencies, judged by the shipped network.
#include "TimedProblem.h"
#include "../Search/Problems.h"
#include "SmallProblem.h"

#include "gtest/gtest.h"

namespace gnomon {

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

MlpEvaluator shippedNetwork(const search::Problem &problem) {
  MlpFile file = llvm::cantFail(
      loadMlpFile(GNOMON_SOURCE_DIR "/data/accuracy/ofa-mbv3-mlp.json"));
  return llvm::cantFail(MlpEvaluator::create(
      file.network,
      llvm::cantFail(ProblemEncoder::create(file.encoding, problem, "mlp")),
      file.metric.sense, "mlp"));
}

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

} // namespace gnomon
