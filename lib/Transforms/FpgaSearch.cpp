// SPDX-License-Identifier: Apache-2.0
// From a supernet to HAO's layers, and what it found as JSON.

#include "gnomon/Transforms/FpgaSearch.h"
#include "Judge.h"
#include "SearchParts.h"
#include "gnomon/Accelerator/Layers.h"
#include "gnomon/Accelerator/Report.h"
#include "gnomon/Analysis/SpaceKernels.h"

using namespace gnomon;
using namespace mlir;

static LogicalResult fail(ModuleOp module, const llvm::Twine &message) {
  return emitError(module.getLoc()) << message;
}

//===- Search -------------------------------------------------------------===//

/// Of kernels that are all layers.
static void addLayers(const SpaceKernels &kernels, LayeredSpace &space) {
  for (auto [number, row] : llvm::enumerate(kernels.rows)) {
    AcceleratorLayer &layer = space.layers.emplace_back(*layerOf(row));
    layer.name = (kernelKindName(row.kind) + "#" + llvm::Twine(number)).str();
  }
  for (const SpaceKernels::Part &part : kernels.parts) {
    LayeredSpace::Part &own = space.parts.emplace_back(
        LayeredSpace::Part{part.scope, part.classes, {}});
    for (const auto &uses : part.entries) {
      auto &layers = own.entries.emplace_back();
      for (auto [row, runs] : uses)
        layers.push_back({row, runs});
    }
  }
}

static FailureOr<LayeredSpace> layersOf(ModuleOp module,
                                        const ArchitectureQuery &query) {
  SpaceAnalysisOptions options;
  options.fileSize = query.fileSize;
  options.energy = query.energy;
  auto counted = analyzeSpace(module, {}, options);
  if (failed(counted))
    return failure();
  auto kernels =
      kernelsOfSpace(counted->structure, RuntimeRules(),
                     [](const FeatureRow &row) { return bool(layerOf(row)); });
  if (failed(kernels))
    return failure();
  LayeredSpace space;
  space.problem = std::move(counted->problem);
  addLayers(*kernels, space);
  return space;
}

static LogicalResult addObjective(ModuleOp module,
                                  const ArchitectureQuery &query, bool isJudged,
                                  FpgaFront &front) {
  std::string tradeoff = partsOf(query.objective).second;
  if (!tradeoff.empty())
    return fail(module, "objective: hao keeps budgets; expected 'hard', found "
                        "'" +
                            tradeoff + "'");
  search::Problem &problem = front.space.problem;
  auto objective = takeObjective(module, query, isJudged, 0, problem);
  if (failed(objective))
    return failure();
  front.objective = *objective;
  return addLimits(module, query, 0, problem);
}

FailureOr<FpgaFront> gnomon::searchForFpga(ModuleOp module,
                                           const FpgaQuery &query) {
  const ArchitectureQuery &networks = query.networks;
  auto space = layersOf(module, networks);
  if (failed(space))
    return failure();
  FpgaFront front;
  front.space = std::move(*space);
  auto judge = makeJudge(module, networks, front.space.problem);
  if (!judge)
    return fail(module, llvm::toString(judge.takeError()));
  front.isJudged = bool(*judge);
  if (failed(addObjective(module, networks, front.isJudged, front)))
    return failure();
  HaoOptions options;
  options.widths = query.widths;
  options.objective = front.objective;
  options.ticksPerUnit =
      ticksPerUnit(front.space.problem.metrics[front.objective]);
  options.evaluator = judge->get();
  options.seed = networks.seed;
  options.programs = networks.evaluations;
  auto found = searchAccelerators(front.space, query.fpga, options);
  if (!found)
    return fail(module, llvm::toString(found.takeError()));
  front.found = std::move(*found);
  return front;
}

//===- Answers ------------------------------------------------------------===//

static double latencyUs(const HaoPoint &point, const Fpga &fpga) {
  return double(point.mapping.latencyCycles) / fpga.clockHz * 1e6;
}

const HaoPoint *FpgaFront::best(const Fpga &fpga, double budgetUs,
                                int64_t bits) const {
  const HaoPoint *best = nullptr;
  for (const HaoPoint &point : found.points)
    if ((bits == 0 || point.bits == bits) &&
        (budgetUs == 0 || latencyUs(point, fpga) <= budgetUs) &&
        (!best || point.value > best->value))
      best = &point;
  return best;
}

const HaoPoint *FpgaFront::fastest(int64_t bits) const {
  for (const HaoPoint &point : found.points)
    if (bits == 0 || point.bits == bits)
      return &point;
  return nullptr;
}

std::vector<int64_t> gnomon::answeredBits(const FpgaQuery &query,
                                          const FpgaFront &front) {
  if (front.found.isMerged)
    return {0};
  std::vector<int64_t> bits;
  for (const WordLength &width : query.widths)
    bits.push_back(width.bits);
  return bits;
}

