// SPDX-License-Identifier: Apache-2.0
// The exact front against all networks of small problems.

#include "gnomon/Search/Front.h"
#include "Problems.h"
#include "gtest/gtest.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

Front frontOf(const Problem &problem, const FrontOptions &options = {}) {
  return llvm::cantFail(paretoFront(problem, options));
}

std::string refusal(const Problem &problem, const FrontOptions &options) {
  llvm::Expected<Front> front = paretoFront(problem, options);
  return front ? "none" : llvm::toString(front.takeError());
}

bool hasMax(const Problem &problem) {
  return llvm::any_of(problem.metrics, [](const Metric &metric) {
    return metric.combine == Combine::Max;
  });
}

using Costs = std::vector<std::vector<Cost>>;

Costs costsOf(const std::vector<Solution> &points,
              llvm::ArrayRef<uint32_t> metrics) {
  Costs costs;
  for (const Solution &point : points) {
    auto &row = costs.emplace_back();
    for (uint32_t metric : metrics)
      row.push_back(point.costs[metric]);
  }
  return costs;
}

/// The value of a metric that goes furthest, over all networks that `keeps`.
template <typename Keeps>
std::optional<Cost> furthest(const Problem &problem, uint32_t metric,
                             bool greatest, Keeps keeps) {
  std::optional<Cost> best;
  for (const Assignment &assignment : allAssignments(problem)) {
    std::vector<Cost> costs = evaluate(problem, assignment);
    if (keeps(costs) &&
        (!best || (greatest ? costs[metric] > *best : costs[metric] < *best)))
      best = costs[metric];
  }
  return best;
}

/// What an infeasible problem answers must be what all networks say.
void expectReach(const Problem &problem, const Front &front) {
  size_t next = 0;
  for (size_t index = 0; index < problem.limits.size(); ++index)
    for (bool greatest : {false, true}) {
      Limit limit = problem.limits[index];
      if (!(greatest ? limit.atLeast : limit.atMost))
        continue;
      ASSERT_LT(next, front.reachable.size());
      const Reach &reach = front.reachable[next++];
      EXPECT_EQ(reach.metric, limit.metric);
      EXPECT_EQ(reach.greatest, greatest);
      Problem others = problem;
      (greatest ? others.limits[index].atLeast : others.limits[index].atMost)
          .reset();
      auto all = [](const std::vector<Cost> &) { return true; };
      auto beside = [&](const std::vector<Cost> &costs) {
        return withinLimits(others, costs);
      };
      EXPECT_EQ(reach.alone.costs[limit.metric],
                furthest(problem, limit.metric, greatest, all));
      std::optional<Cost> expected =
          furthest(problem, limit.metric, greatest, beside);
      ASSERT_EQ(reach.besideOthers.has_value(), expected.has_value());
      if (expected) {
        EXPECT_EQ(reach.besideOthers->costs[limit.metric], *expected);
        EXPECT_TRUE(withinLimits(others, reach.besideOthers->costs));
      }
    }
  EXPECT_EQ(next, front.reachable.size());
}

class SmallProblems : public testing::TestWithParam<int> {};

TEST_P(SmallProblems, FrontEqualsBruteForce) {
  int infeasible = 0;
  for (int i = 0; i < 100; ++i) {
    SCOPED_TRACE(GetParam() * 100 + i);
    Problem problem = randomProblem(GetParam() * 100 + i);
    ASSERT_EQ(llvm::toString(problem.check()), "");
    for (FrontOptions options : {FrontOptions{}, FrontOptions{{1, 0}}}) {
      Front front = frontOf(problem, options);
      std::vector<Solution> expected = bruteForceFront(problem, front.metrics);
      ASSERT_EQ(costsOf(front.points, front.metrics),
                costsOf(expected, front.metrics));
      for (size_t p = 0; p < expected.size(); ++p) {
        EXPECT_EQ(llvm::toString(verify(problem, front.points[p])), "");
        if (!hasMax(problem))
          EXPECT_EQ(front.points[p].assignment, expected[p].assignment);
      }
      EXPECT_EQ(front.epsilon, 0);
      if (front.points.empty())
        expectReach(problem, front);
      infeasible += front.points.empty();
    }
  }
  EXPECT_GT(infeasible, 5);
  EXPECT_LT(infeasible, 150);
}

TEST_P(SmallProblems, SingleBudgetsEqualBruteForce) {
  for (int i = 0; i < 100; ++i) {
    SCOPED_TRACE(GetParam() * 100 + i);
    Problem problem = randomProblem(GetParam() * 100 + i);
    problem.limits.clear();
    problem.metrics[0].sense = Sense::Minimize;
    Front front = frontOf(problem, {{0, 1}});
    for (Cost budget : {-5, 0, 1, 4, 20, 500, 2000}) {
      Problem limited = problem;
      limited.limits = {{0, budget, std::nullopt}};
      std::vector<Solution> expected = bruteForceFront(limited, {1});
      const Solution *found = bestUnder(problem, front, 0, budget, 1);
      std::vector<Solution> direct = frontOf(limited, {{1}}).points;
      ASSERT_EQ(found != nullptr, !expected.empty());
      ASSERT_EQ(direct.size(), expected.size());
      if (!found)
        continue;
      EXPECT_EQ(found->costs[1], expected[0].costs[1]);
      EXPECT_EQ(direct[0].costs[1], expected[0].costs[1]);
      if (!hasMax(problem)) {
        EXPECT_EQ(direct[0].assignment, expected[0].assignment);
        EXPECT_EQ(found->assignment, expected[0].assignment);
      }
    }
  }
}

