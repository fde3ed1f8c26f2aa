// SPDX-License-Identifier: Apache-2.0
// Fronts and answers to budgets, once the problem and its objective are there.

#include "Searcher.h"
#include "gnomon/Accuracy/ValueTables.h"
#include "gnomon/Search/Tradeoff.h"
#include <cmath>
#include <numeric>

using namespace gnomon;
using namespace mlir;

static LogicalResult fail(ModuleOp module, const llvm::Twine &message) {
  return emitError(module.getLoc()) << message;
}

Latency gnomon::latencyOf(search::Cost ns, const CostSetup &setup) {
  auto [low, high] = setup.networkInterval();
  double us = double(ns) / 1e3;
  return {us, us * std::exp(low), us * std::exp(high)};
}

search::Cost gnomon::mostWithin(double budgetUs, const CostSetup &setup) {
  double one = latencyOf(1000, setup).highUs;
  auto most = search::Cost(std::min(budgetUs / one * 1e3, 1e15));
  while (most > 0 && latencyOf(most, setup).highUs > budgetUs)
    --most;
  while (latencyOf(most + 1, setup).highUs <= budgetUs && most < 1e15)
    ++most;
  return most;
}

LogicalResult gnomon::verifyLatencies(ModuleOp module,
                                      ArrayRef<const CostSetup *> setups,
                                      const SpaceProblem &space,
                                      const FoundArchitecture &found) {
  for (auto [metric, setup] : llvm::enumerate(setups)) {
    auto ns = materializedLatencyNs(space.structure, found.solution.assignment,
                                    *setup);
    if (failed(ns))
      return failure();
    if (*ns != found.solution.costs[metric])
      return fail(module, "the network found takes " + llvm::Twine(*ns) +
                              " ns, but the costs of its parts add up to " +
                              llvm::Twine(found.solution.costs[metric]) +
                              " ns: a context of some part was overlooked");
  }
  return success();
}

FailureOr<search::Front> Searcher::run(const search::Problem &problem,
                                       std::vector<uint32_t> metrics) {
  search::FrontOptions options;
  options.metrics = std::move(metrics);
  auto found = search::paretoFront(problem, options);
  if (!found)
    return fail(module, llvm::toString(found.takeError()));
  front.evaluations += found->pairs;
  return std::move(*found);
}

FoundArchitecture Searcher::describe(search::Solution solution) const {
  FoundArchitecture found;
  found.solution = std::move(solution);
  found.solution.costs.resize(front.space.problem.metrics.size());
  for (auto [index, setup] : llvm::enumerate(setups)) {
    Latency latency = latencyOf(found.solution.costs[index], *setup);
    if (setup->errors().isKnown()) {
      search::Moments moments = search::momentsOf(front.space.spreads[index],
                                                  found.solution.assignment);
      latency.spread = moments.deviation / std::max(moments.value, 1.0);
    }
    found.latencies.push_back(latency);
  }
  if (learned)
    found.learnedUs = learned->us(found.solution.assignment);
  return found;
}

size_t Searcher::metricNamed(StringRef name) const {
  const auto &metrics = front.space.problem.metrics;
  return llvm::find_if(metrics,
                       [&](const auto &one) { return one.name == name; }) -
         metrics.begin();
}

double Searcher::excessUs(const FoundArchitecture &point,
                          double budgetUs) const {
  if (query.devices == DevicesObjective::Weighted)
    return double(point.solution.costs[metricNamed(kWeightedBound)]) / 1e3 -
           budgetUs;
  double excess = -std::numeric_limits<double>::infinity();
  for (auto [latency, setup] : llvm::zip_equal(point.latencies, setups)) {
    double boundUs = latency.highUs;
    if (query.sure > 0)
      boundUs = latency.us *
                (1 + std::max(0.0, setup->errors().quantile(query.sure)) *
                         latency.spread);
    excess = std::max(excess, boundUs - budgetUs);
  }
  return excess;
}

