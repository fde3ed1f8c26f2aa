// SPDX-License-Identifier: Apache-2.0
// What a search found, as JSON.

#include "SearchParts.h"
#include "gnomon/Accuracy/ValueTables.h"
#include "gnomon/Spaces/Space.h"
#include "gnomon/Transforms/ArchitectureSearch.h"
#include "llvm/ADT/StringExtras.h"

using namespace gnomon;
using namespace mlir;

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

static StringAttr spaceName(ModuleOp module) {
  return module->getAttrOfType<StringAttr>(spaceAttrName);
}

llvm::json::Object
gnomon::selectionJson(const std::map<std::string, std::string> &selection) {
  llvm::json::Object options;
  for (const auto &[decision, option] : selection)
    options[decision] = option;
  return options;
}

const Space *gnomon::spaceOf(ModuleOp module, const ArchitectureQuery &query) {
  StringAttr name = spaceName(module);
  return name && !query.space ? findSpace(name) : query.space;
}

llvm::json::Object
gnomon::architectureJson(const Space *space,
                         const std::map<std::string, std::string> &selection) {
  if (space) {
    auto described = space->describe(selection);
    if (described)
      return std::move(*described);
    llvm::consumeError(described.takeError()); // then the selection says it
  }
  return llvm::json::Object{{"selection", selectionJson(selection)}};
}

llvm::json::Value gnomon::metricValue(const search::Metric &metric,
                                      search::Cost ticks) {
  if (ticksPerUnit(metric) == 1)
    return ticks;
  return double(ticks) / ticksPerUnit(metric);
}

static llvm::json::Object proxyJson(const search::ProxyVerdict &verdict) {
  return llvm::json::Object{{"opened", verdict.opened},
                            {"adapted", verdict.adapted},
                            {"spearman_probe", verdict.raw},
                            {"spearman_tested", verdict.tested},
                            {"samples", int64_t(verdict.samples)},
                            {"measured", int64_t(verdict.measured)}};
}

/// With how likely it keeps each of the budgets, where that is known.
static llvm::json::Object latencyJson(const Latency &latency,
                                      const CostSetup &setup, double sure,
                                      ArrayRef<double> budgetsUs) {
  llvm::json::Object report{{"latency_us", latency.us},
                            {"low_us", latency.lowUs},
                            {"high_us", latency.highUs}};
  const ErrorModel &errors = setup.errors();
  if (!errors.isKnown() || latency.us <= 0 || latency.spread <= 0)
    return report;
  report["spread"] = latency.spread;
  if (sure > 0)
    report["sure_us"] = latency.us * (1 + std::max(0.0, errors.quantile(sure)) *
                                              latency.spread);
  llvm::json::Array probabilities;
  for (double budgetUs : budgetsUs)
    probabilities.push_back(
        errors.probability((budgetUs / latency.us - 1) / latency.spread));
  if (probabilities.size() == 1)
    report["probability"] = std::move(probabilities.front());
  else if (!probabilities.empty())
    report["probability"] = std::move(probabilities);
  return report;
}

static llvm::json::Object bundleJson(const CostSetup &setup) {
  return llvm::json::Object{{"name", setup.bundleName()},
                            {"fingerprint", setup.fingerprint()}};
}

