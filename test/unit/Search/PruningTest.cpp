// SPDX-License-Identifier: Apache-2.0
// Smaller problems for devices: what is ranked, what is kept.

#include "gnomon/Search/Pruning.h"
#include "Problems.h"
#include "gnomon/Support/RankCorrelation.h"
#include "gtest/gtest.h"

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

using Owners = std::vector<std::optional<uint32_t>>;
using Kept = std::vector<std::vector<uint32_t>>;

constexpr PruneOptions keeping(uint32_t keep) { return {1, 0, keep}; }

Kept kept(const Problem &problem, const Owners &owners, uint32_t keep) {
  return llvm::cantFail(pruneOptions(problem, owners, keeping(keep)));
}

std::string refusal(const Problem &problem, const Owners &owners,
                    uint32_t keep) {
  auto found = pruneOptions(problem, owners, keeping(keep));
  return found ? "none" : llvm::toString(found.takeError());
}

/// Decisions of three options; metrics latency and macs.
Problem emptyProblem(uint32_t decisions) {
  Problem problem;
  problem.metrics = {{"latency", "ns"}, {"macs", "MAC"}};
  for (uint32_t i = 0; i < decisions; ++i)
    problem.decisions.push_back({"d" + std::to_string(i), {"a", "b", "c"}, {}});
  return problem;
}

TEST(Pruning, KeepsTheMostCapacityALatency) {
  Problem problem = emptyProblem(1);
  problem.terms = {{{0}, {10, 50, 10, 90, 20, 120}}, {{}, {1000, 1000}}};
  const Owners owners = {0u, std::nullopt};
  EXPECT_EQ(kept(problem, owners, 1), Kept{{1}});
  EXPECT_EQ(kept(problem, owners, 2), (Kept{{1, 2}}));
  EXPECT_EQ(kept(problem, owners, 9), (Kept{{0, 1, 2}}));
  // Of equals the one of more capacity, then the first.
  problem.terms[0].costs = {10, 50, 20, 100, 20, 100};
  EXPECT_EQ(kept(problem, owners, 1), Kept{{1}});
}

TEST(Pruning, TakesMeansOverContexts) {
  // The second decision shapes the first, two of its options alike.
  Problem problem = emptyProblem(2);
  Term term{{0, 1}, {}, {{}, {0, 1, 1}}};
  for (Cost latency : {40, 10, 30, 30, 90, 15})
    term.costs.insert(term.costs.end(), {latency, 60});
  problem.terms = {term};
  auto worth = worthOfOptions(problem, Owners{0u}, 0, keeping(1));
  ASSERT_EQ(worth.size(), 3u);
  EXPECT_DOUBLE_EQ(worth[0].cost, 20);
  EXPECT_DOUBLE_EQ(worth[1].cost, 30);
  EXPECT_DOUBLE_EQ(worth[2].cost, 40);
  EXPECT_DOUBLE_EQ(worth[1].capacity, 60);
  // The second owns nothing: it only is where the first stands.
  EXPECT_EQ(kept(problem, Owners{0u}, 1), (Kept{{0}, {0, 1, 2}}));
}

TEST(Pruning, RanksWhatIsTiedBySums) {
  Problem problem = emptyProblem(1);
  // The first place alone would keep a, the second b; together it is c.
  problem.terms = {{{0}, {10, 100, 40, 100, 15, 100}},
                   {{0}, {40, 100, 10, 100, 15, 100}}};
  EXPECT_EQ(kept(problem, Owners{0u, 0u}, 1), Kept{{2}});
}

TEST(Pruning, KeepsWhatIsNoOperator) {
  Problem problem = emptyProblem(1);
  problem.terms = {{{0}, {10, 50, 0, 0, 10, 90}}};
  EXPECT_EQ(kept(problem, Owners{0u}, 1), (Kept{{1, 2}}));
  // A pooling has a latency: it is an operator without capacity.
  problem.terms = {{{0}, {10, 50, 5, 0, 10, 90}}};
  EXPECT_EQ(kept(problem, Owners{0u}, 2), (Kept{{0, 2}}));
}