bool Searcher::isWithin(const FoundArchitecture &point, double budgetUs) const {
  return excessUs(point, budgetUs) <= 0;
}

bool Searcher::isBetter(const FoundArchitecture &a,
                        const FoundArchitecture &b) const {
  if (a.score && b.score)
    return *a.score > *b.score;
  search::Cost left = a.solution.costs[front.objective];
  search::Cost right = b.solution.costs[front.objective];
  return front.space.problem.metrics[front.objective].sense ==
                 search::Sense::Maximize
             ? left > right
             : left < right;
}

FailureOr<bool> Searcher::meetsLimits() {
  if (front.space.problem.limits.empty())
    return true;
  auto found = run(front.space.problem, {uint32_t(front.objective)});
  if (failed(found))
    return failure();
  front.evaluations = 0;
  front.reachable = std::move(found->reachable);
  return !found->points.empty();
}

void Searcher::keepBySlowest() {
  std::vector<FoundArchitecture> kept;
  for (FoundArchitecture &point : front.points)
    if (kept.empty() || isBetter(point, kept.back()))
      kept.push_back(std::move(point));
  front.points = std::move(kept);
}

std::vector<search::Assignment> Searcher::startNetworks() const {
  const search::Problem &problem = front.space.problem;
  std::vector<search::Assignment> networks;
  for (const auto &selection : query.start) {
    search::Assignment network;
    for (const search::Decision &decision : problem.decisions) {
      auto given = selection.find(decision.name);
      const auto *option =
          given == selection.end()
              ? decision.options.data()
              : std::find(decision.options.data(),
                          decision.options.data() + decision.options.size(),
                          given->second);
      size_t index = option - decision.options.data();
      if (index < decision.options.size())
        network.push_back(index);
    }
    if (network.size() == problem.decisions.size())
      networks.push_back(search::canonical(problem, std::move(network)));
  }
  return networks;
}

LogicalResult Searcher::findFront() {
  std::vector<uint32_t> metrics;
  if (query.devices == DevicesObjective::Weighted)
    metrics.push_back(metricNamed(kWeightedLatency));
  else
    for (size_t index = 0; index < setups.size(); ++index)
      metrics.push_back(index);
  metrics.push_back(front.objective);
  auto found = run(front.space.problem, std::move(metrics));
  if (failed(found))
    return failure();
  if (found->epsilon == 0)
    front.exactGap = 0;
  for (search::Solution &solution : found->points)
    front.points.push_back(describe(std::move(solution)));
  sortPoints();
  if (query.devices == DevicesObjective::Max)
    keepBySlowest();
  return success();
}

void Searcher::sortPoints() {
  llvm::sort(front.points, [](const auto &a, const auto &b) {
    return std::tie(a.slowest().us, a.solution.assignment) <
           std::tie(b.slowest().us, b.solution.assignment);
  });
}

std::optional<FoundArchitecture> Searcher::bestPoint(double budgetUs) const {
  const FoundArchitecture *best = nullptr;
  for (const FoundArchitecture &point : front.points)
    if (isWithin(point, budgetUs) && (!best || isBetter(point, *best)))
      best = &point;
  return best ? std::optional(*best) : std::nullopt;
}

search::Problem Searcher::limited(double budgetUs,
                                  search::Problem limited) const {
  if (budgetUs == 0)
    return limited;
  if (query.devices == DevicesObjective::Weighted) {
    limited.limits.push_back({uint32_t(metricNamed(kWeightedBound)),
                              search::Cost(std::min(budgetUs * 1e3, 1e15)),
                              std::nullopt});
    return limited;
  }
  for (auto [index, setup] : llvm::enumerate(setups))
    limited.limits.push_back(
        {uint32_t(index), mostWithin(budgetUs, *setup), std::nullopt});
  return limited;
}

