// SPDX-License-Identifier: Apache-2.0
// Bounds of boxes of networks, and what they prove about answers.

#include "Problems.h"
#include "gnomon/Search/Algorithms.h"
#include "gnomon/Search/Boxes.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

/// A box that leaves some options of each decision.
Box randomBox(const Problem &problem, std::mt19937_64 &random) {
  Box box = wholeBox(problem);
  for (llvm::BitVector &options : box)
    for (unsigned i = 0; i < options.size(); ++i)
      if (options.count() > 1 && random() % 3 == 0)
        options.reset(i);
  return box;
}

bool isIn(const Box &box, const Assignment &network,
          const llvm::BitVector &active) {
  for (unsigned i : active.set_bits())
    if (!box[i][network[i]])
      return false;
  return true;
}

TEST(Boxes, SayWhatTheirNetworksCanHave) {
  int compared = 0;
  for (int seed = 0; seed < 150; ++seed) {
    Problem problem = randomProblem(seed);
    std::mt19937_64 random(seed);
    Boxes boxes(problem);
    Box box = randomBox(problem, random);
    std::vector<std::vector<double>> values;
    for (const Decision &decision : problem.decisions)
      for (auto &row = values.emplace_back();
           row.size() < decision.options.size();)
        row.push_back(double(random() % 100) - 50);
    std::vector<Matters> matters = boxes.matters(box);
    double greatest = boxes.greatestSum(box, matters, values);
    for (const Assignment &network : allAssignments(problem)) {
      llvm::BitVector active = activeDecisions(problem, network);
      if (!isIn(box, network, active))
        continue;
      double sum = 0;
      for (uint32_t i = 0; i < network.size(); ++i) {
        if (active[i])
          sum += values[i][network[i]];
        EXPECT_NE(matters[i], active[i] ? Matters::Never : Matters::Always);
      }
      EXPECT_LE(sum, greatest);
      // Options of decisions that do not matter are free: take allowed ones.
      Assignment inside = network;
      for (uint32_t i = 0; i < inside.size(); ++i)
        if (!active[i])
          inside[i] = box[i].find_first();
      std::vector<Cost> costs = evaluate(problem, inside);
      for (uint32_t m = 0; m < costs.size(); ++m) {
        EXPECT_GE(costs[m], boxes.reach(box, m, false));
        EXPECT_LE(costs[m], boxes.reach(box, m, true));
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 500);
}

TEST(Boxes, ReachTheGreatestSumWhereDepthsDecide) {
  // Two stages of depth 2 to 4: all that a depth has is worth 1, but the last
  // block is worth -3.
  Problem problem = stagesProblem(1, 1, 2);
  Boxes boxes(problem);
  Box box = wholeBox(problem);
  std::vector<std::vector<double>> values;
  double expected = 0;
  for (const Decision &decision : problem.decisions) {
    bool isBlock = decision.options.size() == 9;
    bool isLast = decision.activeWhen.size() == 1;
    values.emplace_back(decision.options.size(),
                        isBlock ? (isLast ? -3.0 : 1.0) : 0.0);
    expected += isBlock && !isLast;
  }
  EXPECT_EQ(boxes.greatestSum(box, boxes.matters(box), values), expected);
}

/// A score that is no sum, with bounds that are right and loose: the products
/// of options' weights over pairs of neighbours.
class Pairs : public Evaluator {
public:
  explicit Pairs(const Problem &problem) : problem(problem), boxes(problem) {}

  double weight(uint32_t decision, uint32_t option) const {
    return double((decision * 7 + option * 5) % 11) - 3;
  }
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> networks) override {
    std::vector<double> scores;
    for (const Assignment &network : networks) {
      llvm::BitVector active = activeDecisions(problem, network);
      double score = 0;
      for (uint32_t i = 1; i < network.size(); ++i)
        if (active[i] && active[i - 1])
          score += weight(i, network[i]) * weight(i - 1, network[i - 1]);
      scores.push_back(score);
    }
    return scores;
  }
  std::optional<double> upperBound(const Box &box) override {
    std::vector<Matters> matters = boxes.matters(box);
    double bound = 0;
    for (uint32_t i = 1; i < box.size(); ++i) {
      if (std::min(matters[i], matters[i - 1]) == Matters::Never)
        continue;
      double best = std::min(matters[i], matters[i - 1]) == Matters::Always
                        ? -HUGE_VAL
                        : 0;
      for (unsigned a : box[i].set_bits())
        for (unsigned b : box[i - 1].set_bits())
          best = std::max(best, weight(i, a) * weight(i - 1, b));
      bound += best;
    }
    ++asked;
    return bound;
  }
  uint64_t asked = 0;

private:
  const Problem &problem;
  Boxes boxes;
};

TEST(Proof, BoundsAreAboveTheBestAndTightenWithMoreBoxes) {
  int proven = 0;
  for (int seed = 0; seed < 120; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed);
    Pairs judge(problem);
    Objective objective{std::nullopt, &judge};
    SearchResult best =
        llvm::cantFail(searchExhaustive(problem, objective, {}));
    if (!best.best)
      continue;
    std::optional<double> before;
    for (uint64_t boxes : {1, 10, 1000, 1000000}) {
      judge.asked = 0;
      SearchOptions options;
      options.evaluations = 5;
      options.boxes = boxes;
      SearchResult found =
          llvm::cantFail(searchRandom(problem, objective, options));
      if (!found.best)
        continue;
      ASSERT_TRUE(found.gap);
      EXPECT_GE(*found.gap, 0);
      EXPECT_GE(found.score + *found.gap, best.score);
      EXPECT_LE(judge.asked, boxes + 1);
      if (before)
        EXPECT_LE(*found.gap, *before);
      before = found.gap;
      if (boxes == 1000000) {
        EXPECT_EQ(found.score + *found.gap, best.score);
        ++proven;
      }
    }
  }
  EXPECT_GT(proven, 50);
}

TEST(Proof, StandInsBoundAnyAnswer) {
  Problem problem = stagesProblem(1, 5);
  problem.limits = {{0, 20000000, std::nullopt}};
  class Near : public Evaluator {
  public:
    explicit Near(const Problem &problem) : problem(problem) {}
    std::vector<double> evaluate(llvm::ArrayRef<Assignment> networks) override {
      std::vector<double> scores;
      for (const Assignment &network : networks)
        scores.push_back(double(gnomon::search::evaluate(problem, network)[1]) /
                             1e9 -
                         1e-3 * (network[0] % 2));
      return scores;
    }

  private:
    const Problem &problem;
  } judge(problem);
  SearchOptions options;
  options.evaluations = 2000;
  options.candidates.ticksPerUnit = 1e9;
  options.candidates.error = 1e-3;
  SearchResult exact = llvm::cantFail(searchExact(problem, {1}, {}));
  for (const char *name : {"evolution", "netadapt", "random"}) {
    SearchResult found =
        llvm::cantFail(findAlgorithm(name)->run(problem, {1, &judge}, options));
    ASSERT_TRUE(found.best && found.gap);
    EXPECT_NEAR(found.score + *found.gap, exact.score / 1e9 + 1e-3, 1e-9);
  }
}

} // namespace
