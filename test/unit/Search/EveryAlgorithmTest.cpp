// SPDX-License-Identifier: Apache-2.0
// Every algorithm of the registry at the edges: nothing fits, nothing is to be
// decided, one network, 10^20 networks, judges that answer nonsense. Each
// answers, or refuses what its contract says, within its evaluations.

#include "Judges.h"
#include "Problems.h"

#include "gnomon/Search/Algorithms.h"

#include "llvm/Support/FormatVariadic.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {
constexpr uint32_t kLatency = 0, kAccuracy = 1;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool isOneOf(llvm::StringRef name, std::initializer_list<const char *> names) {
  return llvm::is_contained(names, name);
}

uint64_t sizeOf(const Problem &problem, uint64_t most) {
  uint64_t size = 1;
  for (const Decision &decision : problem.decisions)
    size = std::min(size * decision.options.size(), most + 1);
  return size;
}

/// The metrics that an algorithm wants to be sums: those that it descends on,
/// replaces or shifts.
std::vector<uint32_t> summed(llvm::StringRef name, const Problem &problem,
                             const Objective &objective,
                             const SearchOptions &options) {
  std::vector<uint32_t> metrics;
  if (isOneOf(name, {"gradient", "la-dnas"}))
    for (const Limit &limit : problem.limits)
      metrics.push_back(limit.metric);
  if (name == "la-dnas" ? !objective.evaluator : name == "gradient")
    metrics.push_back(*objective.metric);
  if (name == "one-proxy")
    metrics = {*options.oneProxy.proxy, problem.limits[0].metric};
  if (name == "candidates")
    metrics = {*objective.metric};
  return metrics;
}

/// What the algorithm's contract refuses, a part of its message; empty: it
/// must answer.
std::string refusedBy(llvm::StringRef name, const Problem &problem,
                      const Objective &objective,
                      const SearchOptions &options) {
  const bool isJudged = objective.evaluator;
  if (isOneOf(name, {"exact", "ilp"}) && isJudged)
    return "expected an additive objective, found an evaluator";
  if (name == "candidates" && (!isJudged || !objective.metric))
    return "expected an evaluator and an additive metric that stands in";
  if (isOneOf(name, {"gradient", "one-proxy"}) && !objective.metric)
    return "expected a metric that stands in for the evaluator";
  if (name == "one-proxy" && problem.limits.empty())
    return "expected a limit of the metric that is measured";
  if (name == "exhaustive" &&
      sizeOf(problem, options.evaluations) > options.evaluations)
    return llvm::formatv("more than the limit of {0} networks",
                         options.evaluations);
  for (uint32_t metric : summed(name, problem, objective, options))
    if (problem.metrics[metric].combine != Combine::Sum)
      return name == "candidates" ? "is not a sum"
                                  : "expected metrics that are summed, found";
  return "";
}

/// Algorithms that may end without an answer though there is one: what they
/// measure of the limited metric counts as an evaluation, or they only reject.
bool mayMiss(llvm::StringRef name, const SearchOptions &options) {
  return name == "one-proxy" ||
         (options.constraint == Constraint::Reject &&
          isOneOf(name, {"evolution", "two-stage", "random"}));
}

/// Algorithms that judge networks over the limits on their way.
bool asksOverLimits(llvm::StringRef name) {
  return isOneOf(name, {"netadapt", "netadapt-v2", "fp-nas", "la-dnas"});
}

SearchOptions usualOptions(const Problem &problem) {
  SearchOptions options;
  options.evolution.generations = 20;
  options.candidates.error = 1e-3;
  options.candidates.ticksPerUnit = 1e9;
  options.oneProxy.proxy = problem.metrics.size() - 1;
  return options;
}

/// All of a result, to compare two.
std::string describe(const SearchResult &result) {
  std::string text;
  llvm::raw_string_ostream out(text);
  auto solution = [&](const Solution &one) {
    for (uint32_t option : one.assignment)
      out << option << ',';
    for (Cost cost : one.costs)
      out << ' ' << cost;
  };
  out << result.algorithm << ' ' << result.seed << ' ' << result.evaluations
      << ' ' << result.drawn << ' ' << llvm::bit_cast<uint64_t>(result.score)
      << ' ' << llvm::bit_cast<uint64_t>(result.gap.value_or(-1)) << '\n';
  if (result.best)
    solution(*result.best);
  if (result.proxy)
    out << llvm::bit_cast<uint64_t>(result.proxy->tested) << ' '
        << result.proxy->measured;
  for (const Reach &reach : result.reachable)
    solution(reach.alone);
  return text;
}