TEST_P(SmallProblems, EpsilonFrontCoversAllNetworks) {
  for (int i = 0; i < 100; ++i) {
    SCOPED_TRACE(GetParam() * 100 + i);
    Problem problem = randomProblem(GetParam() * 100 + i);
    FrontOptions options;
    options.epsilon = 0.25;
    Front front = frontOf(problem, options);
    EXPECT_LE(front.epsilon, 0.25);
    std::vector<Solution> exact = bruteForceFront(problem, front.metrics);
    ASSERT_EQ(front.points.empty(), exact.empty());
    // Distances from the ideal: the best cost of every term.
    auto distance = [&](uint32_t m, Cost cost) {
      bool greater = problem.metrics[m].sense == Sense::Maximize;
      bool isMax = problem.metrics[m].combine == Combine::Max;
      Cost ideal = 0;
      for (const Term &term : problem.terms) {
        Cost best = term.costs[m];
        for (size_t i = m; i < term.costs.size(); i += problem.metrics.size())
          best = greater ? std::max(best, term.costs[i])
                         : std::min(best, term.costs[i]);
        ideal = !isMax ? ideal + best : (greater ? std::max(ideal, best) : 0);
      }
      return greater ? ideal - cost : cost - ideal;
    };
    for (const Solution &network : exact)
      EXPECT_TRUE(llvm::any_of(front.points, [&](const Solution &point) {
        return llvm::all_of(front.metrics, [&](uint32_t m) {
          return distance(m, point.costs[m]) <=
                 (1 + front.epsilon) * distance(m, network.costs[m]) + 1e-9;
        });
      }));
    for (const Solution &point : front.points)
      EXPECT_EQ(llvm::toString(verify(problem, point)), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Random, SmallProblems, testing::Range(0, 5));

TEST(Front, EqualsFullEnumerationOfACellAndOfLayers) {
  for (const Problem &problem : {cellProblem(7), layersProblem(7)}) {
    Front front = frontOf(problem);
    std::vector<Solution> expected = bruteForceFront(problem, {0, 1});
    ASSERT_EQ(front.points.size(), expected.size());
    EXPECT_GT(front.points.size(), 5u);
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(front.points[i].assignment, expected[i].assignment);
      EXPECT_EQ(front.points[i].costs, expected[i].costs);
    }
  }
}

TEST(Front, OfOneStageEqualsBruteForce) {
  Problem problem = stagesProblem(3, 2, 1);
  Front front = frontOf(problem);
  std::vector<Solution> expected = bruteForceFront(problem, {0, 1});
  ASSERT_EQ(costsOf(front.points, {0, 1}), costsOf(expected, {0, 1}));
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(front.points[i].assignment, expected[i].assignment);
}

TEST(Front, OfThreeMetricsEqualsBruteForce) {
  Problem problem = twoDevices(stagesProblem(3, 2, 1));
  ASSERT_EQ(llvm::toString(problem.check()), "");
  Front front = frontOf(problem);
  EXPECT_GT(front.points.size(), 100u);
  std::vector<Solution> expected = bruteForceFront(problem, {0, 1, 2});
  ASSERT_EQ(costsOf(front.points, {0, 1, 2}), costsOf(expected, {0, 1, 2}));
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(front.points[i].assignment, expected[i].assignment);
  // The same where the second latency is a peak instead of a sum.
  problem.metrics[2].combine = Combine::Max;
  EXPECT_EQ(costsOf(frontOf(problem).points, {0, 1, 2}),
            costsOf(bruteForceFront(problem, {0, 1, 2}), {0, 1, 2}));
}

TEST(Front, OfALargeSpaceIsVerifiedAndLimitsOnlyCutIt) {
  Problem problem = stagesProblem(1);
  ASSERT_EQ(llvm::toString(problem.check()), "");
  Front front = frontOf(problem);
  ASSERT_GT(front.points.size(), 500u);
  for (size_t i = 0; i < front.points.size(); ++i) {
    EXPECT_EQ(llvm::toString(verify(problem, front.points[i])), "");
    if (i > 0) {
      EXPECT_GT(front.points[i].costs[0], front.points[i - 1].costs[0]);
      EXPECT_GT(front.points[i].costs[1], front.points[i - 1].costs[1]);
    }
  }
  const Solution &middle = front.points[front.points.size() / 2];
  problem.limits = {{0, middle.costs[0], std::nullopt}};
  Front cut = frontOf(problem);
  EXPECT_EQ(costsOf(cut.points, {0, 1}),
            costsOf({front.points.begin(),
                     front.points.begin() + front.points.size() / 2 + 1},
                    {0, 1}));
  EXPECT_EQ(cut.points.back().assignment, middle.assignment);
}

TEST(Front, TakesASideOfALimitThatNothingBreaks) {
  Problem problem = stagesProblem(1, 5);
  problem.limits = {{0, 20000000, std::nullopt}};
  Front front = frontOf(problem);
  ASSERT_FALSE(front.points.empty());
  problem.limits[0].atLeast = 0;
  EXPECT_EQ(costsOf(frontOf(problem).points, {0, 1}),
            costsOf(front.points, {0, 1}));
  problem.limits = {{0, std::nullopt, 0}};
  problem.limits.push_back({0, 1000, std::nullopt});
  EXPECT_EQ(frontOf(problem).reachable.size(), 2u);
}

TEST(Front, ThinsWhereItHasTooManyPointsAndSaysSo) {
  Problem problem = stagesProblem(1, 3);
  Front exact = frontOf(problem);
  FrontOptions options;
  options.pointLimit = 50;
  Front thinned = frontOf(problem, options);
  EXPECT_LE(thinned.points.size(), 50u);
  EXPECT_GT(thinned.epsilon, 0);
  EXPECT_LT(thinned.epsilon, 1);
  Front again = frontOf(problem, options);
  EXPECT_EQ(costsOf(again.points, {0, 1}), costsOf(thinned.points, {0, 1}));
}

TEST(Front, OfNoDecisionIsTheConstant) {
  Problem problem;
  problem.name = "constant";
  problem.metrics = {{"latency", "ns"}};
  Front empty = frontOf(problem);
  ASSERT_EQ(empty.points.size(), 1u);
  EXPECT_EQ(empty.points[0].costs, (std::vector<Cost>{0}));
  problem.terms = {{{}, {7}}};
  EXPECT_EQ(frontOf(problem).points[0].costs, (std::vector<Cost>{7}));
  problem.limits = {{0, 6, std::nullopt}};
  Front none = frontOf(problem);
  EXPECT_TRUE(none.points.empty());
  ASSERT_EQ(none.reachable.size(), 1u);
  EXPECT_EQ(none.reachable[0].alone.costs[0], 7);
}

TEST(Front, HandlesMoreChoicesThanOneWordHolds) {
  Problem problem;
  problem.name = "wide";
  problem.metrics = {{"latency", "ns"}, {"accuracy", "", Sense::Maximize}};
  for (uint32_t i = 0; i < 100; ++i) {
    problem.decisions.push_back({"d" + std::to_string(i), {"a", "b", "c"}, {}});
    problem.terms.push_back({{i}, {3, 5, 1, 2, 3, 5}});
  }
  Front front = frontOf(problem);
  ASSERT_EQ(front.points.size(), 101u);
  for (const Solution &point : front.points)
    EXPECT_EQ(llvm::toString(verify(problem, point)), "");
  EXPECT_EQ(front.points[0].assignment, Assignment(100, 1));
  EXPECT_EQ(front.points[100].assignment, Assignment(100, 0));
}

TEST(Front, RefusesTablesThatNobodyCouldFill) {
  Problem problem;
  problem.name = "tangle";
  problem.metrics = {{"latency", "ns"}};
  for (uint32_t i = 0; i < 40; ++i) {
    problem.decisions.push_back(
        {"d" + std::to_string(i), {"a", "b", "c", "d"}, {}});
    for (uint32_t j = 0; j < i; ++j) {
      Term term{{j, i}, {}};
      for (Cost k = 0; k < 16; ++k)
        term.costs.push_back(k * (i + j) % 7);
      problem.terms.push_back(term);
    }
  }
  ASSERT_EQ(llvm::toString(problem.check()), "");
  EXPECT_NE(refusal(problem, {}).find("expected at most 4194304"),
            std::string::npos);
}

TEST(Front, RefusesWhatItCannotDo) {
  Problem problem = stagesProblem(1, 2);
  EXPECT_NE(refusal(problem, {{0, 2}}).find("expected a metric below 2"),
            std::string::npos);
  EXPECT_NE(refusal(problem, {{0, 0}}).find("asked for twice"),
            std::string::npos);
  EXPECT_NE(refusal(problem, {{}, -1.0}).find("found -1"), std::string::npos);
  EXPECT_NE(refusal(problem, {{}, std::nan("")}).find("epsilon"),
            std::string::npos);
  FrontOptions few;
  few.tableLimit = 1;
  EXPECT_NE(refusal(problem, few).find("expected at most 1"),
            std::string::npos);
  few = {};
  few.pairLimit = 1000;
  EXPECT_NE(refusal(problem, few).find("more than 1000 pairs"),
            std::string::npos);
}

} // namespace