llvm::json::Object gnomon::pointReport(ModuleOp module,
                                       ArrayRef<const CostSetup *> setups,
                                       const ArchitectureQuery &query,
                                       const ArchitectureFront &front,
                                       const FoundArchitecture &point,
                                       ArrayRef<double> budgetsUs) {
  const Space *space = spaceOf(module, query);
  const search::Problem &problem = front.space.problem;
  llvm::json::Object entry = latencyJson(
      point.slowest(), *setups[point.slowestDevice()], query.sure, budgetsUs);
  entry["architecture"] =
      architectureJson(space, selectionOf(problem, point.solution.assignment));
  for (auto [metric, cost] :
       llvm::drop_begin(llvm::zip_equal(problem.metrics, point.solution.costs),
                        front.numLatencies))
    entry[metric.name] = metricValue(metric, cost);
  if (point.learnedUs)
    entry["learned_us"] = *point.learnedUs;
  const search::Metric &objective = problem.metrics[front.objective];
  if (point.score) {
    bool more = objective.sense == search::Sense::Maximize;
    entry[objective.name] = more ? *point.score : -*point.score;
    entry[objective.name + "_stand_in"] =
        metricValue(objective, point.solution.costs[front.objective]);
  }
  if (setups.size() > 1) {
    llvm::json::Object devices;
    for (auto [setup, latency] : llvm::zip_equal(setups, point.latencies))
      devices[setup->deviceName()] =
          latencyJson(latency, *setup, query.sure, budgetsUs);
    entry["devices"] = std::move(devices);
  }
  return entry;
}

llvm::json::Object gnomon::frontReport(ModuleOp module,
                                       ArrayRef<const CostSetup *> setups,
                                       const ArchitectureQuery &query,
                                       const ArchitectureFront &front) {
  StringAttr name = spaceName(module);
  llvm::json::Array points;
  for (const FoundArchitecture &point : front.points)
    points.push_back(
        pointReport(module, setups, query, front, point, query.budgetsUs));
  std::vector<std::string> devices;
  for (const CostSetup *setup : setups)
    devices.push_back(setup->deviceName().str());
  double confidence = 1;
  for (const CostSetup *setup : setups)
    confidence = std::min(confidence, setup->confidence());
  llvm::json::Object report{
      {"schema", 1},
      {"space", name ? llvm::json::Value(name.getValue()) : nullptr},
      {"device", llvm::join(devices, ",")},
      {"bundle", bundleJson(*setups.front())},
      {"confidence", confidence},
      {"algorithm", front.algorithm},
      {"objective", front.space.problem.metrics[front.objective].name},
      {"seed", int64_t(query.seed)},
      {"evaluations", int64_t(front.evaluations)},
      {"exact_gap", front.exactGap ? llvm::json::Value(*front.exactGap)
                                   : llvm::json::Value(nullptr)},
      {"points", std::move(points)}};
  if (setups.size() > 1) {
    llvm::json::Object bundles;
    for (const CostSetup *setup : setups)
      bundles[setup->deviceName()] = bundleJson(*setup);
    report["bundles"] = std::move(bundles);
  }
  if (!front.tradeoff.empty())
    report["tradeoff"] = front.tradeoff;
  if (!front.latencyModel.empty())
    report["latency_model"] = front.latencyModel;
  llvm::json::Object restsOn;
  for (const CostSetup *setup : setups)
    if (setup->errors().isKnown())
      restsOn[setup->deviceName()] = setup->errors().restsOn();
  if (!restsOn.empty())
    report["probability_rests_on"] = std::move(restsOn);
  if (query.sure > 0)
    report["sure"] = query.sure;
  if (!query.limits.empty()) {
    llvm::json::Object limits;
    for (const MetricLimit &limit : query.limits)
      limits[limit.metric] = limit.atMost;
    report["limits"] = std::move(limits);
  }
  if (!front.reachable.empty()) {
    llvm::json::Object least;
    for (const search::Reach &reach : front.reachable) {
      const search::Metric &metric = front.space.problem.metrics[reach.metric];
      least[metric.name] = metricValue(metric, reach.alone.costs[reach.metric]);
    }
    report["least"] = std::move(least);
  }
  if (!query.start.empty())
    report["started"] = int64_t(front.started);
  if (front.assumedError)
    report["assumed_error"] = *front.assumedError;
  return report;
}

/// What changes from one report of a point to another: all that are numbers.
static llvm::json::Object changeJson(const llvm::json::Object &from,
                                     const llvm::json::Object &to) {
  llvm::json::Object change;
  for (const auto &[name, value] : to) {
    const llvm::json::Value *before = from.get(name);
    if (!before || !before->getAsNumber() || !value.getAsNumber())
      continue;
    if (before->getAsInteger() && value.getAsInteger())
      change[name] = *value.getAsInteger() - *before->getAsInteger();
    else
      change[name] = *value.getAsNumber() - *before->getAsNumber();
  }
  return change;
}

