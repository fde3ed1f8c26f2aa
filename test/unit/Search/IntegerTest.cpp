// SPDX-License-Identifier: Apache-2.0
// The search by integer program: against all networks and the exact front.

#include "Problems.h"
#include "gnomon/Search/Algorithms.h"
#include "gtest/gtest.h"

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

SearchResult find(llvm::StringRef name, const Problem &problem,
                  const Objective &objective,
                  const SearchOptions &options = {}) {
  return llvm::cantFail(findAlgorithm(name)->run(problem, objective, options));
}

/// More limits than `randomProblem` makes, around a network that there is.
Problem withLimits(Problem problem, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Assignment> all = allAssignments(problem);
  std::vector<Cost> costs = evaluate(problem, all[random() % all.size()]);
  for (uint32_t metric = 0; metric < costs.size(); ++metric)
    if (random() % 2)
      problem.limits.push_back(
          {metric, costs[metric] + Cost(random() % 3), {}});
    else
      problem.limits.push_back(
          {metric, {}, costs[metric] - Cost(random() % 3)});
  return problem;
}

void expectSameReach(const SearchResult &a, const SearchResult &b) {
  ASSERT_EQ(a.reachable.size(), b.reachable.size());
  for (size_t i = 0; i < a.reachable.size(); ++i) {
    const Reach &one = a.reachable[i], &other = b.reachable[i];
    EXPECT_EQ(one.metric, other.metric);
    EXPECT_EQ(one.greatest, other.greatest);
    EXPECT_EQ(one.alone.costs[one.metric], other.alone.costs[one.metric]);
    ASSERT_EQ(one.besideOthers.has_value(), other.besideOthers.has_value());
    if (one.besideOthers)
      EXPECT_EQ(one.besideOthers->costs[one.metric],
                other.besideOthers->costs[one.metric]);
  }
}

TEST(Integer, EqualsAllNetworksOfSmallProblems) {
  int solved = 0, hopeless = 0;
  for (int seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed / 2);
    if (seed % 2)
      problem = withLimits(problem, seed);
    for (uint32_t metric = 0; metric < 2; ++metric) {
      SearchResult all = find("exhaustive", problem, {metric});
      SearchResult found = find("ilp", problem, {metric});
      ASSERT_EQ(found.best.has_value(), all.best.has_value());
      expectSameReach(found, all);
      if (!found.best) {
        ++hopeless;
        continue;
      }
      EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
      EXPECT_EQ(found.score, all.score);
      EXPECT_EQ(found.gap, 0);
      ++solved;
    }
  }
  EXPECT_GT(solved, 400);
  EXPECT_GT(hopeless, 50);
}

TEST(Integer, EqualsTheExactSearchInTheShapeOfOnceForAll) {
  Problem problem = stagesProblem(1, 7);
  Front front = llvm::cantFail(paretoFront(problem));
  Cost low = front.points.front().costs[0], high = front.points.back().costs[0];
  double before = 0;
  for (int i = 1; i < 4; ++i) {
    SCOPED_TRACE(i);
    problem.limits = {{0, low + (high - low) * i / 4, std::nullopt}};
    SearchResult found = find("ilp", problem, {1});
    ASSERT_TRUE(found.best);
    EXPECT_EQ(found.score, find("exact", problem, {1}).score);
    EXPECT_EQ(found.gap, 0);
    EXPECT_GE(found.score, before);
    before = found.score;
  }
}

TEST(Integer, KeepsLimitsOfSeveralMetrics) {
  Problem problem = twoDevices(stagesProblem(3, 3, 3));
  double before = 0;
  for (Cost budget : {9000000, 11000000, 13000000, 15000000}) {
    problem.limits = {{0, budget, {}}, {2, budget * 9 / 10, {}}};
    SearchResult found = find("ilp", problem, {1});
    SearchResult exact = find("exact", problem, {1});
    ASSERT_EQ(found.best.has_value(), exact.best.has_value());
    if (!found.best) {
      expectSameReach(found, exact);
      continue;
    }
    EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
    EXPECT_EQ(found.score, exact.score);
    EXPECT_GE(found.score, before);
    before = found.score;
  }
  EXPECT_GT(before, 0);
}

