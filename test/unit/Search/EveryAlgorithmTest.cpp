// SPDX-License-Identifier: Apache-2.0
// Every algorithm of the registry at the edges: nothing fits, nothing is to be
// decided, one network, 10^20 networks. Each answers, or refuses what its
// contract says, within its evaluations.

#include "Contracts.h"
#include "Judges.h"
#include "Problems.h"

#include <limits>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

/// Without decisions, or without terms, or with one option each.
Problem oneNetwork(uint32_t decisions, bool hasTerms) {
  Problem problem;
  problem.name = "one";
  problem.metrics = {{"latency", "ns"},
                     {"accuracy", "1e-9", Sense::Maximize},
                     {"latency2", "ns"}};
  for (uint32_t i = 0; i < decisions; ++i)
    problem.decisions.push_back({"d" + std::to_string(i), {"only"}, {}});
  if (hasTerms)
    problem.terms = {{{}, {5, 7, 6}}};
  for (uint32_t i = 0; hasTerms && i < decisions; ++i)
    problem.terms.push_back({{i}, {1, 1, 1}});
  return problem;
}

TEST(EveryAlgorithm, SaysWhatIsReachableOfImpossibleLimits) {
  Problem slow = twoDevices(stagesProblem(1, 5));
  Problem torn = twoDevices(layersProblem(1));
  slow.limits = {{kLatency, 1000, std::nullopt}};
  torn.limits = {{kLatency, 400000, 500000}};
  Problem none = oneNetwork(0, false), one = oneNetwork(2, true);
  none.limits = {{kLatency, -1, std::nullopt}};
  one.limits = {{kLatency, 6, std::nullopt}};
  for (const Problem &problem : {slow, torn, none, one})
    forEachForm([&](const Algorithm &algorithm, int form) {
      SearchOptions options = usualOptions(problem);
      auto result = runBy(form, algorithm, problem, options);
      if (!result)
        return;
      EXPECT_FALSE(result->best);
      EXPECT_EQ(result->evaluations, 0u);
      EXPECT_FALSE(result->reachable.empty());
      for (const Reach &reach : result->reachable)
        EXPECT_EQ(evaluate(problem, reach.alone.assignment), reach.alone.costs);
    });
}

TEST(EveryAlgorithm, AnswersWhereThereIsOneNetwork) {
  for (uint32_t decisions : {0, 1, 3})
    for (bool hasTerms : {false, true})
      for (bool isLimited : {false, true})
        for (uint64_t evaluations : {1, 1000})
          forEachForm([&](const Algorithm &algorithm, int form) {
            Problem problem = oneNetwork(decisions, hasTerms);
            if (isLimited)
              problem.limits = {{kLatency, 8, std::nullopt}};
            ASSERT_EQ(llvm::toString(problem.check()), "");
            SearchOptions options = usualOptions(problem);
            options.evaluations = evaluations;
            auto result = runBy(form, algorithm, problem, options);
            if (!result)
              return;
            ASSERT_TRUE(result->best);
            EXPECT_EQ(result->best->assignment, Assignment(decisions, 0));
            if (form == 0)
              EXPECT_EQ(result->gap, 0);
          });
}

/// Networks whose options all cost the same.
TEST(EveryAlgorithm, AnswersWhereNothingCostsAnything) {
  Problem problem = twoDevices(stagesProblem(1, 3, 2));
  problem.terms.clear();
  for (bool isLimited : {false, true}) {
    if (isLimited)
      problem.limits = {{kLatency, 0, std::nullopt}};
    for (uint64_t evaluations : {1, 300})
      forEachForm([&](const Algorithm &algorithm, int form) {
        SearchOptions options = usualOptions(problem);
        options.evaluations = evaluations;
        if (auto result = runBy(form, algorithm, problem, options))
          EXPECT_TRUE(result->best);
      });
  }
}

TEST(EveryAlgorithm, KeepsItsEvaluationsOnALargeSpace) {
  for (double share : {0.0, 0.3, 1.0}) {
    Problem problem = withBudget(stagesProblem(1, 5), share); // 1e20 networks
    for (uint64_t evaluations : {1, 2, 30, 3000})
      forEachForm([&](const Algorithm &algorithm, int form) {
        SCOPED_TRACE(llvm::formatv("{0}, {1}", share, evaluations).str());
        SearchOptions options = usualOptions(problem);
        options.evaluations = evaluations;
        auto result = runBy(form, algorithm, problem, options);
        if (result && !mayMiss(algorithm.name, options))
          EXPECT_TRUE(result->best);
      });
  }
}

TEST(EveryAlgorithm, RepeatsWithTheSameSeed) {
  Problem problem = withBudget(stagesProblem(1, 5), 0.3);
  forEachForm([&](const Algorithm &algorithm, int form) {
    SearchOptions options = usualOptions(problem);
    options.evaluations = 600;
    options.seed = 7;
    auto first = runBy(form, algorithm, problem, options);
    auto second = runBy(form, algorithm, problem, options);
    if (first && second)
      EXPECT_EQ(describe(*first), describe(*second));
  });
}

