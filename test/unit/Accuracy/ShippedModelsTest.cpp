// SPDX-License-Identifier: Apache-2.0
// The accuracy models that come with Gnomon say about the same.
#include "SmallProblem.h"
#include "gnomon/Accuracy/MlpEvaluator.h"
#include "gnomon/Accuracy/ValueTables.h"

#include "gmock/gmock.h"

#include <random>

using namespace gnomon;

namespace {

const std::string folder = GNOMON_SOURCE_DIR "/data/accuracy/";

std::vector<unsigned> allResolutions() {
  std::vector<unsigned> result;
  for (unsigned r = 128; r <= 224; r += 4)
    result.push_back(r);
  return result;
}

std::vector<search::Assignment> randomNetworks(const search::Problem &problem,
                                               size_t count) {
  std::mt19937 random(1);
  std::vector<search::Assignment> result(count);
  for (search::Assignment &assignment : result) {
    for (const search::Decision &decision : problem.decisions)
      assignment.push_back(random() % decision.options.size());
    assignment = search::canonical(problem, std::move(assignment));
  }
  return result;
}

TEST(ShippedModels, AgreeOnRandomNetworksWithinHalfAPoint) {
  search::Problem problem = mobileNetV3Problem(allResolutions());
  ASSERT_EQ(llvm::toString(problem.check()), "");
  MlpFile file = llvm::cantFail(loadMlpFile(folder + "ofa-mbv3-mlp.json"));
  MlpEvaluator network = llvm::cantFail(MlpEvaluator::create(
      file.network,
      llvm::cantFail(ProblemEncoder::create(file.encoding, problem, "mlp")),
      file.metric.sense, "mlp"));
  ValueTables tables =
      llvm::cantFail(loadValueTables(folder + "ofa-mbv3-additive.json"));
  search::Problem additive = problem;
  addMetric(additive, tables.metric,
            llvm::cantFail(valueTerms(tables, problem)));
  ASSERT_EQ(llvm::toString(additive.check()), "");
  auto networks = randomNetworks(problem, 500);
  std::vector<double> answers = network.evaluate(networks);
  double apart = 0;
  for (size_t i = 0; i < networks.size(); ++i) {
    double sum = search::evaluate(additive, networks[i])[1] * 1e-9;
    EXPECT_NEAR(answers[i], sum, 0.012);
    apart += std::abs(answers[i] - sum) / networks.size();
  }
  EXPECT_LT(apart, 0.0025);
}

TEST(ShippedModels, GrowWithTheResolution) {
  search::Problem problem = mobileNetV3Problem(allResolutions());
  ValueTables tables =
      llvm::cantFail(loadValueTables(folder + "ofa-mbv3-additive.json"));
  auto terms = llvm::cantFail(valueTerms(tables, problem));
  for (const search::Term &term : terms)
    if (term.scope == std::vector<uint32_t>{0})
      EXPECT_TRUE(llvm::is_sorted(term.costs));
}

} // namespace
