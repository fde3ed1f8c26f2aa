// SPDX-License-Identifier: Apache-2.0
// Limits that are kept with a probability: against all networks.

#include "gnomon/Search/Chance.h"
#include "gnomon/Search/Front.h"

#include "Problems.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace gnomon::search;
using test::layersProblem;

namespace {

/// The first metric in three parts, drawn by entry, of which each errs in
/// common and a share alone.
Spread randomSpread(const Problem &problem, uint64_t seed) {
  std::mt19937_64 random(seed);
  Spread spread;
  spread.common = 0.01 * double(random() % 8);
  spread.weights = {0, 0.05 * double(random() % 5),
                    0.02 * double(random() % 9)};
  spread.parts.decisions = problem.decisions;
  for (const char *name : {"a", "b", "c", "alone"})
    spread.parts.metrics.push_back({name, "ns"});
  for (const Term &term : problem.terms) {
    Term &one =
        spread.parts.terms.emplace_back(Term{term.scope, {}, term.classes});
    for (size_t i = 0; i < term.costs.size(); i += problem.metrics.size()) {
      Cost whole = term.costs[i], first = whole * Cost(random() % 5) / 4;
      double alone = 0.1 * double(whole) * double(random() % 3);
      one.costs.insert(one.costs.end(),
                       {0, first, whole - first,
                        Cost(alone * alone / Spread::kVarianceTicks)});
    }
  }
  return spread;
}

llvm::Expected<std::optional<Solution>> optimum(const Problem &problem) {
  FrontOptions options;
  options.metrics = {1};
  auto front = paretoFront(problem, options);
  if (!front)
    return front.takeError();
  if (front->points.empty())
    return std::nullopt;
  return std::optional(front->points.front());
}

/// The best value of the second metric by looking at all networks.
std::optional<Cost> bruteForce(const Problem &problem,
                               const ChanceLimit &limit) {
  bool greater = problem.metrics[1].sense == Sense::Maximize;
  std::optional<Cost> best;
  for (const Assignment &one : test::allAssignments(problem)) {
    Cost value = evaluate(problem, one)[1];
    if (limit.holds(one) &&
        (!best || (greater ? value > *best : value < *best)))
      best = value;
  }
  return best;
}

TEST(Chance, MomentsAreThoseOfTheFormula) {
  Problem problem = layersProblem(1);
  Spread spread = randomSpread(problem, 1);
  Assignment network(problem.decisions.size(), 1);
  std::vector<Cost> parts = evaluate(spread.parts, network);
  Moments moments = momentsOf(spread, network);
  double sum = double(parts[0] + parts[1] + parts[2]);
  double squares = std::pow(spread.common * sum, 2) +
                   std::pow(spread.weights[1] * double(parts[1]), 2) +
                   std::pow(spread.weights[2] * double(parts[2]), 2) +
                   Spread::kVarianceTicks * double(parts[3]);
  EXPECT_EQ(moments.value, double(evaluate(problem, network)[0]));
  EXPECT_NEAR(moments.deviation, std::sqrt(squares), 1e-6 * moments.value);
}

TEST(Chance, AgreesWithAllNetworks) {
  unsigned exact = 0, infeasible = 0, all = 60;
  for (uint64_t seed = 0; seed < all; ++seed) {
    Problem problem = layersProblem(seed);
    Spread spread = randomSpread(problem, seed);
    std::mt19937_64 random(seed);
    Moments some = momentsOf(
        spread, Assignment(problem.decisions.size(), uint32_t(random() % 3)));
    ChanceLimit limit{&spread, 0.5 * double(random() % 5), Cost(some.value)};
    auto found = llvm::cantFail(solveUnderChance(problem, limit, optimum));
    std::optional<Cost> best = bruteForce(problem, limit);
    ASSERT_EQ(found.best.has_value(), best.has_value()) << seed;
    if (!best) {
      ++infeasible;
      continue;
    }
    EXPECT_TRUE(limit.holds(found.best->assignment)) << seed;
    EXPECT_EQ(found.best->costs, evaluate(problem, found.best->assignment));
    bool greater = problem.metrics[1].sense == Sense::Maximize;
    Cost sign = greater ? 1 : -1;
    for (const Solution &relaxed : found.relaxed)
      EXPECT_GE(sign * relaxed.costs[1], sign * *best) << seed;
    EXPECT_LE(sign * found.best->costs[1], sign * *best) << seed;
    exact += found.best->costs[1] == *best;
  }
  EXPECT_GE(exact + infeasible, all * 9 / 10);
  EXPECT_LT(infeasible, all / 2);
}

TEST(Chance, NothingErrsIsTheLimitItself) {
  Problem problem = layersProblem(3);
  Spread spread = randomSpread(problem, 3);
  spread.common = 0;
  spread.weights = {0, 0, 0};
  for (Term &term : spread.parts.terms)
    for (size_t i = 3; i < term.costs.size(); i += 4)
      term.costs[i] = 0;
  Cost budget = evaluate(problem, Assignment(problem.decisions.size(), 1))[0];
  auto found = llvm::cantFail(
      solveUnderChance(problem, ChanceLimit{&spread, 2, budget}, optimum));
  Problem limited = problem;
  limited.limits.push_back({0, budget, std::nullopt});
  auto expected = llvm::cantFail(optimum(limited));
  ASSERT_TRUE(found.best && expected);
  EXPECT_EQ(found.best->costs[1], expected->costs[1]);
  EXPECT_EQ(found.relaxed.size(), 1u);
}

TEST(Chance, SaysThatNothingKeepsTheLimit) {
  Problem problem = layersProblem(4);
  Spread spread = randomSpread(problem, 4);
  auto found = llvm::cantFail(
      solveUnderChance(problem, ChanceLimit{&spread, 1, 1}, optimum));
  EXPECT_FALSE(found.best);
  EXPECT_TRUE(found.relaxed.empty());
}

} // namespace
