// SPDX-License-Identifier: Apache-2.0
// The search for networks of a supernet: problem, algorithm, answers.

#include "gnomon/Transforms/ArchitectureSearch.h"
#include "Judge.h"
#include "PerDevice.h"
#include "SearchParts.h"
#include "Searcher.h"
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

/// Adds the metric of an additive accuracy model, and returns its name.
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

/// The metric of this name, which is none of the latencies.
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

FailureOr<size_t> gnomon::takeObjective(ModuleOp module,
                                        const ArchitectureQuery &query,
                                        bool isJudged, size_t latencies,
                                        search::Problem &problem) {
  std::string name = partsOf(query.objective).first;
  StringRef values = isJudged ? query.standIn : query.accuracy;
  if (!values.empty()) {
    auto metric = addAccuracy(module, values, problem);
    if (failed(metric))
      return failure();
    if (name.empty())
      name = *metric;
  }
  return chooseObjective(module, name.empty() ? "macs" : name, latencies,
                         problem);
}

/// Adds what a weighted sum of the devices' latencies and of their bounds is.
/// Sums of rounded parts: each at most half a nanosecond, bounds rounded up.
static void addWeighted(ArrayRef<const CostSetup *> setups,
                        ArrayRef<double> weights, search::Problem &problem) {
  std::vector<search::Term> latency, bound;
  size_t metrics = problem.metrics.size();
  for (const search::Term &term : problem.terms) {
    search::Term &mean = latency.emplace_back(term);
    search::Term &high = bound.emplace_back(term);
    mean.costs.clear();
    high.costs.clear();
    for (size_t entry = 0; entry < term.costs.size(); entry += metrics) {
      double sum = 0, sumHigh = 0;
      for (auto [index, setup] : llvm::enumerate(setups)) {
        double share = weights[index] * double(term.costs[entry + index]);
        sum += share;
        sumHigh += share * std::exp(setup->networkInterval().second);
      }
      mean.costs.push_back(search::Cost(std::nearbyint(sum)));
      high.costs.push_back(search::Cost(std::ceil(sumHigh)));
    }
  }
  addMetric(problem, {kWeightedLatency.str(), "ns"}, std::move(latency));
  addMetric(problem, {kWeightedBound.str(), "ns"}, std::move(bound));
}

LogicalResult gnomon::addLimits(ModuleOp module, const ArchitectureQuery &query,
                                size_t latencies, search::Problem &problem) {
  for (const MetricLimit &limit : query.limits) {
    size_t index = latencies;
    while (index < problem.metrics.size() &&
           problem.metrics[index].name != limit.metric)
      ++index;
    if (index == problem.metrics.size())
      return fail(module, "limit: no metric '" + limit.metric + "'");
    double ticks = limit.atMost * ticksPerUnit(problem.metrics[index]);
    if (!(ticks >= 0))
      return fail(module, "limit: expected a number of at least 0 for '" +
                              limit.metric + "'");
    problem.limits.push_back(
        {uint32_t(index), search::Cost(std::min(ticks, 1e18)), std::nullopt});
  }
  return success();
}

