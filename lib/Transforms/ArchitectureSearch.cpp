// SPDX-License-Identifier: Apache-2.0
// The search for networks of a supernet: problem, algorithm, answers.

#include "gnomon/Transforms/ArchitectureSearch.h"
#include "Judge.h"
#include "gnomon/Accuracy/ValueTables.h"
#include "gnomon/Search/Tradeoff.h"
#include <cmath>

using namespace gnomon;
using namespace mlir;

size_t FoundArchitecture::slowestDevice() const {
  return llvm::max_element(latencies,
                           [](const Latency &a, const Latency &b) {
                             return a.highUs < b.highUs;
                           }) -
         latencies.begin();
}

const FoundArchitecture &ArchitectureFront::best() const {
  bool greater =
      space.problem.metrics[objective].sense == search::Sense::Maximize;
  return *llvm::max_element(points, [&](const auto &a, const auto &b) {
    if (a.score && b.score)
      return *a.score < *b.score;
    search::Cost left = a.solution.costs[objective];
    search::Cost right = b.solution.costs[objective];
    return greater ? left < right : right < left;
  });
}

//===- Problem ------------------------------------------------------------===//

static LogicalResult fail(ModuleOp module, const llvm::Twine &message) {
  return emitError(module.getLoc()) << message;
}

/// Adds the metric of the accuracy model, and returns its name.
static FailureOr<std::string> addAccuracy(ModuleOp module, StringRef path,
                                          search::Problem &problem) {
  auto tables = loadValueTables(path);
  if (!tables)
    return fail(module, "accuracy: " + llvm::toString(tables.takeError()));
  auto terms = valueTerms(*tables, problem);
  if (!terms)
    return fail(module, "accuracy: " + llvm::toString(terms.takeError()));
  std::string name = tables->metric.name;
  addMetric(problem, tables->metric, std::move(*terms));
  return name;
}

/// Index of the metric to be as good as possible, which is made to be so. The
/// first metrics are latencies.
static FailureOr<size_t> chooseObjective(ModuleOp module, StringRef name,
                                         size_t latencies,
                                         search::Problem &problem) {
  std::string known;
  for (auto [index, metric] : llvm::enumerate(problem.metrics)) {
    if (index < latencies)
      continue;
    if (metric.name == name) {
      if (name == "macs" || name == "params")
        metric.sense = search::Sense::Maximize;
      return index;
    }
    known += (known.empty() ? "" : ", ") + metric.name;
  }
  return fail(module,
              "objective: no metric '" + name + "', expected one of: " + known);
}

double gnomon::ticksPerUnit(const search::Metric &metric) {
  bool counts = metric.unit == "MAC" || metric.unit == "parameter" ||
                metric.unit == "byte";
  return counts ? 1 : ValueTables::kTicks;
}

static std::string algorithmNames() {
  std::string names;
  for (const search::Algorithm &algorithm : search::algorithms())
    names += (names.empty() ? "" : ", ") + algorithm.name.str();
  return names;
}

//===- Search -------------------------------------------------------------===//

static Latency latencyOf(search::Cost ns, const CostSetup &setup) {
  auto [low, high] = setup.networkInterval();
  double us = double(ns) / 1e3;
  return {us, us * std::exp(low), us * std::exp(high)};
}

/// The greatest latency in ns whose bound keeps the budget.
static search::Cost mostWithin(double budgetUs, const CostSetup &setup) {
  double one = latencyOf(1000, setup).highUs;
  auto most = search::Cost(std::min(budgetUs / one * 1e3, 1e15));
  while (most > 0 && latencyOf(most, setup).highUs > budgetUs)
    --most;
  while (latencyOf(most + 1, setup).highUs <= budgetUs && most < 1e15)
    ++most;
  return most;
}

namespace {

/// Fills a front whose problem and objective are there.
class Searcher {
public:
  Searcher(ModuleOp module, ArrayRef<const CostSetup *> setups,
           const ArchitectureQuery &query, search::Evaluator *evaluator,
           ArchitectureFront &front)
      : module(module), setups(setups), query(query), evaluator(evaluator),
        front(front) {}

