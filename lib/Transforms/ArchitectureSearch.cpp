// SPDX-License-Identifier: Apache-2.0
// The search for networks of a supernet: problem, algorithm, answers.

#include "gnomon/Transforms/ArchitectureSearch.h"
#include "gnomon/Accuracy/ValueTables.h"
#include "gnomon/Spaces/Space.h"
#include <cmath>

using namespace gnomon;
using namespace mlir;

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

/// Index of the metric to be as good as possible, which is made to be so.
static FailureOr<size_t> chooseObjective(ModuleOp module, StringRef name,
                                         search::Problem &problem) {
  std::string known;
  for (auto [index, metric] : llvm::enumerate(problem.metrics)) {
    if (metric.name == "latency")
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

static FoundArchitecture describe(search::Solution solution, size_t latency,
                                  const CostSetup &setup) {
  auto [low, high] =
      logInterval(setup.bundle().network.intervals, setup.confidence());
  double us = double(solution.costs[latency]) / 1e3;
  return {std::move(solution), us, us * std::exp(low), us * std::exp(high)};
}

const FoundArchitecture *
ArchitectureFront::bestWithin(double maxLatencyUs) const {
  const FoundArchitecture *best = nullptr;
  for (const FoundArchitecture &point : points)
    if (point.highUs <= maxLatencyUs)
      best = &point;
  return best;
}

FailureOr<ArchitectureFront>
gnomon::searchArchitecture(ModuleOp module, const CostSetup &setup,
                           const ArchitectureQuery &query) {
  if (query.algorithm != "exact")
    return fail(module, "algorithm: no '" + query.algorithm +
                            "', expected one of: exact");
  auto space = analyzeSpace(module, &setup);
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
  auto chosen =
      chooseObjective(module, objective.empty() ? "macs" : objective, problem);
  if (failed(chosen))
    return failure();
  front.objective = *chosen;

  search::FrontOptions options;
  options.metrics = {uint32_t(front.latency), uint32_t(front.objective)};
  auto found = search::paretoFront(problem, options);
  if (!found)
    return fail(module, llvm::toString(found.takeError()));
  front.evaluations = found->pairs;
  if (found->epsilon == 0)
    front.exactGap = 0;
  for (search::Solution &solution : found->points)
    front.points.push_back(describe(std::move(solution), front.latency, setup));
  return front;
}

//===- Report -------------------------------------------------------------===//

std::map<std::string, std::string>
gnomon::selectionOf(const search::Problem &problem,
                    ArrayRef<uint32_t> assignment) {
  std::map<std::string, std::string> selection;
  llvm::BitVector active = search::activeDecisions(problem, assignment);
  for (auto [index, decision] : llvm::enumerate(problem.decisions))
    if (active[index])
      selection[decision.name] = decision.options[assignment[index]];
  return selection;
}

static llvm::json::Object
architectureJson(const Space *space,
                 const std::map<std::string, std::string> &selection) {
  if (space) {
    auto described = space->describe(selection);
    if (described)
      return std::move(*described);
    llvm::consumeError(described.takeError()); // then the selection says it
  }
  llvm::json::Object options;
  for (const auto &[decision, option] : selection)
    options[decision] = option;
  return llvm::json::Object{{"selection", std::move(options)}};
}

/// Ticks in the metric's unit: values of models are kept to 1e-9.
static llvm::json::Value metricValue(const search::Metric &metric,
                                     search::Cost ticks) {
  if (metric.unit == "MAC" || metric.unit == "parameter")
    return ticks;
  return double(ticks) / ValueTables::kTicks;
}

llvm::json::Object gnomon::frontReport(ModuleOp module, const CostSetup &setup,
                                       const ArchitectureQuery &query,
                                       const ArchitectureFront &front) {
  auto name = module->getAttrOfType<StringAttr>(spaceAttrName);
  const Space *space = name ? findSpace(name) : nullptr;
  const search::Problem &problem = front.space.problem;
  llvm::json::Array points;
  for (const FoundArchitecture &point : front.points) {
    llvm::json::Object entry{
        {"architecture",
         architectureJson(space,
                          selectionOf(problem, point.solution.assignment))},
        {"latency_us", point.latencyUs},
        {"low_us", point.lowUs},
        {"high_us", point.highUs}};
    for (auto [metric, cost] :
         llvm::zip_equal(problem.metrics, point.solution.costs))
      if (metric.name != "latency")
        entry[metric.name] = metricValue(metric, cost);
    points.push_back(std::move(entry));
  }
  llvm::json::Object report{
      {"schema", 1},
      {"space", name ? llvm::json::Value(name.getValue()) : nullptr},
      {"device", setup.device().name},
      {"bundle",
       llvm::json::Object{{"name", setup.bundle().name},
                          {"fingerprint", setup.bundle().fingerprint}}},
      {"algorithm", query.algorithm},
      {"objective", problem.metrics[front.objective].name},
      {"seed", int64_t(query.seed)},
      {"evaluations", int64_t(front.evaluations)},
      {"exact_gap", front.exactGap ? llvm::json::Value(*front.exactGap)
                                   : llvm::json::Value(nullptr)},
      {"points", std::move(points)}};
  return report;
}
