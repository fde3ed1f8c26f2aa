// SPDX-License-Identifier: Apache-2.0
// Objectives that weigh limits: the formulas, and searches by them.

#include "gnomon/Search/Tradeoff.h"
#include "Problems.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

constexpr Tradeoff kAll[] = {Tradeoff::MnasNet, Tradeoff::MnasNetHard,
                             Tradeoff::MulLog, Tradeoff::AddLinear};

llvm::Expected<SearchResult> find(llvm::StringRef name, Tradeoff tradeoff,
                                  const Problem &problem,
                                  const SearchOptions &options = {},
                                  uint32_t metric = 1, double ticks = 1e9) {
  return searchTradeoff(*findAlgorithm(name), tradeoff, problem, {metric},
                        ticks, options);
}

std::string refusal(llvm::StringRef name, Tradeoff tradeoff,
                    const Problem &problem, uint32_t metric = 1,
                    double ticks = 1e9) {
  auto found = find(name, tradeoff, problem, {}, metric, ticks);
  return found ? "none" : llvm::toString(found.takeError());
}

TEST(Tradeoff, IsWhatThePapersSay) {
  // Twice the target costs MnasNet's soft form 5 % of the accuracy.
  EXPECT_NEAR(weigh(Tradeoff::MnasNet, 0.8, {{2e7, 1e7}}),
              0.8 * std::pow(2.0, -0.07), 1e-15);
  EXPECT_NEAR(weigh(Tradeoff::MnasNet, 0.8, {{2e7, 1e7}}) / 0.8, 0.95, 0.003);
  EXPECT_GT(weigh(Tradeoff::MnasNet, 0.8, {{5e6, 1e7}}), 0.8);
  EXPECT_EQ(weigh(Tradeoff::MnasNetHard, 0.8, {{5e6, 1e7}}), 0.8);
  EXPECT_DOUBLE_EQ(weigh(Tradeoff::MnasNetHard, 0.8, {{2e7, 1e7}}), 0.4);
  // At the reference latency mul#log is alpha times the loss.
  EXPECT_DOUBLE_EQ(weigh(Tradeoff::MulLog, 0.8, {{8e7, 8e7}}), -0.2 * 0.2);
  EXPECT_NEAR(weigh(Tradeoff::MulLog, 0.8, {{2e7, 8e7}}),
              -0.04 * std::pow(std::log(20) / std::log(80), 0.3), 1e-15);
  EXPECT_DOUBLE_EQ(weigh(Tradeoff::AddLinear, 0.8, {{1.2e7, 1e7}}), 0.78);
  // Two targets.
  EXPECT_DOUBLE_EQ(weigh(Tradeoff::MnasNetHard, 0.8, {{2e7, 1e7}, {4e7, 2e7}}),
                   0.2);
  EXPECT_DOUBLE_EQ(weigh(Tradeoff::AddLinear, 0.8, {{2e7, 1e7}, {1e7, 2e7}}),
                   0.75);
}

TEST(Tradeoff, StaysFiniteAndOrdered) {
  EXPECT_EQ(weigh(Tradeoff::MulLog, 0.8, {{1000, 8e7}}), 0);
  EXPECT_EQ(weigh(Tradeoff::MulLog, 1.5, {{8e7, 8e7}}), 0);
  EXPECT_EQ(weigh(Tradeoff::MnasNet, -1, {{2e7, 1e7}}), -1);
  for (Tradeoff tradeoff : kAll)
    for (double faster : {1.5e6, 5e6, 1e7, 2e7})
      EXPECT_GE(weigh(tradeoff, 0.7, {{faster, 1e7}}),
                weigh(tradeoff, 0.7, {{2 * faster, 1e7}}));
}

TEST(Tradeoff, HasNames) {
  EXPECT_EQ(tradeoffNamed("mnasnet"), Tradeoff::MnasNet);
  EXPECT_EQ(tradeoffNamed("add-linear"), Tradeoff::AddLinear);
  EXPECT_EQ(tradeoffNamed("flash-quotient"), Tradeoff::FlashQuotient);
  EXPECT_EQ(tradeoffNamed("hard"), std::nullopt);
}

