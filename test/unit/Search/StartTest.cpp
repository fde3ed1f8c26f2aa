// SPDX-License-Identifier: Apache-2.0
// Searches that begin with networks found before.

#include "gnomon/Search/Algorithms.h"

#include "Problems.h"

#include "gtest/gtest.h"

using namespace gnomon::search;

namespace {

TEST(Start, EvolutionMovesNetworksThatBreakLimits) {
  Problem problem = test::stagesProblem(2, 5, 3);
  Cost least = evaluate(problem, Assignment(problem.decisions.size(), 0))[0];
  problem.limits.push_back({0, least * 3 / 2, std::nullopt});
  Assignment largest;
  for (const Decision &decision : problem.decisions)
    largest.push_back(decision.options.size() - 1);
  SearchOptions options;
  options.evaluations = 100;
  options.start = {canonical(problem, largest)};
  auto found = llvm::cantFail(searchEvolution(problem, {1, nullptr}, options));
  ASSERT_TRUE(found.best);
  EXPECT_TRUE(withinLimits(problem, found.best->costs));
}

} // namespace
