// SPDX-License-Identifier: Apache-2.0
// Searches for one network: against all networks, within limits, repeatable.

#include "gnomon/Search/Algorithms.h"
#include "Judges.h"
#include "Problems.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

SearchResult find(llvm::StringRef name, const Problem &problem,
                  const Objective &objective,
                  const SearchOptions &options = {}) {
  return llvm::cantFail(findAlgorithm(name)->run(problem, objective, options));
}

std::string refusal(llvm::StringRef name, const Problem &problem,
                    const Objective &objective,
                    const SearchOptions &options = {}) {
  auto result = findAlgorithm(name)->run(problem, objective, options);
  return result ? "none" : llvm::toString(result.takeError());
}

TEST(Algorithms, ExactAgreesWithAllNetworks) {
  int compared = 0;
  for (int seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed);
    Objective objective{0};
    SearchResult exact = find("exact", problem, objective);
    SearchResult all = find("exhaustive", problem, objective);
    ASSERT_EQ(exact.best.has_value(), all.best.has_value());
    EXPECT_EQ(exact.reachable.size(), all.reachable.size());
    if (!exact.best)
      continue;
    EXPECT_EQ(exact.score, all.score);
    EXPECT_EQ(exact.gap, 0);
    EXPECT_EQ(all.gap, 0);
    ++compared;
  }
  EXPECT_GT(compared, 75);
}

/// The problem with a term that tells only pairs of options of the first
/// decision apart.
Problem withClasses(Problem problem) {
  Term term{{0}, {}, {{}}};
  for (uint32_t i = 0; i < problem.decisions[0].options.size(); ++i)
    term.classes[0].push_back(i / 2);
  for (size_t entry = 0; entry < tableSize(problem, term); ++entry)
    for (size_t m = 0; m < problem.metrics.size(); ++m)
      term.costs.push_back((entry + m) % 3);
  problem.terms.push_back(term);
  return problem;
}

TEST(Candidates, ProveTheBestByAnEvaluatorOfSmallProblems) {
  int proven = 0;
  for (int seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed / 2);
    if (seed % 2)
      problem = withClasses(problem);
    ASSERT_EQ(llvm::toString(problem.check()), "");
    if (problem.metrics[0].combine != Combine::Sum)
      continue;
    Deviating evaluator(problem, 0, 10, 0.2);
    Objective objective{0, &evaluator};
    SearchOptions options;
    options.candidates.error = 0.2;
    options.candidates.ticksPerUnit = 10;
    SearchResult found = find("candidates", problem, objective, options);
    SearchResult all = find("exhaustive", problem, objective);
    ASSERT_EQ(found.best.has_value(), all.best.has_value());
    EXPECT_EQ(found.reachable.empty(), found.best.has_value());
    if (!found.best)
      continue;
    EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
    ASSERT_TRUE(found.gap);
    EXPECT_GE(found.score + *found.gap, all.score - 1e-12);
    EXPECT_LE(*found.gap, 1e-12);
    EXPECT_EQ(found.score, all.score);
    ++proven;
  }
  EXPECT_GT(proven, 100);
}

TEST(Candidates, SayHowFarFromProvenTheyAre) {
  Problem problem = stagesProblem(1, 4, 3);
  problem.limits = {{0, 14000000, std::nullopt}};
  Deviating evaluator(problem, 1, 1e9, 2e-3);
  SearchOptions options;
  options.candidates.error = 2e-3;
  options.candidates.ticksPerUnit = 1e9;
  options.candidates.candidates = 20000;
  Objective objective{1, &evaluator};
  SearchResult much = find("candidates", problem, objective, options);
  ASSERT_TRUE(much.best && much.gap);
  options.candidates.candidates = 10;
  SearchResult little = find("candidates", problem, objective, options);
  ASSERT_TRUE(little.best && little.gap);
  EXPECT_LE(little.evaluations, 10u);
  EXPECT_GT(*little.gap, 0);
  EXPECT_LE(*little.gap, 4e-3);
  EXPECT_LE(*much.gap, *little.gap);
  EXPECT_LE(much.score, little.score + *little.gap);
  EXPECT_LE(little.score, much.score + *much.gap);
  options.candidates.error.reset();
  EXPECT_FALSE(find("candidates", problem, objective, options).gap);
}

