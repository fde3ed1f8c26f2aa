// SPDX-License-Identifier: Apache-2.0
// What every algorithm promises: what it refuses, what it asks, what it
// answers.

#include "Contracts.h"

#include "Judges.h"
#include "Problems.h"

#include "gtest/gtest.h"

namespace gnomon::search::test {

namespace {
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
} // namespace

bool mayMiss(llvm::StringRef name, const SearchOptions &options) {
  return name == "one-proxy" ||
         (options.constraint == Constraint::Reject &&
          isOneOf(name, {"evolution", "two-stage", "random"}));
}

/// Algorithms that judge networks over the limits on their way.
static bool asksOverLimits(llvm::StringRef name) {
  return isOneOf(name,
                 {"netadapt", "netadapt-v2", "fp-nas", "parsec", "la-dnas"});
}

SearchOptions usualOptions(const Problem &problem) {
  SearchOptions options;
  options.evolution.generations = 20;
  options.candidates.error = 1e-3;
  options.candidates.ticksPerUnit = 1e9;
  options.oneProxy.proxy = problem.metrics.size() - 1;
  return options;
}

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

} // namespace gnomon::search::test