  /// The exact front of latencies and the objective's metric.
  LogicalResult findFront();
  /// Answers a budget; 0: no limit.
  FailureOr<BudgetAnswer> answer(double budgetUs);
  /// Makes the front of what was found under the budgets, or without.
  LogicalResult frontOfAnswers();

private:
  FailureOr<search::Front> run(const search::Problem &problem,
                               std::vector<uint32_t> metrics);
  FoundArchitecture describe(search::Solution solution) const;
  bool isWithin(const FoundArchitecture &point, double budgetUs) const {
    return llvm::all_of(point.latencies, [&](const Latency &latency) {
      return latency.highUs <= budgetUs;
    });
  }
  /// The best of the points, which are all there are.
  std::optional<FoundArchitecture> bestPoint(double budgetUs) const;
  /// The problem with a limit for each device.
  search::Problem limited(double budgetUs) const;
  /// The best of a problem with limits, exactly.
  FailureOr<std::optional<FoundArchitecture>>
  bestLimited(const search::Problem &limited);
  /// A better one by an algorithm that is not exact.
  LogicalResult improve(BudgetAnswer &answer, const search::Problem &limited,
                        StringRef algorithm);
  /// The one that a trade-off found.
  LogicalResult takeWeighed(BudgetAnswer &answer, search::SearchResult &found);
  /// Ticks of the objective's metric in one of its unit.
  double objectiveTicks() const;
  /// Fills in the best of a problem with limits by the algorithms asked for.
  LogicalResult solve(BudgetAnswer &answer, const search::Problem &limited);
  /// The best that keeps the budget with the probability asked for.
  LogicalResult solveSurely(BudgetAnswer &answer);
  LogicalResult findReachable(BudgetAnswer &answer);
  void sortPoints();

  ModuleOp module;
  ArrayRef<const CostSetup *> setups;
  const ArchitectureQuery &query;
  search::Evaluator *evaluator; ///< null: the objective is additive
  ArchitectureFront &front;
};

} // namespace

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
  FoundArchitecture found{std::move(solution), {}, std::nullopt};
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
  return found;
}

LogicalResult Searcher::findFront() {
  std::vector<uint32_t> metrics;
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
  bool greater = front.space.problem.metrics[front.objective].sense ==
                 search::Sense::Maximize;
  for (const FoundArchitecture &point : front.points) {
    if (!isWithin(point, budgetUs))
      continue;
    search::Cost cost = point.solution.costs[front.objective];
    search::Cost most = best ? best->solution.costs[front.objective] : 0;
    if (!best || (greater ? cost > most : cost < most))
      best = &point;
  }
  return best ? std::optional(*best) : std::nullopt;
}