double gnomon::ticksPerUnit(const search::Metric &metric) {
  if (metric.unit == "ns")
    return 1e3; // reported in microseconds
  if (metric.unit == "nJ")
    return 1e6; // reported in mJ
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

/// Metric and trade-off of an objective; "" for what it does not name.
std::pair<std::string, std::string> gnomon::partsOf(StringRef objective) {
  auto [first, second] = objective.rsplit(':');
  const bool isForm =
      second.empty() && (first == "hard" || search::tradeoffNamed(first));
  StringRef metric = isForm ? StringRef() : first;
  StringRef form = isForm ? first : second;
  return {metric.str(), form == "hard" ? "" : form.str()};
}

static llvm::Error checkForm(const ArchitectureQuery &query, StringRef tradeoff,
                             bool isJudged) {
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
  if (!query.latencyModel.empty() && query.algorithm != "la-dnas")
    return llvm::createStringError("latency-model: expected la-dnas, which "
                                   "follows its gradients; found '" +
                                   query.algorithm + "'");
  if (!query.latencyModel.empty() &&
      (query.budgetsUs.empty() || query.sure != 0 || !tradeoff.empty() ||
       query.devices == DevicesObjective::Weighted))
    return llvm::createStringError(
        "latency-model: expected a budget of one device that is kept by its "
        "bound: no trade-off, no weights, no probability");
  if (query.algorithm == "candidates" && !isJudged)
    return llvm::createStringError(
        "algorithm: expected an accuracy network for 'candidates'; a metric "
        "alone is solved by the exact search");
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

/// The learned latency of the query; null: there is none.
static FailureOr<std::unique_ptr<LearnedLatency>>
learnedLatency(ModuleOp module, const ArchitectureQuery &query,
               ArchitectureFront &front) {
  if (query.latencyModel.empty())
    return std::unique_ptr<LearnedLatency>();
  if (front.numLatencies != 1)
    return fail(module, "latency-model: expected one device, found " +
                            llvm::Twine(front.numLatencies));
  auto learned =
      LearnedLatency::load(query.latencyModel, module, front.space.problem);
  if (!learned)
    return fail(module,
                "latency-model: " + llvm::toString(learned.takeError()));
  front.latencyModel = (*learned)->name();
  return std::move(*learned);
}

static LogicalResult checkQuery(ModuleOp module,
                                ArrayRef<const CostSetup *> setups,
                                const ArchitectureQuery &query) {
  if (query.algorithm == "hao")
    return fail(module,
                "algorithm: hao makes accelerators for an FPGA instead of "
                "asking a bundle: expected `gnomon search --algorithm hao "
                "--fpga`, or the option fpga of the pass");
  if (!search::findAlgorithm(query.algorithm))
    return fail(module, "algorithm: no '" + query.algorithm +
                            "', expected one of: " + algorithmNames() +
                            ", hao");
  if (query.sure != 0)
    for (const CostSetup *setup : setups)
      if (llvm::Error error =
              setup->errors().check(setup->bundleName(), query.sure))
        return fail(module, llvm::toString(std::move(error)));
  return success();
}

/// The problem without objective and limits.
static FailureOr<ArchitectureFront>
readProblem(ModuleOp module, ArrayRef<const CostSetup *> setups,
            const ArchitectureQuery &query) {
  SpaceAnalysisOptions options;
  options.peakMemory = query.peakMemory;
  options.fileSize = query.fileSize;
  options.energy = query.energy;
  auto space = analyzeSpace(module, setups, options);
  if (failed(space))
    return failure();
  ArchitectureFront front;
  front.space = std::move(*space);
  front.numLatencies = setups.size();
  if (auto name = module->getAttrOfType<StringAttr>(spaceAttrName))
    front.space.problem.name = name.str();
  return front;
}

/// Adds objective and limits.
static LogicalResult pose(ModuleOp module, ArrayRef<const CostSetup *> setups,
                          const ArchitectureQuery &query, bool isJudged,
                          ArchitectureFront &front) {
  front.tradeoff = partsOf(query.objective).second;
  if (llvm::Error error = checkForm(query, front.tradeoff, isJudged))
    return fail(module, llvm::toString(std::move(error)));
  search::Problem &problem = front.space.problem;
  auto objective =
      takeObjective(module, query, isJudged, front.numLatencies, problem);
  if (failed(objective))
    return failure();
  front.objective = *objective;
  front.space.spreads.resize(setups.size());
  if (query.devices == DevicesObjective::Weighted)
    addWeighted(setups, query.weights, problem);
  return addLimits(module, query, front.numLatencies, problem);
}

/// Finds the front and answers the budgets.
static LogicalResult solve(ModuleOp module, ArrayRef<const CostSetup *> setups,
                           const ArchitectureQuery &query,
                           search::Evaluator *judge, ArchitectureFront &front) {
  front.algorithm = algorithmFor(query, judge);
  std::optional<ComparedJudge> compared;
  if (judge)
    compared.emplace(*judge, front);
  auto learned = learnedLatency(module, query, front);
  if (failed(learned))
    return failure();
  Searcher searcher(module, setups, query, compared ? &*compared : nullptr,
                    learned->get(), front);
  bool hasFront = StringRef(front.algorithm).ends_with("candidates") ||
                  front.algorithm == "exact";
  auto meets = searcher.meetsLimits();
  if (failed(meets) || (*meets && hasFront && failed(searcher.findFront())))
    return failure();
  if (compared)
    judgeFront(*compared, query.seed, front);
  for (double budgetUs : query.budgetsUs) {
    auto answer = searcher.answer(budgetUs);
    if (failed(answer) ||
        (answer->best &&
         failed(verifyLatencies(module, setups, front.space, *answer->best))) ||
        (query.explain && failed(searcher.explain(*answer))))
      return failure();
    front.answers.push_back(std::move(*answer));
  }
  if (*meets && !hasFront && failed(searcher.frontOfAnswers()))
    return failure();
  return front.points.empty()
             ? success()
             : verifyLatencies(module, setups, front.space, front.best());
}

FailureOr<ArchitectureFront>
gnomon::searchArchitecture(ModuleOp module, ArrayRef<const CostSetup *> setups,
                           const ArchitectureQuery &query) {
  if (failed(checkQuery(module, setups, query)))
    return failure();
  auto front = readProblem(module, setups, query);
  if (failed(front))
    return failure();
  auto judge = makeJudge(module, query, front->space.problem);
  if (!judge)
    return fail(module, llvm::toString(judge.takeError()));
  setups = query.targets(setups);
  if (failed(pose(module, setups, query, bool(*judge), *front)))
    return failure();
  LogicalResult solved =
      query.perDevice
          ? findPerDevice(module, setups, query, bool(*judge), *front)
          : solve(module, setups, query, judge->get(), *front);
  if (failed(solved))
    return failure();
  return front;
}
