// SPDX-License-Identifier: Apache-2.0
// NetAdapt: its schedule, and searches that always end below their limits.

#include "Problems.h"
#include "gnomon/Search/Algorithms.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

SearchResult find(llvm::StringRef name, const Problem &problem,
                  const SearchOptions &options = {}) {
  return llvm::cantFail(
      findAlgorithm(name)->run(problem, Objective{1}, options));
}

TEST(NetAdapt, FollowsThePublishedSchedule) {
  std::vector<Cost> targets = reductionSchedule(1000000000, 800000000, {});
  // 0.025 of the start, then 0.96 of what the iteration before took off.
  const std::vector<Cost> expected = {975000000, 951000000, 927960000,
                                      905841600, 884607936};
  ASSERT_GT(targets.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(targets[i], expected[i]);
  EXPECT_EQ(targets.back(), 800000000);
  EXPECT_TRUE(std::is_sorted(targets.rbegin(), targets.rend()));
}

TEST(NetAdapt, ReachesBoundsThatThePublishedScheduleDoesNot) {
  // 0.025 / (1 - 0.96): the published schedule never passes 0.375.
  std::vector<Cost> targets = reductionSchedule(1000000, 100000, {});
  EXPECT_EQ(targets.size(), 100u);
  EXPECT_EQ(targets.back(), 100000);
  EXPECT_LT(targets[0], 975000);
  EXPECT_GT(targets[0], 950000);
  EXPECT_EQ(reductionSchedule(-5, -1000, {}).back(), -1000);
  EXPECT_TRUE(reductionSchedule(7, 7, {}).empty());
  NetAdaptOptions steady;
  steady.decay = 1;
  steady.iterations = 4;
  EXPECT_EQ(reductionSchedule(100, 0, steady),
            (std::vector<Cost>{75, 50, 25, 0}));
}

TEST(NetAdapt, ShrinksUnderLimitsOfSeveralMetricsAndSides) {
  Problem problem = twoDevices(stagesProblem(2, 4, 3));
  problem.limits = {{0, 13000000, std::nullopt},
                    {2, 12000000, std::nullopt},
                    {1, std::nullopt, 705000000}};
  for (const char *name : {"netadapt", "netadapt-v2"}) {
    SearchResult found = find(name, problem);
    ASSERT_TRUE(found.best) << name;
    EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
  }
}

TEST(NetAdapt, RepeatsWithTheSameSeed) {
  Problem problem = stagesProblem(3, 5);
  problem.limits = {{0, 15000000, std::nullopt}};
  SearchOptions options;
  options.seed = 4;
  SearchResult first = find("netadapt-v2", problem, options);
  SearchResult second = find("netadapt-v2", problem, options);
  ASSERT_TRUE(first.best && second.best);
  EXPECT_EQ(first.best->assignment, second.best->assignment);
  EXPECT_EQ(first.evaluations, second.evaluations);
}

TEST(NetAdapt, RefusesSchedulesThatLeadNowhere) {
  SearchOptions options;
  options.netAdapt.decay = 0;
  auto found = findAlgorithm("netadapt")
                   ->run(stagesProblem(1, 2), Objective{1}, options);
  ASSERT_FALSE(found);
  EXPECT_NE(llvm::toString(found.takeError()).find("a decay above 0"),
            std::string::npos);
}

} // namespace