TEST(Pruning, LeavesDecisionsWholeThatOthersDependOn) {
  Problem problem = emptyProblem(2);
  problem.decisions[1].activeWhen = {{{0, 2}}};
  problem.terms = {
      {{0}, {10, 50, 10, 90, 20, 120}},
      {{0, 1}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 10, 5, 20, 5, 30}}};
  EXPECT_EQ(kept(problem, Owners{0u, 1u}, 1), (Kept{{0, 1, 2}, {2}}));
}

TEST(Pruning, RefusesWhatItCannotRank) {
  Problem problem = emptyProblem(1);
  problem.terms = {{{0}, {10, 50, 0, 90, 20, 120}}};
  EXPECT_EQ(refusal(problem, Owners{0u}, 1),
            "option 'b' of 'd0' cannot be ranked: expected a cost above 0 of "
            "what has a capacity, found 0");
  EXPECT_EQ(refusal(problem, Owners{0u}, 0),
            "keep: expected at least one option a decision, found 0");
  EXPECT_NE(refusal(problem, Owners{std::nullopt}, 1).find("found none"),
            std::string::npos);
}

TEST(Pruning, NeverLeavesADecisionEmpty) {
  for (int seed = 0; seed < 200; ++seed) {
    Problem problem = randomProblem(seed);
    Owners owners;
    for (const Term &term : problem.terms)
      owners.push_back(term.scope.empty() ? std::nullopt
                                          : std::optional(term.scope.back()));
    auto found = pruneOptions(problem, owners, {0, 1, 1});
    if (!found) {
      llvm::consumeError(found.takeError());
      continue;
    }
    ASSERT_EQ(found->size(), problem.decisions.size());
    for (auto [own, decision] : llvm::zip(*found, problem.decisions)) {
      EXPECT_FALSE(own.empty());
      EXPECT_TRUE(llvm::is_sorted(own));
      EXPECT_LT(own.back(), decision.options.size());
    }
  }
}

/// Ten layers of eight operators on a device that takes `share` of what an
/// operator takes elsewhere and the rest at random.
Problem deviceProblem(double share, uint64_t seed) {
  std::mt19937_64 common(100), own(seed);
  auto uniform = [](std::mt19937_64 &random) {
    return double(random() >> 11) / double(uint64_t(1) << 53);
  };
  Problem problem;
  problem.metrics = {{"latency", "ns"}, {"macs", "MAC"}};
  for (uint32_t layer = 0; layer < 10; ++layer) {
    Decision decision{"layer" + std::to_string(layer), {}, {}};
    Term term{{layer}, {}};
    for (Cost option = 0; option < 8; ++option) {
      decision.options.push_back(std::to_string(option));
      double shared = uniform(common), device = uniform(own);
      double rate = share * shared + (1 - share) * device;
      term.costs.insert(term.costs.end(),
                        {Cost(1e6 * (0.2 + rate)), (option + 4) * 100000});
    }
    problem.decisions.push_back(decision);
    problem.terms.push_back(term);
  }
  return problem;
}

/// Of the latencies of 500 networks.
double agreement(const Problem &a, const Problem &b) {
  std::mt19937_64 random(7);
  std::vector<double> left, right;
  for (int i = 0; i < 500; ++i) {
    Assignment network;
    for (const Decision &decision : a.decisions)
      network.push_back(random() % decision.options.size());
    left.push_back(double(evaluate(a, network)[0]));
    right.push_back(double(evaluate(b, network)[0]));
  }
  return gnomon::rankCorrelation(left, right);
}

TEST(Pruning, DevicesThatDisagreeGetOtherSpaces) {
  Owners owners;
  for (uint32_t layer = 0; layer < 10; ++layer)
    owners.push_back(layer);
  const Problem device = deviceProblem(1, 0);
  int alike = 0, unlike = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Problem near = deviceProblem(0.9999, seed);
    const Problem far = deviceProblem(0.4, seed);
    ASSERT_GT(agreement(device, near), 0.98);
    ASSERT_LT(agreement(device, far), 0.8);
    alike += kept(device, owners, 4) == kept(near, owners, 4);
    unlike += kept(device, owners, 4) != kept(far, owners, 4);
  }
  EXPECT_EQ(alike, 10);
  EXPECT_EQ(unlike, 10);
}

} // namespace