FailureOr<std::optional<FoundArchitecture>>
Searcher::bestLimited(const search::Problem &limited) {
  auto found = run(limited, {uint32_t(front.objective)});
  if (failed(found))
    return failure();
  if (found->points.empty())
    return std::optional<FoundArchitecture>();
  return std::optional(describe(std::move(found->points.front())));
}

double Searcher::objectiveTicks() const {
  return ticksPerUnit(front.space.problem.metrics[front.objective]);
}

LogicalResult Searcher::takeWeighed(BudgetAnswer &answer,
                                    search::SearchResult &found) {
  if (!found.best)
    return success();
  answer.best = describe(std::move(*found.best));
  answer.weighed = found.score;
  if (evaluator)
    answer.best->score =
        evaluator->evaluate({answer.best->solution.assignment}).front();
  return success();
}

LogicalResult Searcher::improve(BudgetAnswer &answer,
                                const search::Problem &limited,
                                StringRef algorithm) {
  search::SearchOptions options;
  options.seed = query.seed;
  options.evaluations = query.evaluations;
  options.start = startNetworks();
  front.started = options.start.size();
  options.candidates.error = front.assumedError;
  options.candidates.ticksPerUnit = ValueTables::kTicks;
  options.constraint =
      query.reject ? search::Constraint::Reject : search::Constraint::Repair;
  options.laDnas.learned = learned; // of the first metric
  if (query.hasProxy) {
    options.oneProxy.target = 0;
    options.oneProxy.proxy = front.numLatencies - 1;
  }
  const search::Objective objective{uint32_t(front.objective), evaluator};
  const search::Algorithm &chosen = *search::findAlgorithm(algorithm);
  auto found = front.tradeoff.empty()
                   ? chosen.run(limited, objective, options)
                   : search::searchTradeoff(
                         chosen, *search::tradeoffNamed(front.tradeoff),
                         limited, objective, objectiveTicks(), options);
  if (!found)
    return fail(module, llvm::toString(found.takeError()));
  answer.evaluations += found->evaluations;
  answer.drawn += found->drawn;
  answer.proxy = found->proxy;
  if (!front.tradeoff.empty())
    return takeWeighed(answer, *found);
  if (!found->best)
    return success();
  // Evaluator and metric may have come further apart on the way.
  if (found->gap && options.candidates.error)
    *found->gap += *front.assumedError - *options.candidates.error;
  std::optional<double> bound;
  if (found->gap)
    bound = found->score + *found->gap;
  if (!answer.best || !evaluator || found->score > *answer.best->score) {
    answer.best = describe(std::move(*found->best));
    if (evaluator)
      answer.best->score = found->score;
  }
  if (bound && evaluator)
    answer.gap = std::max(0.0, *bound - *answer.best->score);
  else if (found->gap)
    answer.gap = *found->gap / objectiveTicks();
  return success();
}

LogicalResult Searcher::findReachable(BudgetAnswer &answer) {
  for (size_t index = 0; index < setups.size(); ++index) {
    auto fastest = run(front.space.problem, {uint32_t(index)});
    if (succeeded(fastest) && fastest->points.empty()) {
      search::Problem unlimited = front.space.problem;
      unlimited.limits.clear();
      fastest = run(unlimited, {uint32_t(index)});
    }
    if (failed(fastest))
      return failure();
    answer.reachable.push_back(describe(std::move(fastest->points.front())));
  }
  return success();
}

LogicalResult Searcher::solve(BudgetAnswer &answer,
                              const search::Problem &limited) {
  if (front.algorithm != "exact") {
    SmallVector<StringRef, 2> names;
    StringRef(front.algorithm).split(names, '+');
    for (StringRef name : names)
      if (failed(improve(answer, limited, name)))
        return failure();
    return success();
  }
  auto best = bestLimited(limited);
  if (succeeded(best))
    answer.best = std::move(*best);
  return best;
}