/// Eight layers, 3 ms to 14 ms, judged between 0 and 1.
Problem smallProblem(Cost target) {
  Problem problem = layersProblem(3);
  for (Term &term : problem.terms)
    for (size_t i = 0; i < term.costs.size(); i += 2) {
      term.costs[i] *= 6;
      term.costs[i + 1] *= 4;
    }
  problem.limits = {{0, target, std::nullopt}};
  return problem;
}

TEST(Tradeoff, SearchesFindTheBestWeighedNetwork) {
  Problem problem = smallProblem(5000000);
  ASSERT_EQ(llvm::toString(problem.check()), "");
  for (Tradeoff tradeoff : kAll) {
    double best = -HUGE_VAL;
    for (const Assignment &network : allAssignments(problem)) {
      std::vector<Cost> costs = evaluate(problem, network);
      best = std::max(best, weigh(tradeoff, double(costs[1]) / 1e9,
                                  {{double(costs[0]), 5e6}}));
    }
    SearchResult all = llvm::cantFail(find("exhaustive", tradeoff, problem));
    ASSERT_TRUE(all.best);
    EXPECT_DOUBLE_EQ(all.score, best);
    for (const char *name : {"evolution", "two-stage", "fp-nas", "random"}) {
      SearchOptions options;
      options.evaluations = 5000;
      auto found = llvm::cantFail(find(name, tradeoff, problem, options));
      ASSERT_TRUE(found.best);
      EXPECT_LE(found.score, best);
      EXPECT_FALSE(found.gap);
      EXPECT_EQ(evaluate(problem, found.best->assignment), found.best->costs);
    }
    auto evolved = llvm::cantFail(find("evolution", tradeoff, problem));
    // That of mul#log is a peak at 1 ms, which a slope does not lead to.
    if (tradeoff != Tradeoff::MulLog)
      EXPECT_DOUBLE_EQ(evolved.score, best);
  }
}

TEST(Tradeoff, TheHardFormPunishesMoreThanTheSoft) {
  Problem problem = smallProblem(5000000);
  auto latency = [&](Tradeoff tradeoff) {
    return llvm::cantFail(find("exhaustive", tradeoff, problem)).best->costs[0];
  };
  // It may pass the target, too, for a greater gain.
  EXPECT_LT(latency(Tradeoff::MnasNetHard), 5200000);
  EXPECT_GT(latency(Tradeoff::MnasNet), 2 * latency(Tradeoff::MnasNetHard));
}

TEST(Tradeoff, RefusesWhatHasNoMeaning) {
  Problem problem = smallProblem(5000000);
  EXPECT_NE(refusal("evolution", Tradeoff::MnasNet, problem, 0)
                .find("more is better, found 'latency'"),
            std::string::npos);
  EXPECT_NE(refusal("evolution", Tradeoff::MulLog, problem, 1, 1)
                .find("between 0 and 1"),
            std::string::npos);
  EXPECT_NE(refusal("netadapt", Tradeoff::MnasNet, problem).find("'netadapt'"),
            std::string::npos);
  EXPECT_NE(refusal("exact", Tradeoff::MnasNet, problem).find("an evaluator"),
            std::string::npos);
  EXPECT_NE(refusal("evolution", Tradeoff::MulLog, smallProblem(1000000))
                .find("above 1 ms"),
            std::string::npos);
  EXPECT_NE(refusal("evolution", Tradeoff::AddLinear, smallProblem(0))
                .find("above 0"),
            std::string::npos);
  problem.limits.clear();
  EXPECT_NE(refusal("evolution", Tradeoff::MnasNet, problem).find("a budget"),
            std::string::npos);
}

/// The same beside 6 ms that every network takes, so that the smallest is not
/// the best quotient, and with an energy that goes its own way.
Problem quotientProblem(bool hasEnergy, std::optional<Cost> target) {
  Problem problem = smallProblem(5000000);
  problem.terms.push_back({{}, {6000000, 0}});
  std::vector<Term> terms = {{{}, {6000000}}};
  for (uint32_t layer = 0; layer < problem.decisions.size(); ++layer)
    terms.push_back({{layer}, {200000, 500000 + 90000 * layer, 700000}});
  if (hasEnergy)
    addMetric(problem, {"energy", "nJ"}, terms);
  problem.limits.clear();
  if (target)
    problem.limits = {{0, *target, std::nullopt}};
  return problem;
}

