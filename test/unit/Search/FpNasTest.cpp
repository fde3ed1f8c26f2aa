// SPDX-License-Identifier: Apache-2.0
// FP-NAS: tables of decisions and blocks, and draws that follow the entropy.

#include "Problems.h"
#include "gnomon/Search/Algorithms.h"
#include "gnomon/Search/Distribution.h"
#include "gtest/gtest.h"

#include <cmath>
#include <numeric>

using namespace gnomon;
using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

/// Blocks of decisions with these numbers of options, and a decision that all
/// of them know.
Problem blocksProblem(llvm::ArrayRef<uint32_t> options, uint32_t blocks) {
  Problem problem;
  problem.name = "blocks";
  problem.metrics = {{"latency", "ns"}};
  problem.decisions.push_back({"resolution", {"0", "1"}, {}});
  for (uint32_t block = 0; block < blocks; ++block) {
    Term term{{0}, {}};
    for (uint32_t count : options) {
      uint32_t index = problem.decisions.size();
      term.scope.push_back(index);
      problem.decisions.push_back({"d" + std::to_string(index), {}, {}});
      for (uint32_t i = 0; i < count; ++i)
        problem.decisions.back().options.push_back(std::to_string(i));
    }
    term.costs.assign(tableSize(problem, term), 1);
    problem.terms.push_back(term);
  }
  return problem;
}

TEST(Distribution, AddsParametersUntilBlocksAreJoined) {
  // The block of the paper: 3, 2, 2, 6 and 10 options.
  Problem problem = blocksProblem({3, 2, 2, 6, 10}, 2);
  Distribution distribution(problem);
  EXPECT_EQ(distribution.parameters(), 2 + 2 * 23u);
  Random random(1);
  std::vector<Assignment> networks(20, Assignment(11, 0));
  std::vector<double> weights(20, 0.05);
  for (Assignment &network : networks)
    distribution.draw(random, network);
  distribution.ascend(networks, weights, 3);
  double entropy = distribution.entropy();
  Assignment likeliest = distribution.likeliest();
  EXPECT_LT(entropy, std::log(2) + 2 * std::log(720));
  distribution.join();
  EXPECT_EQ(distribution.parameters(), 2 + 2 * 720u);
  // The joint table starts as the product.
  EXPECT_NEAR(distribution.entropy(), entropy, 1e-9);
  EXPECT_EQ(distribution.likeliest(), likeliest);
}

TEST(Distribution, LeavesBlocksApartThatHaveTooManyOptions) {
  Problem problem = blocksProblem({20, 20, 20}, 1);
  Distribution distribution(problem);
  distribution.join();
  // The resolution is in the only term, too: 2 x 20 x 20 fit into a table.
  EXPECT_EQ(distribution.parameters(), 800 + 20u);
}

TEST(Distribution, CountsTheEntropyOfWhatMatters) {
  Problem problem = stagesProblem(1, 2, 1);
  Distribution distribution(problem);
  // Blocks 0 and 1 always, block 2 in two depths of three, block 3 in one.
  EXPECT_NEAR(distribution.entropy(),
              std::log(2) + std::log(3) + 3 * std::log(9), 1e-9);
}

SearchResult find(const Problem &problem, const SearchOptions &options) {
  return llvm::cantFail(searchFpNas(problem, Objective{1}, options));
}

TEST(FpNas, EntropyFallsAfterTheFirstSteps) {
  Problem problem = stagesProblem(1);
  problem.limits = {{0, 20000000, std::nullopt}};
  std::vector<double> entropies;
  SearchOptions options;
  options.fpNas.step = [&](double entropy, uint64_t draws) {
    EXPECT_EQ(draws, std::max<uint64_t>(std::round(entropy / 4), 2));
    entropies.push_back(entropy);
  };
  find(problem, options);
  // Tenths of the search, the first left out.
  size_t tenth = entropies.size() / 10;
  ASSERT_GT(tenth, 20u);
  for (size_t i = 2; i < 10; ++i)
    EXPECT_LT(entropies[i * tenth], entropies[(i - 1) * tenth]) << i;
  EXPECT_LT(entropies.back(), 0.06 * entropies.front());
}

TEST(FpNas, AdaptiveDrawsReachWhatFixedOnesReachWithHalfOfThem) {
  for (Cost budget : {15000000, 25000000}) {
    SCOPED_TRACE(budget);
    Problem problem = stagesProblem(1);
    problem.limits = {{0, budget, std::nullopt}};
    double score[2] = {}, evaluations[2] = {}, drawn[2] = {};
    for (int fixed : {0, 1}) {
      SearchOptions options;
      options.fpNas.rate = 0.3;
      // A quarter of the entropy of all decisions, asked or not, as the paper
      // counts it.
      options.fpNas.samples = fixed ? 13 : 0;
      for (options.seed = 0; options.seed < 10; ++options.seed) {
        SearchResult found = find(problem, options);
        ASSERT_TRUE(found.best);
        EXPECT_LT(found.drawn, options.evaluations);
        score[fixed] += found.score / 10;
        evaluations[fixed] += double(found.evaluations) / 10;
        drawn[fixed] += double(found.drawn) / 10;
      }
    }
    // In 1e-9: within 0.05 points.
    EXPECT_GE(score[0], score[1] - 500000);
    EXPECT_LE(drawn[0], 0.5 * drawn[1]);
    // Equal networks are evaluated once, which helps fixed numbers more.
    EXPECT_LE(evaluations[0], 0.65 * evaluations[1]);
  }
}

TEST(FpNas, SavesDrawsAgainstItsOwnFirstStep) {
  Problem problem = stagesProblem(1);
  problem.limits = {{0, 20000000, std::nullopt}};
  SearchOptions options;
  options.fpNas.rate = 0.3;
  uint64_t first = 0;
  options.fpNas.step = [&](double, uint64_t draws) {
    first = first ? first : draws;
  };
  double drawn[2] = {};
  for (options.seed = 0; options.seed < 5; ++options.seed) {
    drawn[0] += double(find(problem, options).drawn);
    SearchOptions same = options;
    same.fpNas.step = [&](double, uint64_t draws) { EXPECT_EQ(draws, first); };
    auto fixed = searchParsec(problem, Objective{1}, same);
    ASSERT_TRUE(bool(fixed));
    EXPECT_EQ(fixed->algorithm, "parsec");
    drawn[1] += double(fixed->drawn);
  }
  EXPECT_LE(drawn[0], 0.65 * drawn[1]);
}

TEST(FpNas, RepeatsWithTheSameSeed) {
  Problem problem = stagesProblem(3, 5);
  problem.limits = {{0, 15000000, std::nullopt}};
  SearchOptions options;
  options.seed = 4;
  options.evaluations = 3000;
  SearchResult first = find(problem, options), second = find(problem, options);
  ASSERT_TRUE(first.best && second.best);
  EXPECT_EQ(first.best->assignment, second.best->assignment);
  EXPECT_EQ(first.evaluations, second.evaluations);
  EXPECT_EQ(first.drawn, second.drawn);
}

TEST(FpNas, RefusesRatesThatLeadNowhere) {
  SearchOptions options;
  options.fpNas.rate = 0;
  auto found = searchFpNas(stagesProblem(1, 2), Objective{1}, options);
  ASSERT_FALSE(found);
  EXPECT_NE(llvm::toString(found.takeError()).find("a rate above 0"),
            std::string::npos);
}

} // namespace