/// Nested and tied decisions, tables of up to three, limits of both kinds.
TEST(EveryAlgorithm, KeepsLimitsOfNestedDecisions) {
  int answered = 0;
  for (int seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed);
    ASSERT_EQ(llvm::toString(problem.check()), "");
    const SearchResult exact =
        llvm::cantFail(searchExact(problem, {kAccuracy}, {}));
    Deviating judge(problem, kAccuracy, 1e9, 1e-3);
    const SearchResult all =
        llvm::cantFail(searchExhaustive(problem, {{}, &judge}, {}));
    forEachForm([&](const Algorithm &algorithm, int form) {
      SearchOptions options = usualOptions(problem);
      options.evaluations = seed % 3 ? 200 : 3;
      options.oneProxy.probe = 3;
      auto result = runBy(form, algorithm, problem, options);
      if (!result)
        return;
      answered += result->best.has_value();
      if (result->best || !mayMiss(algorithm.name, options))
        EXPECT_EQ(result->best.has_value(), exact.best.has_value());
      if (form != 0 && result->gap)
        EXPECT_GE(result->score + *result->gap, all.score - 1e-12);
      if (form != 0 || !result->best)
        return;
      EXPECT_LE(result->score, exact.score);
      EXPECT_EQ(result->gap, exact.score - result->score);
    });
  }
  EXPECT_GT(answered, 1500);
}

TEST(EveryAlgorithm, EndsNoLowerThanItBegan) {
  Problem problem = withBudget(stagesProblem(1, 5), 0.5);
  const SearchResult exact =
      llvm::cantFail(searchExact(problem, {kAccuracy}, {}));
  forEachForm([&](const Algorithm &algorithm, int form) {
    SearchOptions options = usualOptions(problem);
    options.evaluations = 100;
    options.start = {exact.best->assignment};
    auto result = runBy(form, algorithm, problem, options);
    if (result && form == 0)
      EXPECT_EQ(result->score, exact.score);
  });
}

/// Draws that break limits are given up, not moved.
TEST(EveryAlgorithm, KeepsLimitsByRejection) {
  for (double share : {0.0, 0.5}) {
    Problem problem = withBudget(stagesProblem(1, 5), share);
    forEachForm([&](const Algorithm &algorithm, int form) {
      SearchOptions options = usualOptions(problem);
      options.evaluations = 200;
      options.constraint = Constraint::Reject;
      auto result = runBy(form, algorithm, problem, options);
      if (result && !mayMiss(algorithm.name, options))
        EXPECT_TRUE(result->best);
    });
  }
}

TEST(EveryAlgorithm, TakesTheLeastAndTheMostOfABound) {
  constexpr Cost least = std::numeric_limits<Cost>::min();
  constexpr Cost most = std::numeric_limits<Cost>::max();
  const std::optional<Cost> none;
  Problem problem = twoDevices(stagesProblem(1, 3, 2));
  for (const Limit &limit :
       {Limit{kLatency, most, least}, Limit{kLatency, most, none},
        Limit{kLatency, none, least}, Limit{kLatency, least, none},
        Limit{kLatency, none, most}}) {
    problem.limits = {limit};
    const bool isPossible = limit.atMost != least && limit.atLeast != most;
    forEachForm([&](const Algorithm &algorithm, int form) {
      SearchOptions options = usualOptions(problem);
      options.evaluations = 100;
      if (auto result = runBy(form, algorithm, problem, options))
        EXPECT_EQ(result->best.has_value(), isPossible);
    });
  }
}

TEST(EveryAlgorithm, EndsWithOneOfEverything) {
  Problem problem = withBudget(stagesProblem(1, 5), 0.3);
  for (uint32_t generations : {0, 1, 20})
    for (uint32_t population : {1, 2, 3})
      forEachForm([&](const Algorithm &algorithm, int form) {
        SearchOptions options = usualOptions(problem);
        options.evaluations = 50;
        options.boxes = 0;
        for (EvolutionOptions *one :
             {&options.evolution, &options.twoStage.stage}) {
          one->population = population;
          one->generations = generations;
          one->tries = 1;
          one->parents = one->mutated = generations % 2;
        }
        options.netAdapt.iterations = options.netAdapt.samples = 1;
        options.netAdapt.decisions = 1;
        options.fpNas.samples = options.fpNas.factorised = 1;
        options.flash = {1, 1, 1, 1, 1, 1};
        options.gradient.steps = options.gradient.bisections = 1;
        options.laDnas.descent = options.gradient;
        options.laDnas.draws = 2;
        options.oneProxy.probe = options.oneProxy.budget = 3;
        options.oneProxy.refilter = options.ilp.nodes = 1;
        options.candidates.candidates = 1;
        auto result = runBy(form, algorithm, problem, options);
        if (result && !mayMiss(algorithm.name, options) &&
            algorithm.name != "ilp")
          EXPECT_TRUE(result->best);
      });
}

TEST(EveryAlgorithm, StopsWhenTold) {
  Problem problem = withBudget(stagesProblem(1, 5), 0.3);
  for (const Algorithm &algorithm : algorithms()) {
    SCOPED_TRACE(algorithm.name.str());
    Deviating judge(problem, kAccuracy, 1e9, 1e-3);
    SearchOptions options = usualOptions(problem);
    options.evaluations = 3000;
    options.progress = [](const SearchProgress &) { return false; };
    run(algorithm, problem, {kAccuracy, &judge}, options);
    EXPECT_LE(judge.batches, 1u);
    run(algorithm, problem, {kAccuracy}, options);
  }
}

} // namespace
