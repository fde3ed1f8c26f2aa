// SPDX-License-Identifier: Apache-2.0
// The search for networks of a supernet: problem, algorithm, answers.

#include "gnomon/Transforms/ArchitectureSearch.h"
#include "gnomon/Accuracy/ValueTables.h"
#include <cmath>

using namespace gnomon;
using namespace mlir;

const Latency &FoundArchitecture::slowest() const {
  return *llvm::max_element(latencies, [](const Latency &a, const Latency &b) {
    return a.highUs < b.highUs;
  });
}

const FoundArchitecture &ArchitectureFront::best() const {
  bool greater =
      space.problem.metrics[objective].sense == search::Sense::Maximize;
  return *llvm::max_element(points, [&](const auto &a, const auto &b) {
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

//===- Search -------------------------------------------------------------===//

static Latency latencyOf(search::Cost ns, const CostSetup &setup) {
  auto [low, high] =
      logInterval(setup.bundle().network.intervals, setup.confidence());
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
           ArchitectureFront &front)
      : module(module), setups(setups), front(front) {}

  LogicalResult findFront();
  LogicalResult answer(double budgetUs);

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
  /// The best of the problem with a limit for each device.
  FailureOr<std::optional<FoundArchitecture>> bestLimited(double budgetUs);

  ModuleOp module;
  ArrayRef<const CostSetup *> setups;
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
  FoundArchitecture found{std::move(solution), {}};
  for (auto [index, setup] : llvm::enumerate(setups))
    found.latencies.push_back(latencyOf(found.solution.costs[index], *setup));
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
  llvm::sort(front.points, [](const auto &a, const auto &b) {
    return std::tie(a.slowest().us, a.solution.assignment) <
           std::tie(b.slowest().us, b.solution.assignment);
  });
  return success();
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

FailureOr<std::optional<FoundArchitecture>>
Searcher::bestLimited(double budgetUs) {
  search::Problem limited = front.space.problem;
  for (auto [index, setup] : llvm::enumerate(setups))
    limited.limits.push_back(
        {uint32_t(index), mostWithin(budgetUs, *setup), std::nullopt});
  auto found = run(limited, {uint32_t(front.objective)});
  if (failed(found))
    return failure();
  if (found->points.empty())
    return std::optional<FoundArchitecture>();
  return std::optional(describe(std::move(found->points.front())));
}

LogicalResult Searcher::answer(double budgetUs) {
  BudgetAnswer answer{budgetUs, std::nullopt, {}};
  if (front.exactGap == 0) {
    answer.best = bestPoint(budgetUs);
  } else {
    auto best = bestLimited(budgetUs);
    if (failed(best))
      return failure();
    answer.best = std::move(*best);
  }
  for (size_t index = 0; index < setups.size() && !answer.best; ++index) {
    auto fastest = run(front.space.problem, {uint32_t(index)});
    if (failed(fastest))
      return failure();
    answer.reachable.push_back(describe(std::move(fastest->points.front())));
  }
  front.answers.push_back(std::move(answer));
  return success();
}

FailureOr<ArchitectureFront>
gnomon::searchArchitecture(ModuleOp module, ArrayRef<const CostSetup *> setups,
                           const ArchitectureQuery &query) {
  if (query.algorithm != "exact")
    return fail(module, "algorithm: no '" + query.algorithm +
                            "', expected one of: exact");
  auto space = analyzeSpace(module, setups);
  if (failed(space))
    return failure();
  ArchitectureFront front;
  front.space = std::move(*space);
  search::Problem &problem = front.space.problem;
  std::string objective = query.objective;
  if (!query.accuracy.empty()) {
    auto metric = addAccuracy(module, query.accuracy, problem);
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
  Searcher searcher(module, setups, front);
  if (failed(searcher.findFront()))
    return failure();
  for (double budgetUs : query.budgetsUs)
    if (failed(searcher.answer(budgetUs)))
      return failure();
  return front;
}