search::Problem Searcher::limited(double budgetUs) const {
  search::Problem limited = front.space.problem;
  if (budgetUs == 0)
    return limited;
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
  options.candidates.error = front.assumedError;
  options.candidates.ticksPerUnit = ValueTables::kTicks;
  options.constraint =
      query.reject ? search::Constraint::Reject : search::Constraint::Repair;
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

LogicalResult Searcher::solveSurely(BudgetAnswer &answer) {
  SmallVector<search::ChanceLimit> limits;
  for (auto [setup, spread] : llvm::zip_equal(setups, front.space.spreads))
    limits.push_back({&spread,
                      std::max(0.0, setup->errors().quantile(query.sure)),
                      search::Cost(std::min(answer.budgetUs * 1e3, 1e15))});
  auto found = search::solveUnderChance(
      front.space.problem, limits,
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
  const search::Metric &metric = front.space.problem.metrics[front.objective];
  double gap = std::numeric_limits<double>::infinity();
  for (const search::Solution &relaxed : found->relaxed)
    gap = std::min(gap, std::abs(double(relaxed.costs[front.objective] -
                                        found->best->costs[front.objective])));
  answer.gap = gap / ticksPerUnit(metric);
  return success();
}

FailureOr<BudgetAnswer> Searcher::answer(double budgetUs) {
  BudgetAnswer answer;
  answer.budgetUs = budgetUs;
  if (query.sure > 0 && budgetUs > 0) {
    if (failed(solveSurely(answer)))
      return failure();
  } else if (front.algorithm == "exact" && front.exactGap == 0) {
    answer.best = bestPoint(budgetUs);
  } else if (failed(solve(answer, limited(budgetUs)))) {
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

/// Holds what the problem says of a network against its annotation: the problem
/// was put together from networks of the space, of which this need not be one.
static LogicalResult verifyLatencies(ModuleOp module,
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

/// Metric and trade-off of an objective; "" for what it does not name.
static std::pair<std::string, std::string> partsOf(StringRef objective) {
  auto [first, second] = objective.rsplit(':');
  const bool isForm =
      second.empty() && (first == "hard" || search::tradeoffNamed(first));
  StringRef metric = isForm ? StringRef() : first;
  StringRef form = isForm ? first : second;
  return {metric.str(), form == "hard" ? "" : form.str()};
}

static llvm::Error checkForm(const ArchitectureQuery &query,
                             StringRef tradeoff) {
  if (!tradeoff.empty() && !search::tradeoffNamed(tradeoff))
    return llvm::createStringError("objective: no form '" + tradeoff +
                                   "', expected one of: hard, " +
                                   search::tradeoffNames());
  if (!tradeoff.empty() && query.algorithm == "exact")
    return llvm::createStringError(
        "objective: expected an algorithm that weighs networks for '" +
        tradeoff + "', such as evolution; found 'exact'");
  if (!tradeoff.empty() && query.sure != 0)
    return llvm::createStringError("sure: expected an objective that keeps "
                                   "budgets, found the trade-off '" +
                                   tradeoff + "'");
  if (query.reject && query.algorithm != "evolution" &&
      query.algorithm != "two-stage" && query.algorithm != "random")
    return llvm::createStringError(
        "constraint: expected evolution, two-stage or random, which can reject "
        "networks; found '" +
        query.algorithm + "'");
  return llvm::Error::success();
}

/// What runs: for a judge what searches far, then what proves something.
static std::string algorithmFor(const ArchitectureQuery &query, bool isJudged) {
  return isJudged && query.algorithm == "exact" ? "evolution+candidates"
                                                : query.algorithm;
}

FailureOr<ArchitectureFront>
gnomon::searchArchitecture(ModuleOp module, ArrayRef<const CostSetup *> setups,
                           const ArchitectureQuery &query) {
  if (!search::findAlgorithm(query.algorithm))
    return fail(module, "algorithm: no '" + query.algorithm +
                            "', expected one of: " + algorithmNames());
  if (query.sure != 0)
    for (const CostSetup *setup : setups)
      if (llvm::Error error =
              setup->errors().check(setup->bundleName(), query.sure))
        return fail(module, llvm::toString(std::move(error)));
  SpaceAnalysisOptions options;
  options.peakMemory = query.peakMemory;
  auto space = analyzeSpace(module, setups, options);
  if (failed(space))
    return failure();
  ArchitectureFront front;
  front.space = std::move(*space);
  if (auto name = module->getAttrOfType<StringAttr>(spaceAttrName))
    front.space.problem.name = name.str();
  search::Problem &problem = front.space.problem;
  auto judge = makeJudge(module, query, problem);
  if (!judge)
    return fail(module, llvm::toString(judge.takeError()));
  auto [objective, tradeoff] = partsOf(query.objective);
  front.tradeoff = tradeoff;
  if (llvm::Error error = checkForm(query, tradeoff))
    return fail(module, llvm::toString(std::move(error)));
  std::string values = *judge ? query.standIn : query.accuracy;
  if (!values.empty()) {
    auto metric = addAccuracy(module, values, problem);
    if (failed(metric))
      return failure();
    if (objective.empty())
      objective = *metric;
  }
  auto chosen = chooseObjective(module, objective.empty() ? "macs" : objective,
                                setups.size(), problem);
  if (failed(chosen))
    return failure();
  front.objective = *chosen;
  front.algorithm = algorithmFor(query, bool(*judge));
  std::optional<ComparedJudge> compared;
  if (*judge)
    compared.emplace(**judge, front);
  Searcher searcher(module, setups, query, compared ? &*compared : nullptr,
                    front);
  bool hasFront = StringRef(front.algorithm).ends_with("candidates") ||
                  front.algorithm == "exact";
  if (hasFront && failed(searcher.findFront()))
    return failure();
  if (compared)
    judgeFront(*compared, query.seed, front);
  for (double budgetUs : query.budgetsUs) {
    auto answer = searcher.answer(budgetUs);
    if (failed(answer) ||
        (answer->best &&
         failed(verifyLatencies(module, setups, front.space, *answer->best))))
      return failure();
    front.answers.push_back(std::move(*answer));
  }
  if (!hasFront && failed(searcher.frontOfAnswers()))
    return failure();
  if (!front.points.empty() &&
      failed(verifyLatencies(module, setups, front.space, front.best())))
    return failure();
  return front;
}