/// Runs an algorithm; its result, if it is not to refuse, holds together.
std::optional<SearchResult> run(const Algorithm &algorithm,
                                const Problem &problem,
                                const Objective &objective,
                                const SearchOptions &options) {
  llvm::Expected<SearchResult> result =
      algorithm.run(problem, objective, options);
  std::string refused = refusedBy(algorithm.name, problem, objective, options);
  if (!result) {
    std::string message = llvm::toString(result.takeError());
    EXPECT_NE(refused, "") << message;
    EXPECT_NE(message.find(refused), std::string::npos) << message;
    return std::nullopt;
  }
  EXPECT_EQ(refused, "") << "answered";
  EXPECT_EQ(result->algorithm, algorithm.name.str());
  EXPECT_LE(result->evaluations, options.evaluations);
  EXPECT_FALSE(result->best && !result->reachable.empty());
  if (result->best)
    EXPECT_EQ(llvm::toString(verify(problem, *result->best)), "");
  if (result->gap)
    EXPECT_GE(*result->gap, 0);
  return std::move(*result);
}

/// The same, by a metric, by a judge beside it, and by a judge alone; with what
/// must hold of each. None where it refuses.
std::optional<SearchResult> runBy(int form, const Algorithm &algorithm,
                                  const Problem &problem,
                                  const SearchOptions &options) {
  Deviating judge(problem, kAccuracy, 1e9, 1e-3);
  Objective objective;
  if (form != 2)
    objective.metric = kAccuracy;
  if (form != 0)
    objective.evaluator = &judge;
  auto result = run(algorithm, problem, objective, options);
  EXPECT_LE(judge.asked, options.evaluations);
  if (!asksOverLimits(algorithm.name))
    EXPECT_EQ(judge.overLimits, 0u);
  if (result && form != 0) {
    EXPECT_EQ(judge.asked, result->evaluations);
    if (result->best)
      EXPECT_EQ(result->score, judge.of(result->best->assignment));
  }
  return result;
}

template <typename Do>
void forEachForm(Do what) {
  for (const Algorithm &algorithm : algorithms())
    for (int form : {0, 1, 2}) {
      SCOPED_TRACE(
          llvm::formatv("{0}, objective {1}", algorithm.name, form).str());
      what(algorithm, form);
    }
}

/// A problem of two metrics with a budget between its least latency and that of
/// its most accurate network, and a proxy beside it.
Problem withBudget(Problem problem, double share) {
  std::vector<Cost> ends;
  for (uint32_t metric : {kLatency, kAccuracy}) {
    Objective objective{metric};
    ends.push_back(searchExact(problem, objective, {})->best->costs[kLatency]);
  }
  problem = twoDevices(std::move(problem));
  Cost budget = ends[0] + Cost(share * double(ends[1] - ends[0]));
  problem.limits = {{kLatency, budget, std::nullopt}};
  return problem;
}

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

/// Answers nonsense about the share of networks that it is told, and fewer
/// numbers than it is asked for where that is wanted.
class Broken : public Deviating {
public:
  Broken(const Problem &problem, double nonsense, double share, bool isShort)
      : Deviating(problem, kAccuracy, 1e9, 1e-3), nonsense(nonsense),
        share(share), isShort(isShort) {}

  bool isBroken(const Assignment &network) const {
    return shareOf(network) < share;
  }
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> batch) override {
    std::vector<double> scores = Deviating::evaluate(batch);
    for (size_t i = 0; i < batch.size(); ++i)
      if (isBroken(batch[i]))
        scores[i] = nonsense;
    scores.resize(isShort ? scores.size() / 2 : scores.size());
    return scores;
  }

private:
  const double nonsense, share;
  const bool isShort;
};

TEST(EveryAlgorithm, TakesNonsenseForTheWorst) {
  Problem problem = withBudget(stagesProblem(1, 5), 0.3);
  Problem free = twoDevices(stagesProblem(1, 3, 2));
  for (const Problem &each : {problem, free})
    for (double nonsense : {kNothing, kInfinity, -kInfinity})
      for (double share : {0.5, 1.0})
        for (bool isShort : {false, true})
          for (const Algorithm &algorithm : algorithms()) {
            SCOPED_TRACE(llvm::formatv("{0}: {1} of {2}, short {3}",
                                       algorithm.name, nonsense, share, isShort)
                             .str());
            Broken judge(each, nonsense, share, isShort);
            SearchOptions options = usualOptions(each);
            options.evaluations = 300;
            auto result = run(algorithm, each, {kAccuracy, &judge}, options);
            EXPECT_LE(judge.asked, 300u);
            if (!result || !result->best)
              continue;
            EXPECT_FALSE(judge.isBroken(result->best->assignment));
            EXPECT_TRUE(std::isfinite(result->score));
          }
}

} // namespace