/// The greatest quotient within the limits, by hand.
double bestQuotient(const Problem &problem) {
  double best = -HUGE_VAL;
  for (const Assignment &network : allAssignments(problem)) {
    std::vector<Cost> costs = evaluate(problem, network);
    double cost = double(costs[0]) / 1e6;
    if (costs.size() > 2)
      cost *= double(costs[2]) / 1e6;
    if (withinLimits(problem, costs))
      best = std::max(best, double(costs[1]) / 1e9 / cost);
  }
  return best;
}

TEST(FlashQuotient, DividesByWhatThereIs) {
  EXPECT_DOUBLE_EQ(weigh(Tradeoff::FlashQuotient, 0.8, {{4e6, 1e6}}), 0.2);
  EXPECT_DOUBLE_EQ(
      weigh(Tradeoff::FlashQuotient, 0.8, {{4e6, 1e6}, {2e6, 1e6}}), 0.1);
  // What takes nothing takes a tick.
  EXPECT_DOUBLE_EQ(weigh(Tradeoff::FlashQuotient, 0.8, {{0, 1e6}}), 0.8e6);
  EXPECT_EQ(weigh(Tradeoff::FlashQuotient, -1, {{4e6, 1e6}}), -1);
}

TEST(FlashQuotient, IsFoundWithinTheLimits) {
  for (const Problem &problem :
       {quotientProblem(false, std::nullopt),
        quotientProblem(true, std::nullopt), quotientProblem(true, 9000000)}) {
    const double best = bestQuotient(problem);
    auto all =
        llvm::cantFail(find("exhaustive", Tradeoff::FlashQuotient, problem));
    ASSERT_TRUE(all.best);
    EXPECT_NEAR(all.score, best, 1e-12 * best);
    EXPECT_TRUE(withinLimits(problem, all.best->costs));
    for (const char *name : {"flash", "evolution"}) {
      SCOPED_TRACE(name);
      auto found = llvm::cantFail(find(name, Tradeoff::FlashQuotient, problem));
      ASSERT_TRUE(found.best);
      EXPECT_TRUE(withinLimits(problem, found.best->costs));
      EXPECT_NEAR(found.score, best, 1e-12 * best);
    }
  }
}

TEST(FlashQuotient, EnergyChangesTheAnswer) {
  auto with = llvm::cantFail(find("exhaustive", Tradeoff::FlashQuotient,
                                  quotientProblem(true, std::nullopt)));
  auto alone = llvm::cantFail(find("exhaustive", Tradeoff::FlashQuotient,
                                   quotientProblem(false, std::nullopt)));
  EXPECT_NE(alone.best->assignment, Assignment(8, 0));
  EXPECT_NE(with.best->assignment, alone.best->assignment);
}

TEST(FlashQuotient, NeedsSomethingToDivideBy) {
  Problem problem = smallProblem(5000000);
  problem.metrics[0].name = "cycles";
  EXPECT_NE(refusal("flash", Tradeoff::FlashQuotient, problem)
                .find("latency, energy or area; found none"),
            std::string::npos);
  Problem impossible = smallProblem(1);
  auto found =
      llvm::cantFail(find("flash", Tradeoff::FlashQuotient, impossible));
  EXPECT_FALSE(found.best);
  EXPECT_EQ(found.reachable.size(), 1u);
}

TEST(Tradeoff, EveryAlgorithmWeighsOrSaysThatItCannot) {
  Problem problem = smallProblem(5000000);
  int weighed = 0;
  for (const Algorithm &algorithm : algorithms()) {
    SCOPED_TRACE(algorithm.name.str());
    SearchOptions options;
    options.evaluations = 10000;
    auto found = find(algorithm.name, Tradeoff::MnasNet, problem, options);
    if (!found) {
      EXPECT_NE(llvm::toString(found.takeError()), "");
      continue;
    }
    EXPECT_TRUE(found->best);
    EXPECT_LE(found->evaluations, options.evaluations);
    ++weighed;
  }
  EXPECT_GE(weighed, 5);
}

} // namespace
