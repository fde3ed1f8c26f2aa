// SPDX-License-Identifier: Apache-2.0
// FLASH: two levels of simplicial homology optimisation over networks.

#include "Problems.h"
#include "gnomon/Search/Algorithms.h"
#include "gtest/gtest.h"

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

SearchResult find(const Problem &problem, const SearchOptions &options) {
  return llvm::cantFail(searchFlash(problem, Objective{1}, options));
}

TEST(Flash, ComesWithinAPointOfTheOptimumWithFewEvaluations) {
  Problem problem = stagesProblem(1); // 5e20 networks
  for (Cost budget : {12000000, 15000000, 20000000, 25000000})
    for (uint64_t seed : {0, 1, 2}) {
      SCOPED_TRACE(budget);
      problem.limits = {{0, budget, std::nullopt}};
      SearchOptions options;
      options.seed = seed;
      options.evaluations = 3000;
      SearchResult found = find(problem, options);
      ASSERT_TRUE(found.best && found.gap);
      EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
      // In 1e-9: a point of accuracy.
      EXPECT_LE(*found.gap, 10000000);
    }
}

TEST(Flash, ComesNearTheOptimumOfLayersWithPairs) {
  // 6,561 networks.
  int optimal = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Problem problem = layersProblem(seed);
    problem.limits = {{0, 900000, std::nullopt}};
    SearchOptions options;
    options.evaluations = 2000;
    SearchResult found = find(problem, options);
    ASSERT_TRUE(found.best && found.gap);
    EXPECT_LE(*found.gap, 0.05 * found.score);
    optimal += *found.gap == 0;
  }
  EXPECT_GE(optimal, 4);
}

TEST(Flash, RepeatsWithTheSameSeed) {
  Problem problem = stagesProblem(3, 5);
  problem.limits = {{0, 15000000, std::nullopt}};
  SearchOptions options;
  options.seed = 4;
  options.evaluations = 1000;
  SearchResult first = find(problem, options), second = find(problem, options);
  ASSERT_TRUE(first.best && second.best);
  EXPECT_EQ(first.best->assignment, second.best->assignment);
  EXPECT_EQ(first.evaluations, second.evaluations);
  EXPECT_EQ(first.drawn, second.drawn);
}

TEST(Flash, RefusesOptionsThatLeadNowhere) {
  SearchOptions options;
  options.flash.cell = 0;
  auto found = searchFlash(stagesProblem(1, 2), Objective{1}, options);
  ASSERT_FALSE(found);
  EXPECT_NE(llvm::toString(found.takeError()).find("expected cells"),
            std::string::npos);
}

} // namespace
