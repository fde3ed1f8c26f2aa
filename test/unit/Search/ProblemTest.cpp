// SPDX-License-Identifier: Apache-2.0
// Problems: what is refused, what an assignment costs, what a solution may say.

#include "gnomon/Search/Problem.h"
#include "gtest/gtest.h"

#include <limits>

using namespace gnomon::search;

namespace {

/// A depth of 1 or 2 and one block for each; the second matters with depth 2.
Problem nested() {
  Problem problem;
  problem.name = "toy";
  problem.metrics = {{"latency", "ns", Sense::Minimize, Combine::Sum},
                     {"memory", "B", Sense::Minimize, Combine::Max}};
  problem.decisions = {{"depth", {"1", "2"}, {}},
                       {"a", {"k3", "k5"}, {}},
                       {"b", {"k3", "k5"}, {{{0, 1}}}}};
  problem.terms = {{{}, {100, 5}},
                   {{1}, {10, 1, 20, 9}},
                   {{0, 2}, {0, 0, 0, 0, 30, 7, 40, 8}}};
  return problem;
}

std::string refusal(const Problem &problem) {
  return llvm::toString(problem.check());
}

TEST(Problem, SumsAndPeaksOverItsTerms) {
  Problem problem = nested();
  EXPECT_EQ(refusal(problem), "");
  EXPECT_EQ(evaluate(problem, {1, 0, 1}), (std::vector<Cost>{150, 8}));
  EXPECT_EQ(evaluate(problem, {0, 1, 1}), (std::vector<Cost>{120, 9}));
}

TEST(Problem, InactiveDecisionsHoldTheFirstOption) {
  Problem problem = nested();
  EXPECT_EQ(canonical(problem, {0, 1, 1}), (Assignment{0, 1, 0}));
  EXPECT_EQ(canonical(problem, {1, 1, 1}), (Assignment{1, 1, 1}));
  problem.decisions.push_back({"inside b", {"x", "y"}, {{{2, 0}}}});
  EXPECT_EQ(canonical(problem, {0, 1, 0, 1}), (Assignment{0, 1, 0, 0}));
}

TEST(Problem, RefusesNamesUsedTwice) {
  Problem problem = nested();
  problem.decisions[1].name = "depth";
  EXPECT_EQ(refusal(problem),
            "problem 'toy': decision 'depth': expected a name of its own");
  problem = nested();
  problem.decisions[1].options[1] = "k3";
  EXPECT_NE(refusal(problem).find("option 'k3' is there twice"),
            std::string::npos);
}

TEST(Problem, RefusesTablesAndScopesThatDoNotFit) {
  Problem problem = nested();
  problem.terms[1].costs.pop_back();
  EXPECT_EQ(refusal(problem),
            "problem 'toy': term 1: expected 4 costs, found 3");
  problem = nested();
  problem.terms[2].scope = {2, 0};
  EXPECT_NE(refusal(problem).find("ascending order, found 2 before 0"),
            std::string::npos);
  problem.terms[2].scope = {0, 7};
  EXPECT_NE(refusal(problem).find("names decision 7, expected one below 3"),
            std::string::npos);
}

TEST(Problem, RefusesCostsOfDecisionsThatMayBeInactive) {
  Problem problem = nested();
  problem.terms[2].costs[2] = 4;
  EXPECT_EQ(refusal(problem),
            "problem 'toy': term 2: metric 'latency' changes from 0 to 4 with "
            "decision 'b' where it need not be active");
  problem = nested();
  problem.terms.push_back({{2}, {1, 1, 2, 2}});
  EXPECT_NE(refusal(problem).find("decision 'b'"), std::string::npos);
}

TEST(Problem, RefusesActivityInACircle) {
  Problem problem = nested();
  problem.decisions[0].activeWhen = {{{2, 0}}};
  EXPECT_NE(refusal(problem).find("depends on itself"), std::string::npos);
  problem.decisions[0].activeWhen = {{{2, 5}}};
  EXPECT_NE(refusal(problem).find("option 5 of decision 'b'"),
            std::string::npos);
}

TEST(Problem, RefusesSumsThatCouldOverflow) {
  Problem problem = nested();
  problem.terms[0].costs[0] = std::numeric_limits<Cost>::max();
  EXPECT_NE(refusal(problem).find("expected sums within 2^61"),
            std::string::npos);
  problem.terms[0].costs[0] = std::numeric_limits<Cost>::min();
  EXPECT_NE(refusal(problem).find("-9223372036854775808"), std::string::npos);
  problem = nested();
  problem.terms[0].costs[0] = kMaxCost - 60;
  EXPECT_EQ(refusal(problem), "");
  problem.terms[0].costs[0] = kMaxCost - 59;
  EXPECT_NE(refusal(problem), "");
}

TEST(Problem, RefusesLimitsWithoutABound) {
  Problem problem = nested();
  problem.limits = {{0, std::nullopt, std::nullopt}};
  EXPECT_NE(refusal(problem).find("'latency': expected a bound"),
            std::string::npos);
  problem.limits = {{2, 1, std::nullopt}};
  EXPECT_NE(refusal(problem).find("expected a metric below 2"),
            std::string::npos);
}

TEST(Solution, IsRecomputedFromScratch) {
  Problem problem = nested();
  problem.limits = {{0, 150, std::nullopt}};
  auto found = [&](Assignment assignment, std::vector<Cost> costs) {
    return llvm::toString(
        verify(problem, {std::move(assignment), std::move(costs)}));
  };
  EXPECT_EQ(found({1, 0, 1}, {150, 8}), "");
  EXPECT_EQ(found({1, 0}, {150, 8}),
            "solution of 'toy': expected 3 decisions, found 2");
  EXPECT_NE(found({1, 0, 2}, {150, 8}).find("an option below 2, found 2"),
            std::string::npos);
  EXPECT_NE(found({0, 0, 1}, {110, 5}).find("'b' is not active"),
            std::string::npos);
  EXPECT_NE(found({1, 0, 1}, {151, 8}).find("expected 150, found 151"),
            std::string::npos);
  EXPECT_NE(found({1, 1, 1}, {160, 9}).find("expected at most 150, found 160"),
            std::string::npos);
}

} // namespace
