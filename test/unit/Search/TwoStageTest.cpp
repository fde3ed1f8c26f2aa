// SPDX-License-Identifier: Apache-2.0
// The two-stage search: where decisions part, what rests while others evolve.

#include "Problems.h"
#include "gnomon/Search/Algorithms.h"
#include "gtest/gtest.h"

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

/// Decisions with so many options each.
Problem flatProblem(llvm::ArrayRef<uint32_t> options) {
  Problem problem;
  problem.metrics = {{"latency", "ns"}};
  for (auto [index, count] : llvm::enumerate(options)) {
    Decision decision{"d" + std::to_string(index), {}, {}};
    for (uint32_t i = 0; i < count; ++i)
      decision.options.push_back("o" + std::to_string(i));
    problem.decisions.push_back(decision);
  }
  return problem;
}

TEST(TwoStage, PartsDecisionsNearTheMiddle) {
  EXPECT_EQ(splitDecisions(flatProblem({2, 2, 2, 2}), 0.5), 2u);
  EXPECT_EQ(splitDecisions(flatProblem({2, 2, 2, 2}), 0.25), 1u);
  // Decisions without a choice do not count.
  EXPECT_EQ(splitDecisions(flatProblem({1, 1, 1, 2, 2}), 0.5), 4u);
  EXPECT_EQ(splitDecisions(flatProblem({3}), 0.5), 0u);
  EXPECT_EQ(splitDecisions(flatProblem({}), 0.5), 0u);
}

TEST(TwoStage, KeepsAStageOfANetworkWhole) {
  // A resolution, then five decisions a stage: the middle lies in the third.
  Problem problem = stagesProblem(1, 5);
  EXPECT_EQ(splitDecisions(problem, 0.5), 11u);
  EXPECT_EQ(problem.decisions[11].name, "stage3_depth");
  // What depends on everything before can be parted nowhere better.
  problem = flatProblem({2, 2, 2, 2});
  for (uint32_t i = 1; i < 4; ++i)
    problem.decisions[i].activeWhen = {{{0, 1}}};
  EXPECT_EQ(splitDecisions(problem, 0.5), 2u);
}

/// The value of a metric; keeps what it is asked.
class Recording : public Evaluator {
public:
  explicit Recording(const Problem &problem) : problem(problem) {}
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> batch) override {
    std::vector<double> scores;
    for (const Assignment &assignment : batch) {
      scores.push_back(
          double(gnomon::search::evaluate(problem, assignment)[1]));
      asked.push_back(assignment);
    }
    return scores;
  }
  /// The best of the first `count`.
  Assignment best(size_t count) const {
    Assignment best;
    Cost most = -1;
    for (size_t i = 0; i < count; ++i) {
      Cost score = gnomon::search::evaluate(problem, asked[i])[1];
      if (score > most) {
        most = score;
        best = asked[i];
      }
    }
    return best;
  }

  std::vector<Assignment> asked;

private:
  const Problem &problem;
};

TEST(TwoStage, EvolvesLaterDecisionsThenEarlierOnes) {
  Problem problem = stagesProblem(1, 5);
  problem.limits = {{0, 20000000, std::nullopt}};
  Recording evaluator(problem);
  SearchOptions options;
  options.evaluations = 600;
  auto found =
      llvm::cantFail(searchTwoStage(problem, {1, &evaluator}, options));
  ASSERT_TRUE(found.best);
  ASSERT_EQ(evaluator.asked.size(), 600u);
  const size_t scouts = options.twoStage.stage.population, half = 300;
  const Assignment start = evaluator.best(scouts), won = evaluator.best(half);
  const uint32_t cut = splitDecisions(problem, 0.5);
  for (size_t i = scouts; i < 600; ++i) {
    llvm::ArrayRef<uint32_t> network = evaluator.asked[i];
    if (i < half)
      EXPECT_EQ(network.take_front(cut), llvm::ArrayRef(start).take_front(cut));
    else
      EXPECT_EQ(network.drop_front(cut), llvm::ArrayRef(won).drop_front(cut));
  }
  EXPECT_EQ(found.best->assignment, evaluator.best(600));
}

TEST(TwoStage, RepairsWithinAStage) {
  // So tight that hardly a draw fits: what rests must rest all the same.
  Problem problem = stagesProblem(1, 5);
  Front front = llvm::cantFail(paretoFront(problem));
  problem.limits = {
      {0, front.points[front.points.size() / 20].costs[0], std::nullopt}};
  SearchOptions options;
  options.evaluations = 2000;
  auto found = llvm::cantFail(searchTwoStage(problem, {1}, options));
  ASSERT_TRUE(found.best);
  EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
  auto again = llvm::cantFail(searchTwoStage(problem, {1}, options));
  EXPECT_EQ(found.best->assignment, again.best->assignment);
  EXPECT_EQ(found.drawn, again.drawn);
}

TEST(TwoStage, EndsWithItsGenerations) {
  Problem problem = stagesProblem(1);
  SearchOptions options;
  auto found = llvm::cantFail(searchTwoStage(problem, {1}, options));
  // A random population, and in each stage a population and 20 generations.
  EXPECT_LE(found.evaluations, 43u * 50);
  EXPECT_GT(found.evaluations, 1000u);
}

} // namespace
