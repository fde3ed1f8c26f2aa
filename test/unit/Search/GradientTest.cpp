// SPDX-License-Identifier: Apache-2.0
// Expected costs against all networks, gradients against finite differences,
// and the search that follows them.

#include "Problems.h"
#include "gnomon/Search/Algorithms.h"
#include "gnomon/Search/Expectation.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

OptionValues randomLogits(const Problem &problem, uint64_t seed) {
  std::mt19937_64 random(seed);
  OptionValues logits;
  for (const Decision &decision : problem.decisions)
    for (auto &row = logits.emplace_back();
         row.size() < decision.options.size();)
      row.push_back(double(random() % 4000) / 1000 - 2);
  return logits;
}

OptionValues zeros(OptionValues values) {
  for (std::vector<double> &row : values)
    std::fill(row.begin(), row.end(), 0);
  return values;
}

/// The problem with a term that tells only pairs of options apart.
Problem withClasses(Problem problem) {
  Term term{{0}, {}, {{}}};
  for (uint32_t i = 0; i < problem.decisions[0].options.size(); ++i)
    term.classes[0].push_back(i / 2);
  for (size_t i = 0; i < tableSize(problem, term) * problem.metrics.size(); ++i)
    term.costs.push_back(Cost(i * 7 % 5));
  problem.terms.push_back(term);
  return problem;
}

/// By its definition: all combinations of options, active or not.
double meanOfAll(const Problem &problem, const OptionValues &probabilities,
                 uint32_t metric) {
  Assignment network(problem.decisions.size(), 0);
  double total = 0;
  for (size_t i = 0; i < network.size() || network.empty();) {
    double likely = 1;
    for (size_t d = 0; d < network.size(); ++d)
      likely *= probabilities[d][network[d]];
    total += likely * double(evaluate(problem, network)[metric]);
    for (i = 0; i < network.size(); ++i) {
      if (++network[i] < probabilities[i].size())
        break;
      network[i] = 0;
    }
  }
  return total;
}

TEST(Expectation, EqualsTheMeanOfAllNetworks) {
  int compared = 0;
  for (int seed = 0; seed < 60; ++seed) {
    Problem problem = withClasses(randomProblem(seed));
    ASSERT_EQ(llvm::toString(problem.check()), "");
    OptionValues logits = randomLogits(problem, seed);
    OptionValues probabilities = softmax(logits, 0.7);
    OptionValues gradient = zeros(logits);
    for (uint32_t metric = 0; metric < problem.metrics.size(); ++metric) {
      if (problem.metrics[metric].combine != Combine::Sum)
        continue;
      Expectation expectation(problem, metric);
      double expected = meanOfAll(problem, probabilities, metric);
      EXPECT_NEAR(expectation(probabilities, 1, gradient), expected,
                  1e-9 * (1 + std::abs(expected)));
      ++compared;
    }
  }
  EXPECT_GT(compared, 60);
}

TEST(Expectation, GradientEqualsFiniteDifferences) {
  constexpr double temperature = 0.8, step = 1e-4;
  for (const Problem &problem : {stagesProblem(1, 4, 2), cellProblem(1),
                                 withClasses(layersProblem(2))}) {
    OptionValues logits = randomLogits(problem, 3);
    Expectation expectation(problem, 0);
    auto value = [&](const OptionValues &at) {
      OptionValues unused = zeros(at);
      return expectation(softmax(at, temperature), 1, unused);
    };
    OptionValues gradient = zeros(logits);
    OptionValues probabilities = softmax(logits, temperature);
    expectation(probabilities, 1, gradient);
    throughSoftmax(probabilities, temperature, gradient);
    double greatest = 0, apart = 0;
    for (size_t i = 0; i < logits.size(); ++i)
      for (size_t o = 0; o < logits[i].size(); ++o) {
        OptionValues up = logits, down = logits;
        up[i][o] += step;
        down[i][o] -= step;
        double slope = (value(up) - value(down)) / (2 * step);
        greatest = std::max(greatest, std::abs(slope));
        apart = std::max(apart, std::abs(slope - gradient[i][o]));
      }
    EXPECT_GT(greatest, 0);
    EXPECT_LE(apart, 1e-4 * greatest) << problem.name;
  }
}

SearchResult find(const Problem &problem, const SearchOptions &options = {}) {
  return llvm::cantFail(searchGradient(problem, Objective{1}, options));
}

TEST(Gradient, CostsFallAsLimitsWeighMore) {
  Problem problem = stagesProblem(1);
  Front front = llvm::cantFail(paretoFront(problem));
  Cost low = front.points.front().costs[0], high = front.points.back().costs[0];
  for (int i = 1; i < 10; i += 2) {
    SCOPED_TRACE(i);
    problem.limits = {{0, low + (high - low) * i / 10, std::nullopt}};
    std::vector<std::pair<double, std::vector<Cost>>> sweep;
    SearchOptions options;
    options.gradient.found = [&](double weight, const Assignment &network) {
      sweep.push_back({weight, evaluate(problem, network)});
    };
    SearchResult found = find(problem, options);
    ASSERT_TRUE(found.best && found.gap);
    EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
    // In 1e-9: what a weighted sum cannot reach lies between two of them.
    EXPECT_LE(*found.gap, 8000000);
    std::sort(sweep.begin(), sweep.end());
    // The ends of least loss: less and less latency, at a price that rises.
    double price = 0;
    int steps = 0;
    for (size_t j = 1; j < sweep.size(); ++j) {
      const auto &before = sweep[j - 1].second, &after = sweep[j].second;
      EXPECT_LE(after[0], before[0]);
      if (after[0] == before[0])
        continue;
      double next = double(before[1] - after[1]) / double(before[0] - after[0]);
      EXPECT_GE(next, price * (1 - 1e-9));
      price = next;
      ++steps;
    }
    EXPECT_GE(steps, 3);
  }
}

TEST(Gradient, FindsNetworksOfSmallProblems) {
  int found = 0;
  for (int seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed);
    auto result = searchGradient(problem, Objective{0}, {});
    if (!result) {
      EXPECT_NE(llvm::toString(result.takeError()).find("that are summed"),
                std::string::npos);
      continue;
    }
    SearchResult exact = llvm::cantFail(searchExact(problem, Objective{0}, {}));
    ASSERT_EQ(result->best.has_value(), exact.best.has_value());
    EXPECT_EQ(result->reachable.size(), exact.reachable.size());
    if (!result->best)
      continue;
    EXPECT_EQ(llvm::toString(verify(problem, *result->best)), "");
    EXPECT_LE(result->score, exact.score);
    ++found;
  }
  EXPECT_GT(found, 40);
}

TEST(Gradient, RefusesWhatHasNoGradient) {
  class Judge : public Evaluator {
    std::vector<double> evaluate(llvm::ArrayRef<Assignment> batch) override {
      return std::vector<double>(batch.size(), 1);
    }
  } judge;
  auto message = [](const Problem &problem, const Objective &objective,
                    const SearchOptions &options) {
    auto found = searchGradient(problem, objective, options);
    return found ? "none" : llvm::toString(found.takeError());
  };
  Problem problem = stagesProblem(1, 2);
  EXPECT_NE(message(problem, {std::nullopt, &judge}, {}).find("stands in"),
            std::string::npos);
  SearchOptions options;
  options.gradient.steps = 0;
  EXPECT_NE(message(problem, {1}, options).find("at least one step"),
            std::string::npos);
  problem.metrics.push_back({"memory", "byte", Sense::Minimize, Combine::Max});
  EXPECT_NE(message(problem, {2}, {}).find("found 'memory'"),
            std::string::npos);
}

} // namespace