//===- Reports ------------------------------------------------------------===//

static llvm::json::Object pointReport(ModuleOp module, const FpgaQuery &query,
                                      const FpgaFront &front,
                                      const HaoPoint &point) {
  const search::Problem &problem = front.space.problem;
  const double us = latencyUs(point, query.fpga);
  llvm::json::Object mapping = mappingReport(point.mapping, query.fpga);
  llvm::json::Object report{
      {"latency_us", us},
      {"low_us", us},
      {"high_us", us},
      {"architecture",
       architectureJson(spaceOf(module, query.networks),
                        selectionOf(problem, point.solution.assignment))},
      {"bits", point.bits}};
  for (llvm::StringRef name : {"frames_per_s", "used", "engines"})
    report[name] = *mapping.get(name);
  for (auto [metric, cost] :
       llvm::zip_equal(problem.metrics, point.solution.costs))
    report[metric.name] = metricValue(metric, cost);
  const search::Metric &objective = problem.metrics[front.objective];
  if (front.isJudged)
    report[objective.name + "_stand_in"] = *report.get(objective.name);
  bool hasLoss = llvm::any_of(query.widths, [&](const WordLength &width) {
    return width.bits == point.bits && width.loss.value_or(0) != 0;
  });
  if (front.isJudged || hasLoss)
    report[objective.name] =
        objective.sense == search::Sense::Maximize ? point.value : -point.value;
  return report;
}

static void reportLimits(const FpgaQuery &query, const FpgaFront &front,
                         llvm::json::Object &report) {
  if (!query.networks.limits.empty()) {
    llvm::json::Object limits;
    for (const MetricLimit &limit : query.networks.limits)
      limits[limit.metric] = limit.atMost;
    report["limits"] = std::move(limits);
  }
  if (!front.found.reachable.empty()) {
    llvm::json::Object least;
    for (const search::Reach &reach : front.found.reachable) {
      const search::Metric &metric = front.space.problem.metrics[reach.metric];
      least[metric.name] = metricValue(metric, reach.alone.costs[reach.metric]);
    }
    report["least"] = std::move(least);
  }
}

llvm::json::Object gnomon::fpgaFrontReport(ModuleOp module,
                                           const FpgaQuery &query,
                                           const FpgaFront &front) {
  auto name = module->getAttrOfType<StringAttr>(spaceAttrName);
  const HaoResult &found = front.found;
  llvm::json::Object report = fpgaReport(query.fpga);
  report["schema"] = 1;
  report["space"] = name ? llvm::json::Value(name.getValue()) : nullptr;
  report["device"] = query.fpga.name;
  report["confidence"] = 0;
  report["algorithm"] = "hao";
  report["objective"] = front.space.problem.metrics[front.objective].name;
  report["seed"] = int64_t(query.networks.seed);
  report["evaluations"] = int64_t(found.programs);
  report["impossible"] = int64_t(found.impossible);
  report["exact_gap"] =
      found.isWhole ? llvm::json::Value(0) : llvm::json::Value(nullptr);
  report["merged"] = found.isMerged;
  llvm::json::Object losses;
  llvm::json::Array bits;
  for (const WordLength &width : query.widths) {
    bits.push_back(width.bits);
    if (width.loss)
      losses[std::to_string(width.bits)] = *width.loss;
  }
  report["bits"] = std::move(bits);
  report["losses"] = std::move(losses);
  llvm::json::Array points;
  for (const HaoPoint &point : found.points)
    points.push_back(::pointReport(module, query, front, point));
  report["points"] = std::move(points);
  if (found.points.empty() && found.least)
    report["least_resources"] = resourcesReport(*found.least);
  reportLimits(query, front, report);
  return report;
}

llvm::json::Array gnomon::fpgaAnswersReport(ModuleOp module,
                                            const FpgaQuery &query,
                                            const FpgaFront &front) {
  llvm::json::Array answers;
  const std::vector<int64_t> widths = answeredBits(query, front);
  for (double budgetUs : query.networks.budgetsUs)
    for (int64_t bits : widths) {
      llvm::json::Object entry{{"max_latency_us", budgetUs}, {"best", nullptr}};
      if (bits)
        entry["bits"] = bits;
      if (const HaoPoint *best = front.best(query.fpga, budgetUs, bits)) {
        entry["best"] = ::pointReport(module, query, front, *best);
        entry["selection"] = selectionJson(
            selectionOf(front.space.problem, best->solution.assignment));
      } else if (const HaoPoint *fastest = front.fastest(bits)) {
        entry["reachable"] = llvm::json::Object{
            {query.fpga.name, ::pointReport(module, query, front, *fastest)}};
      }
      answers.push_back(std::move(entry));
    }
  return answers;
}
