// SPDX-License-Identifier: Apache-2.0
// Evolutions on nested and tied decisions, repairing and rejecting.

#include "Problems.h"
#include "gnomon/Search/Algorithms.h"
#include "gtest/gtest.h"

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

SearchResult find(llvm::StringRef name, const Problem &problem,
                  const Objective &objective, const SearchOptions &options) {
  return llvm::cantFail(findAlgorithm(name)->run(problem, objective, options));
}

/// A kind that two places share; a depth; a width that is there at depth 2, and
/// a filter that is there at one width.
Problem nestedAndTied() {
  Problem problem;
  problem.metrics = {{"latency", "ns"}, {"accuracy", "1e-9", Sense::Maximize}};
  problem.decisions = {{"kind", {"a", "b", "c"}, {}},
                       {"depth", {"one", "two"}, {}},
                       {"width", {"s", "m", "l"}, {{{1, 1}}}},
                       {"filter", {"3", "5", "7"}, {{{2, 2}}}}};
  problem.terms = {{{0}, {10, 5, 20, 9, 30, 11}},
                   {{0}, {5, 2, 30, 9, 10, 4}},
                   {{1}, {10, 0, 20, 3}},
                   {{1, 2}, {0, 0, 0, 0, 0, 0, 1, 1, 4, 5, 9, 9}}};
  Term filter{{1, 2, 3}, std::vector<Cost>(36, 0)};
  for (Cost option = 0; option < 3; ++option) {
    filter.costs[2 * (15 + option)] = 3 * option;
    filter.costs[2 * (15 + option) + 1] = 4 * option;
  }
  problem.terms.push_back(filter);
  return problem;
}

/// The second metric, which must be asked about canonical networks within the
/// limits.
class Strict : public Evaluator {
public:
  explicit Strict(const Problem &problem) : problem(problem) {}
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> batch) override {
    std::vector<double> scores;
    for (const Assignment &network : batch) {
      EXPECT_EQ(canonical(problem, network), network);
      std::vector<Cost> costs = gnomon::search::evaluate(problem, network);
      EXPECT_TRUE(withinLimits(problem, costs));
      scores.push_back(double(costs[1]));
    }
    return scores;
  }

private:
  const Problem &problem;
};

TEST(Evolution, CrossesAndMutatesNestedAndTiedDecisions) {
  Problem problem = nestedAndTied();
  ASSERT_EQ(llvm::toString(problem.check()), "");
  for (Cost budget : {25, 45, 60, 80, 1000})
    for (Constraint constraint : {Constraint::Repair, Constraint::Reject})
      for (const char *name : {"evolution", "two-stage", "random"}) {
        SCOPED_TRACE(std::string(name) + " " + std::to_string(budget));
        problem.limits = {{0, budget, std::nullopt}};
        SearchResult exact = find("exact", problem, {1}, {});
        Strict evaluator(problem);
        SearchOptions options;
        options.constraint = constraint;
        options.evaluations = 500;
        SearchResult found = find(name, problem, {{}, &evaluator}, options);
        ASSERT_TRUE(found.best && exact.best);
        EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
        // Every stage of two sees a part of the space only.
        if (llvm::StringRef(name) != "two-stage")
          EXPECT_EQ(found.score, exact.score);
      }
}

TEST(Evolution, EndsWhereRejectionFindsNothing) {
  Problem problem = stagesProblem(1, 5);
  Front front = llvm::cantFail(paretoFront(problem));
  problem.limits = {{0, front.points[2].costs[0], std::nullopt}};
  SearchOptions options;
  options.constraint = Constraint::Reject;
  for (const char *name : {"evolution", "two-stage"}) {
    SearchResult found = find(name, problem, {1}, options);
    EXPECT_FALSE(found.best);
    // Honest: it can be kept, but was not met.
    EXPECT_TRUE(found.reachable.empty());
    EXPECT_EQ(found.evaluations, 0u);
    EXPECT_GT(found.drawn, 0u);
    EXPECT_LE(found.drawn, 100u * options.evolution.tries);
  }
  SearchResult random = find("random", problem, {1}, options);
  EXPECT_FALSE(random.best);
  EXPECT_LE(random.drawn, 1024u * options.evolution.tries);
  options.constraint = Constraint::Repair;
  EXPECT_TRUE(find("evolution", problem, {1}, options).best);
}

TEST(Evolution, SaysWhatIsReachableAlsoWhenItRejects) {
  Problem problem = stagesProblem(1, 5);
  problem.limits = {{0, 1000, std::nullopt}};
  SearchOptions options;
  options.constraint = Constraint::Reject;
  for (const char *name : {"evolution", "two-stage", "random"}) {
    SearchResult found = find(name, problem, {1}, options);
    EXPECT_FALSE(found.best);
    ASSERT_EQ(found.reachable.size(), 1u);
    EXPECT_LE(found.drawn, options.evolution.tries);
  }
}

TEST(Evolution, KeepsLimitsByRejectionOfALargeSpace) {
  Problem problem = stagesProblem(1);
  problem.limits = {{0, 22000000, std::nullopt}};
  Strict evaluator(problem);
  SearchOptions options;
  options.constraint = Constraint::Reject;
  options.evaluations = 3000;
  for (const char *name : {"evolution", "two-stage"}) {
    SearchResult found = find(name, problem, {1, &evaluator}, options);
    ASSERT_TRUE(found.best);
    EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
    SearchResult again = find(name, problem, {1, &evaluator}, options);
    EXPECT_EQ(found.best->assignment, again.best->assignment);
    EXPECT_EQ(found.drawn, again.drawn);
  }
}

} // namespace
