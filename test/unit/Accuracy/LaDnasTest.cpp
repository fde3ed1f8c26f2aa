// SPDX-License-Identifier: Apache-2.0
// Derivatives through the accuracy network that comes with Gnomon, and
// latency-aware DNAS by them.
#include "TimedProblem.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace gnomon;

namespace {

/// The network in double precision.
double exact(const Mlp &mlp, std::vector<double> row) {
  for (const PackedLayer &layer : mlp.packed()) {
    std::vector<double> next(layer.biases(), layer.biases() + layer.outputs);
    for (uint32_t output = 0; output < layer.outputs; ++output) {
      for (uint32_t input = 0; input < layer.inputs; ++input)
        next[output] += row[input] * layer.weight(input, output);
      if (layer.relu)
        next[output] = std::max(next[output], 0.0);
    }
    row = std::move(next);
  }
  return row[0] + mlp.constant();
}

search::OptionValues randomShares(const search::Problem &problem,
                                  unsigned seed) {
  std::mt19937 random(seed);
  search::OptionValues logits;
  for (const search::Decision &decision : problem.decisions)
    for (auto &row = logits.emplace_back();
         row.size() < decision.options.size();)
      row.push_back(double(random() % 4000) / 1000);
  return search::softmax(logits, 0.5);
}

search::OptionValues zeros(search::OptionValues values) {
  for (std::vector<double> &row : values)
    std::fill(row.begin(), row.end(), 0);
  return values;
}

TEST(MlpEvaluator, SaysTheSameWhereSharesAreWhole) {
  search::Problem problem = timedProblem();
  MlpEvaluator evaluator = shippedNetwork(problem);
  std::mt19937 random(1);
  for (int i = 0; i < 50; ++i) {
    search::Assignment network;
    search::OptionValues shares;
    for (const search::Decision &decision : problem.decisions)
      network.push_back(random() % decision.options.size());
    network = search::canonical(problem, network);
    for (auto [option, decision] : llvm::zip(network, problem.decisions))
      shares.emplace_back(decision.options.size(), 0)[option] = 1;
    search::OptionValues gradient = zeros(shares);
    EXPECT_EQ(evaluator.atShares(shares, 1, gradient),
              evaluator.evaluate(network)[0]);
  }
}

TEST(MlpEvaluator, DerivativesEqualFiniteDifferences) {
  // In double precision, to which the float network is near; the derivatives
  // themselves have single precision.
  constexpr double step = 1e-7;
  MlpFile file = llvm::cantFail(
      loadMlpFile(GNOMON_SOURCE_DIR "/data/accuracy/ofa-mbv3-mlp.json"));
  search::Problem problem = timedProblem();
  MlpEvaluator evaluator = shippedNetwork(problem);
  for (unsigned seed = 0; seed < 5; ++seed) {
    search::OptionValues shares = randomShares(problem, seed);
    search::OptionValues gradient = zeros(shares);
    evaluator.atShares(shares, 3, gradient);
    search::Activity activity(problem);
    auto value = [&](const search::OptionValues &at) {
      std::vector<double> row(file.encoding.inputs, 0);
      std::vector<double> active = activity(at);
      for (auto [d, decision] : llvm::enumerate(problem.decisions)) {
        auto options = file.encoding.additions.find(decision.name);
        if (options == file.encoding.additions.end())
          continue;
        for (auto [o, option] : llvm::enumerate(decision.options))
          for (auto [input, added] : options->second.at(option))
            row[input] += active[d] * at[d][o] * added;
      }
      return 3 * exact(file.network, row);
    };
    double greatest = 0, apart = 0;
    for (size_t i = 0; i < shares.size(); ++i)
      for (size_t o = 0; o < shares[i].size(); ++o) {
        search::OptionValues up = shares, down = shares;
        up[i][o] += step;
        down[i][o] -= step;
        double slope = (value(up) - value(down)) / (2 * step);
        greatest = std::max(greatest, std::abs(slope));
        apart = std::max(apart, std::abs(slope - gradient[i][o]));
      }
    EXPECT_GT(greatest, 0.001);
    EXPECT_LE(apart, 1e-4 * greatest) << seed;
  }
}

double scoreOf(llvm::StringRef name, const search::Problem &problem,
               search::Evaluator &evaluator, uint64_t evaluations) {
  search::SearchOptions options;
  options.evaluations = evaluations;
  search::SearchResult found = llvm::cantFail(
      search::findAlgorithm(name)->run(problem, {1, &evaluator}, options));
  EXPECT_TRUE(found.best);
  EXPECT_LE(found.evaluations, evaluations);
  return found.score;
}

TEST(LaDnas, BeatsTheGradientsOfAStandIn) {
  search::Problem problem = timedProblem();
  MlpEvaluator network = shippedNetwork(problem);
  for (search::Cost budget : {15000000, 20000000, 25000000}) {
    SCOPED_TRACE(budget);
    problem.limits = {{0, budget, std::nullopt}};
    double through = scoreOf("la-dnas", problem, network, 10000);
    EXPECT_GT(through, scoreOf("gradient", problem, network, 10000));
    // In shares of 1: within 0.1 points.
    EXPECT_GE(through, scoreOf("evolution", problem, network, 10000) - 0.001);
  }
}

} // namespace
