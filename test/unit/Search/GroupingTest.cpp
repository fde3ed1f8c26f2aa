// SPDX-License-Identifier: Apache-2.0
// Terms that do not tell all options apart mean what their whole tables mean.

#include "gnomon/Search/Algorithms.h"

#include "Problems.h"

#include "gtest/gtest.h"

#include <random>

using namespace gnomon::search;
using test::randomProblem;

namespace {

/// A random problem, decisions always active, some of whose terms group
/// options.
Problem groupedProblem(uint64_t seed) {
  Problem problem = randomProblem(seed);
  std::mt19937_64 random(seed);
  for (Decision &decision : problem.decisions)
    decision.activeWhen.clear();
  for (Term &term : problem.terms) {
    if (random() % 3 == 0)
      continue;
    term.classes.resize(term.scope.size());
    for (size_t place = 0; place < term.scope.size(); ++place) {
      size_t options = problem.decisions[term.scope[place]].options.size();
      if (random() % 4 == 0)
        continue;
      size_t classes = 1 + random() % options;
      for (size_t option = 0; option < options; ++option)
        term.classes[place].push_back(option < classes ? option
                                                       : random() % classes);
    }
    term.costs.resize(tableSize(problem, term) * problem.metrics.size());
  }
  return problem;
}

/// The same with an entry for every combination of options.
Problem ungrouped(const Problem &problem) {
  Problem result = problem;
  for (size_t index = 0; index < problem.terms.size(); ++index) {
    const Term &term = problem.terms[index];
    Term &whole = result.terms[index];
    whole.classes.clear();
    whole.costs.clear();
    for (size_t entry = 0; entry < tableSize(result, whole); ++entry) {
      std::vector<uint32_t> options;
      size_t left = entry;
      for (uint32_t decision : llvm::reverse(term.scope)) {
        size_t count = problem.decisions[decision].options.size();
        options.insert(options.begin(), left % count);
        left /= count;
      }
      size_t from = 0;
      for (size_t place = 0; place < options.size(); ++place)
        from = from * classCount(problem, term, place) +
               term.classOf(place, options[place]);
      size_t metrics = problem.metrics.size();
      auto row = term.costs.begin() + from * metrics;
      whole.costs.insert(whole.costs.end(), row, row + metrics);
    }
  }
  return result;
}

TEST(GroupingTest, FrontsAreThoseOfWholeTables) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Problem grouped = groupedProblem(seed), whole = ungrouped(grouped);
    ASSERT_FALSE(bool(grouped.check())) << seed;
    auto found = paretoFront(grouped), expected = paretoFront(whole);
    ASSERT_TRUE(bool(found)) << seed;
    ASSERT_TRUE(bool(expected)) << seed;
    ASSERT_EQ(found->points.size(), expected->points.size()) << seed;
    for (size_t i = 0; i < found->points.size(); ++i) {
      EXPECT_EQ(found->points[i].costs, expected->points[i].costs) << seed;
      EXPECT_FALSE(bool(verify(grouped, found->points[i]))) << seed;
      EXPECT_FALSE(bool(verify(whole, found->points[i]))) << seed;
    }
  }
}

TEST(GroupingTest, AlgorithmsFindWhatTheyFindInWholeTables) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Problem grouped = groupedProblem(seed), whole = ungrouped(grouped);
    Objective objective;
    objective.metric = 0;
    SearchOptions options;
    options.evaluations = 500;
    for (const Algorithm &algorithm : algorithms()) {
      auto found = algorithm.run(grouped, objective, options);
      auto expected = algorithm.run(whole, objective, options);
      ASSERT_EQ(bool(found), bool(expected)) << algorithm.name.str();
      if (!found) {
        EXPECT_EQ(llvm::toString(found.takeError()),
                  llvm::toString(expected.takeError()));
        continue;
      }
      ASSERT_EQ(found->best.has_value(), expected->best.has_value());
      if (found->best) {
        EXPECT_EQ(found->best->costs[0], expected->best->costs[0])
            << algorithm.name.str() << " " << seed;
      }
    }
  }
}

Problem oneTerm(std::vector<std::vector<uint32_t>> classes) {
  Problem problem;
  problem.name = "p";
  problem.metrics = {{"latency", "ns"}};
  problem.decisions = {{"d", {"a", "b", "c"}, {}}};
  problem.terms = {{{0}, {1, 2}, std::move(classes)}};
  return problem;
}

std::string messageOf(const Problem &problem) {
  return llvm::toString(problem.check());
}

TEST(GroupingTest, RefusesClassesThatDoNotFit) {
  EXPECT_EQ(messageOf(oneTerm({{0, 1, 0}})), "");
  EXPECT_NE(messageOf(oneTerm({{0, 1}})).find("expected 3, found 2"),
            std::string::npos);
  EXPECT_NE(messageOf(oneTerm({{0, 2, 0}})).find("an option of class 1"),
            std::string::npos);
  EXPECT_NE(messageOf(oneTerm({{0, 7, 0}})).find("numbers below 3, found 7"),
            std::string::npos);
  EXPECT_NE(
      messageOf(oneTerm({{0, 1, 0}, {}})).find("for 1 decisions, found 2"),
      std::string::npos);
}

} // namespace