LogicalResult Searcher::solveSurely(BudgetAnswer &answer,
                                    const search::Problem &problem) {
  SmallVector<search::ChanceLimit> limits;
  for (auto [setup, spread] : llvm::zip_equal(setups, front.space.spreads))
    limits.push_back({&spread,
                      std::max(0.0, setup->errors().quantile(query.sure)),
                      search::Cost(std::min(answer.budgetUs * 1e3, 1e15))});
  auto found = search::solveUnderChance(
      problem, limits,
      [&](const search::Problem &limited)
          -> llvm::Expected<std::optional<search::Solution>> {
        answer.best.reset();
        answer.gap.reset();
        if (failed(solve(answer, limited)))
          return llvm::createStringError("no answer"); // and it is said why
        return answer.best ? std::optional(answer.best->solution)
                           : std::nullopt;
      });
  if (!found) {
    llvm::consumeError(found.takeError());
    return failure();
  }
  if (!found->best)
    answer.best.reset();
  if (!answer.best || front.algorithm != "exact")
    return success();
  double gap = std::numeric_limits<double>::infinity();
  for (const search::Solution &relaxed : found->relaxed)
    gap = std::min(gap, std::abs(double(relaxed.costs[front.objective] -
                                        found->best->costs[front.objective])));
  answer.gap = gap / objectiveTicks();
  return success();
}

FailureOr<BudgetAnswer> Searcher::answer(double budgetUs) {
  BudgetAnswer answer;
  answer.budgetUs = budgetUs;
  if (!front.reachable.empty()) {
    if (failed(findReachable(answer)))
      return failure();
    return answer;
  }
  bool hasPoints = front.algorithm == "exact" && front.exactGap == 0;
  if (budgetUs > 0 && (query.sure > 0 || !hasPoints)) {
    if (failed(solveWithin(answer, front.space.problem)))
      return failure();
  } else if (hasPoints) {
    answer.best = bestPoint(budgetUs);
  } else if (failed(solve(answer, front.space.problem))) {
    return failure();
  }
  if (!answer.best && failed(findReachable(answer)))
    return failure();
  return std::move(answer);
}

LogicalResult Searcher::frontOfAnswers() {
  std::vector<BudgetAnswer> found = front.answers;
  if (found.empty()) {
    auto best = answer(0);
    if (failed(best))
      return failure();
    found.push_back(std::move(*best));
  }
  front.exactGap = 0;
  front.evaluations = 0;
  const search::Metric &metric = front.space.problem.metrics[front.objective];
  for (BudgetAnswer &answer : found) {
    front.evaluations += answer.evaluations;
    if (!answer.best)
      continue;
    front.exactGap = answer.gap && front.exactGap && !evaluator
                         ? std::optional(std::max(*answer.gap, *front.exactGap))
                         : std::nullopt;
    front.points.push_back(std::move(*answer.best));
  }
  sortPoints();
  auto valueOf = [&](const FoundArchitecture &point) {
    if (point.score)
      return *point.score;
    double cost = double(point.solution.costs[front.objective]);
    return metric.sense == search::Sense::Maximize ? cost : -cost;
  };
  // Few points: each answers a budget.
  auto dominates = [&](const FoundArchitecture &a, const FoundArchitecture &b) {
    bool isFaster = llvm::all_of(
        llvm::zip_equal(a.latencies, b.latencies), [](const auto &pair) {
          return std::get<0>(pair).us <= std::get<1>(pair).us;
        });
    return isFaster && valueOf(a) >= valueOf(b);
  };
  std::vector<FoundArchitecture> kept;
  for (FoundArchitecture &point : front.points) {
    if (llvm::any_of(kept,
                     [&](const auto &one) { return dominates(one, point); }))
      continue;
    llvm::erase_if(kept,
                   [&](const auto &one) { return dominates(point, one); });
    kept.push_back(std::move(point));
  }
  front.points = std::move(kept);
  return success();
}