namespace {
/// Says what the decisions of an answer are worth.
class ExplanationReport {
public:
  using Report =
      llvm::function_ref<llvm::json::Object(const FoundArchitecture &)>;

  ExplanationReport(const search::Problem &problem, const BudgetAnswer &answer,
                    Report report)
      : problem(problem), answer(answer), report(report),
        best(report(*answer.best)) {}

  llvm::json::Array list() const {
    llvm::json::Array result;
    for (const Explanation &one : answer.explanations) {
      llvm::json::Object second = changed(one.fixed, one.decision);
      second["keeps_budget"] = one.keepsBudget;
      llvm::json::Object entry{
          {"decision", problem.decisions[one.decision].name},
          {"option", optionOf(*answer.best, one.decision)},
          {"second", std::move(second)}};
      if (one.reoptimised)
        entry["reoptimised"] = changed(*one.reoptimised, one.decision);
      result.push_back(std::move(entry));
    }
    return result;
  }

private:
  /// null: the decision is not asked.
  llvm::json::Value optionOf(const FoundArchitecture &network,
                             uint32_t decision) const {
    const search::Assignment &assignment = network.solution.assignment;
    if (!search::activeDecisions(problem, assignment)[decision])
      return nullptr;
    return problem.decisions[decision].options[assignment[decision]];
  }

  llvm::json::Object changed(const FoundArchitecture &network,
                             uint32_t decision) const {
    return llvm::json::Object{{"option", optionOf(network, decision)},
                              {"change", changeJson(best, report(network))}};
  }

  const search::Problem &problem;
  const BudgetAnswer &answer;
  Report report;
  llvm::json::Object best;
};
} // namespace

llvm::json::Array gnomon::answersReport(ModuleOp module,
                                        ArrayRef<const CostSetup *> setups,
                                        const ArchitectureQuery &query,
                                        const ArchitectureFront &front) {
  llvm::json::Array answers;
  for (const BudgetAnswer &answer : front.answers) {
    llvm::json::Object entry{{"max_latency_us", answer.budgetUs},
                             {"best", nullptr}};
    if (answer.evaluations)
      entry["evaluations"] = int64_t(answer.evaluations);
    if (answer.evaluations || answer.gap)
      entry["gap"] = answer.gap ? llvm::json::Value(*answer.gap)
                                : llvm::json::Value(nullptr);
    if (answer.drawn)
      entry["drawn"] = int64_t(answer.drawn);
    if (answer.proxy)
      entry["proxy"] = proxyJson(*answer.proxy);
    if (answer.best) {
      entry["best"] = pointReport(module, setups, query, front, *answer.best,
                                  answer.budgetUs);
      entry["selection"] = selectionJson(
          selectionOf(front.space.problem, answer.best->solution.assignment));
      if (answer.weighed) {
        entry["weighed"] = *answer.weighed;
        entry["keeps_budget"] =
            answer.best->slowest().highUs <= answer.budgetUs;
      }
      auto report = [&](const FoundArchitecture &network) {
        return pointReport(module, setups, query, front, network,
                           answer.budgetUs);
      };
      if (query.explain)
        entry["explain"] =
            ExplanationReport(front.space.problem, answer, report).list();
    } else {
      llvm::json::Object reachable;
      for (auto [index, setup] : llvm::enumerate(setups)) {
        const FoundArchitecture &point = answer.reachable[index];
        llvm::json::Object there =
            pointReport(module, setups, query, front, point, answer.budgetUs);
        for (auto &[name, value] : latencyJson(point.latencies[index], *setup,
                                               query.sure, answer.budgetUs))
          there[name] = value;
        reachable[setup->deviceName()] = std::move(there);
      }
      entry["reachable"] = std::move(reachable);
    }
    answers.push_back(std::move(entry));
  }
  return answers;
}