TEST(Integer, SolvesProblemsWithClassesOfOptions) {
  for (int seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed);
    Term term{{0}, {}, {{}}};
    for (uint32_t i = 0; i < problem.decisions[0].options.size(); ++i)
      term.classes[0].push_back(i / 2);
    for (size_t entry = 0; entry < tableSize(problem, term); ++entry)
      for (size_t m = 0; m < problem.metrics.size(); ++m)
        term.costs.push_back((entry + m) % 3);
    problem.terms.push_back(term);
    SearchResult all = find("exhaustive", problem, {0});
    SearchResult found = find("ilp", problem, {0});
    ASSERT_EQ(found.best.has_value(), all.best.has_value());
    EXPECT_EQ(found.score, all.score);
  }
}

/// Eight items of the size 2^52 and a little, room for four of them.
Problem largeKnapsack() {
  Problem problem;
  problem.name = "large";
  problem.metrics = {{"size", ""}, {"worth", "", Sense::Maximize}};
  std::mt19937_64 random(1);
  for (uint32_t i = 0; i < 8; ++i) {
    problem.decisions.push_back({"d" + std::to_string(i), {"no", "yes"}, {}});
    Cost size = (Cost(1) << 52) + Cost(random() % 1000);
    problem.terms.push_back({{i}, {0, 0, size, size * 2}});
  }
  problem.limits = {{0, (Cost(1) << 52) * 4 + 2000, {}}};
  return problem;
}

TEST(Integer, SaysWhatFloatingPointCannotTell) {
  Problem problem = largeKnapsack();
  SearchResult found = find("ilp", problem, {1});
  SearchResult all = find("exact", problem, {1});
  ASSERT_TRUE(all.best);
  if (found.best) {
    EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
    ASSERT_TRUE(found.gap);
    EXPECT_GT(*found.gap, 0);
    EXPECT_GE(found.score + *found.gap, all.score);
  }
  EXPECT_TRUE(found.reachable.empty());
  EXPECT_LE(found.evaluations, 42u);
}

TEST(Integer, StopsAtItsLimitOfNodesAndWhenTold) {
  Problem problem = stagesProblem(1, 25);
  problem.limits = {{0, 20000000, std::nullopt}};
  SearchOptions options;
  options.ilp.nodes = 1;
  SearchResult few = find("ilp", problem, {1}, options);
  EXPECT_TRUE(few.reachable.empty());
  SearchResult exact = find("exact", problem, {1});
  if (few.best) {
    ASSERT_TRUE(few.gap);
    EXPECT_GE(few.score + *few.gap, exact.score);
  }
  options = {};
  int calls = 0;
  options.progress = [&](const SearchProgress &) { return ++calls < 2; };
  SearchResult stopped = find("ilp", problem, {1}, options);
  EXPECT_LE(calls, 3);
  EXPECT_TRUE(stopped.reachable.empty());
}

TEST(Integer, RepeatsAndRefuses) {
  Problem problem = stagesProblem(1, 5, 3);
  problem.limits = {{0, 12000000, std::nullopt}};
  SearchResult one = find("ilp", problem, {1}), two = find("ilp", problem, {1});
  ASSERT_TRUE(one.best && two.best);
  EXPECT_EQ(one.best->assignment, two.best->assignment);
  class Judge : public Evaluator {
    std::vector<double> evaluate(llvm::ArrayRef<Assignment> batch) override {
      return std::vector<double>(batch.size(), 0);
    }
  } judge;
  auto refused = findAlgorithm("ilp")->run(problem, {1, &judge}, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(llvm::toString(refused.takeError()).find("'candidates'"),
            std::string::npos);
}

} // namespace