TEST(Evolution, StaysBelowTheExactFrontAtTwentyBudgets) {
  Problem problem = stagesProblem(1, 5);
  Front front = llvm::cantFail(paretoFront(problem));
  Cost low = front.points.front().costs[0], high = front.points.back().costs[0];
  SearchOptions options;
  options.evolution.generations = 30;
  for (int i = 1; i <= 20; ++i) {
    SCOPED_TRACE(i);
    Problem limited = problem;
    limited.limits = {{0, low + (high - low) * i / 21, std::nullopt}};
    options.seed = i;
    SearchResult found = find("evolution", limited, {1}, options);
    ASSERT_TRUE(found.best);
    const Solution *exact =
        bestUnder(problem, front, 0, *limited.limits[0].atMost, 1);
    ASSERT_TRUE(exact);
    EXPECT_EQ(llvm::toString(verify(limited, *found.best)), "");
    EXPECT_GE(exact->costs[1], found.best->costs[1]);
    EXPECT_EQ(found.gap, double(exact->costs[1] - found.best->costs[1]));
  }
}

TEST(Evolution, FindsBetterNetworksByCrossingAlone) {
  Problem problem = stagesProblem(1, 5);
  problem.limits = {{0, 20000000, std::nullopt}};
  SearchOptions options;
  options.evolution.mutated = 0;
  options.evolution.generations = 30;
  SearchResult crossed = find("evolution", problem, {1}, options);
  options.evaluations = crossed.evaluations;
  SearchResult drawn = find("random", problem, {1}, options);
  ASSERT_TRUE(crossed.best && drawn.best);
  EXPECT_GT(crossed.evaluations, 1000u);
  EXPECT_LT(*crossed.gap, 0.5 * *drawn.gap);
}

TEST(Evolution, RepeatsWithTheSameSeedAndAsksOnce) {
  Problem problem = stagesProblem(1, 5);
  problem.limits = {{0, 20000000, std::nullopt}};
  Deviating evaluator(problem, 1, 1e9, 1e-3), again(problem, 1, 1e9, 1e-3);
  SearchOptions options;
  options.evolution.generations = 50;
  options.seed = 3;
  SearchResult first = find("evolution", problem, {1, &evaluator}, options);
  SearchResult second = find("evolution", problem, {1, &again}, options);
  ASSERT_TRUE(first.best && second.best);
  EXPECT_EQ(first.best->assignment, second.best->assignment);
  EXPECT_EQ(first.evaluations, evaluator.asked);
  EXPECT_EQ(first.drawn, second.drawn);
  EXPECT_LE(evaluator.batches, 51u);
  EXPECT_FALSE(first.gap);
  EXPECT_DOUBLE_EQ(first.score, evaluator.of(first.best->assignment));
}

TEST(Evolution, FindsNetworksUnderATightLimit) {
  Problem problem = stagesProblem(1, 5);
  Front front = llvm::cantFail(paretoFront(problem));
  // Only the very smallest networks fit: nothing is drawn by chance.
  problem.limits = {{0, front.points[2].costs[0], std::nullopt}};
  SearchOptions options;
  options.evolution.generations = 5;
  SearchResult found = find("evolution", problem, {1}, options);
  ASSERT_TRUE(found.best);
  EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
}

TEST(Searches, RefuseWhatTheyCannotDo) {
  Problem problem = stagesProblem(1, 2);
  Deviating evaluator(problem, 1, 1e9, 0);
  EXPECT_NE(refusal("exact", problem, {}).find("expected a metric"),
            std::string::npos);
  EXPECT_NE(refusal("random", problem, {7}).find("found metric 7"),
            std::string::npos);
  EXPECT_NE(refusal("exact", problem, {1, &evaluator}).find("'candidates'"),
            std::string::npos);
  EXPECT_NE(refusal("candidates", problem, {1}).find("stands in"),
            std::string::npos);
  EXPECT_NE(refusal("exhaustive", problem, {1}).find("limit of 100000"),
            std::string::npos);
  SearchOptions options;
  options.evolution.rates = {0.5};
  EXPECT_NE(refusal("evolution", problem, {1}, options).find("found 1"),
            std::string::npos);
  options.evolution = {};
  options.evolution.population = 0;
  EXPECT_NE(refusal("evolution", problem, {1}, options).find("population"),
            std::string::npos);
  EXPECT_EQ(findAlgorithm("annealing"), nullptr);
  for (const Algorithm &one : algorithms())
    EXPECT_EQ(findAlgorithm(one.name), &one) << one.name.str();
}

} // namespace
