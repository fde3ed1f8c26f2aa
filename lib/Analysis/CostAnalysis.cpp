// SPDX-License-Identifier: Apache-2.0
// What a module costs: kernels, estimates, networks, and what covers them.

#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Analysis/KernelFeatures.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include <cmath>
#include <numeric>

using namespace gnomon;
using namespace mlir;

//===- Kernels and their estimates ----------------------------------------===//

/// Rows that no model can tell apart have the same key.
static std::string cacheKey(const FeatureRow &row) {
  std::string key(reinterpret_cast<const char *>(row.values().data()),
                  row.values().size() * sizeof(double));
  key += char(unsigned(row.kind));
  key += row.isComplete() ? row.dtype : StringRef("?");
  return key;
}

std::vector<Estimate> CachedCosts::estimate(ArrayRef<FeatureRow> rows) {
  std::vector<std::map<std::string, Estimate>::iterator> places, fresh;
  std::vector<FeatureRow> asked;
  for (const FeatureRow &row : rows) {
    auto [place, isNew] = known.try_emplace(cacheKey(row));
    places.push_back(place);
    if (!isNew)
      continue;
    fresh.push_back(place);
    asked.push_back(row);
  }
  std::vector<Estimate> answers(asked.size());
  model.estimate(asked, answers);
  for (auto [place, answer] : llvm::zip_equal(fresh, answers))
    place->second = answer;
  std::vector<Estimate> result;
  for (auto place : places)
    result.push_back(place->second);
  return result;
}

static LocationAttr findLocation(const Kernel &kernel, Location fallback) {
  if (kernel.anchor)
    return kernel.anchor->getLoc();
  return kernel.outputs.empty() ? fallback : kernel.outputs.front().getLoc();
}

static KernelCost describe(Kernel kernel, const LoadTimeAnalysis &loadTime,
                           const DeviceSpec &device, Location fallback) {
  KernelCost cost;
  cost.location = findLocation(kernel, fallback);
  cost.kernel = std::move(kernel);
  std::optional<FeatureRow> row = kernelFeatures(cost.kernel, loadTime);
  if (row) {
    cost.row = *row;
    cost.reason = row->gap.str();
  } else {
    cost.row.gap = "no extractor";
    cost.reason =
        "no feature extractor knows '" + operatorName(cost.kernel.anchor) + "'";
  }
  if (cost.row.isComplete() && cost.row.kind != KernelKind::free)
    cost.rooflineUs =
        device.rooflineUs(cost.row.flops(), cost.row.bytes(), cost.row.dtype);
  return cost;
}

std::vector<KernelCost> gnomon::describeKernels(func::FuncOp function,
                                                const RuntimeRules &rules,
                                                const DeviceSpec &device) {
  LoadTimeAnalysis loadTime(function);
  KernelOptions options;
  if (device.simdBits)
    options.simdBits = unsigned(*device.simdBits);
  std::vector<KernelCost> result;
  for (Kernel &kernel : formKernels(function, rules, options))
    result.push_back(
        describe(std::move(kernel), loadTime, device, function.getLoc()));
  return result;
}

//===- Networks -----------------------------------------------------------===//

static std::vector<Operation *> freeOperations(const FunctionCost &cost) {
  llvm::DenseSet<Operation *> inKernels;
  for (const KernelCost &kernel : cost.kernels)
    inKernels.insert(kernel.kernel.ops.begin(), kernel.kernel.ops.end());
  LoadTimeAnalysis loadTime(cost.function);
  std::vector<Operation *> result;
  func::FuncOp function = cost.function;
  function.walk([&](Operation *op) {
    if (!inKernels.contains(op) && loadTime.isLoadTime(op) && !isConstant(op))
      result.push_back(op);
  });
  return result;
}

/// Sums the kernels up to the network and to its sources.
static void sumUp(FunctionCost &cost, const CostSetup &setup) {
  double sum = 0, kernels = 0;
  for (const KernelCost &kernel : cost.kernels) {
    SourceShare &share = cost.sources[unsigned(kernel.estimate.source)];
    share.ops += kernel.opCount();
    if (kernel.row.has(Feature::flops))
      share.flops += kernel.row.flops() * double(kernel.kernel.runs);
    share.latencyUs += kernel.estimate.latencyUs;
    sum += kernel.estimate.latencyUs;
    if (kernel.estimate.source != Source::Free &&
        kernel.estimate.source != Source::Unsupported)
      kernels += double(kernel.kernel.runs);
  }
  cost.sources[unsigned(Source::Free)].ops += cost.freeOps.size();
  const NetworkModel &network = setup.bundle().network;
  auto [low, high] = logInterval(network.intervals, setup.confidence());
  cost.latencyUs = std::max(0.0, network.latencyUs(sum, kernels));
  cost.lowUs = cost.latencyUs * std::exp(low);
  cost.highUs = cost.latencyUs * std::exp(high);
}

std::vector<size_t> FunctionCost::dearestFirst() const {
  std::vector<size_t> order(kernels.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) {
    double left = kernels[a].estimate.latencyUs;
    double right = kernels[b].estimate.latencyUs;
    return left != right ? left > right : a < b;
  });
  return order;
}

static void estimateKernels(FunctionCost &cost, CachedCosts &costs) {
  std::vector<FeatureRow> rows;
  for (const KernelCost &kernel : cost.kernels)
    rows.push_back(kernel.row);
  std::vector<Estimate> estimates = costs.estimate(rows);
  for (auto [kernel, estimate] : llvm::zip_equal(cost.kernels, estimates)) {
    double runs = double(kernel.kernel.runs);
    kernel.estimate = {estimate.latencyUs * runs, estimate.lowUs * runs,
                       estimate.highUs * runs, estimate.source};
  }
}

static size_t findEntry(ArrayRef<FunctionCost> functions) {
  auto index = [&](auto predicate) {
    return llvm::find_if(functions, predicate) - functions.begin();
  };
  size_t main = index([](const FunctionCost &cost) {
    return func::FuncOp(cost.function).getName() == "main";
  });
  if (main < functions.size())
    return main;
  size_t first = index([](const FunctionCost &cost) {
    return func::FuncOp(cost.function).isPublic();
  });
  return first < functions.size() ? first : 0;
}

ModuleCost gnomon::analyzeCost(ModuleOp module, const CostSetup &setup) {
  ForestCostModel model(setup.bundle(), setup.device(), setup.confidence());
  CachedCosts costs(model);
  ModuleCost result;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    FunctionCost &cost = result.functions.emplace_back();
    cost.function = function;
    cost.kernels = describeKernels(function, setup.rules(), setup.device());
    cost.freeOps = freeOperations(cost);
    estimateKernels(cost, costs);
    sumUp(cost, setup);
  }
  result.entry = findEntry(result.functions);
  return result;
}

//===- Setup --------------------------------------------------------------===//

std::string gnomon::targetDevice(ModuleOp module) {
  auto system = module->getAttrOfType<TargetSystemSpecAttr>(
      DLTIDialect::kTargetSystemDescAttrName);
  if (!system)
    return "";
  for (const DataLayoutEntryInterface &device : system.getEntries()) {
    auto spec = dyn_cast<TargetDeviceSpecAttr>(device.getValue());
    if (!spec)
      continue;
    for (const DataLayoutEntryInterface &entry : spec.getEntries()) {
      auto key = dyn_cast<StringAttr>(entry.getKey());
      auto value = dyn_cast<StringAttr>(entry.getValue());
      if (key && value && key.getValue() == "gnomon.device")
        return value.str();
    }
  }
  return "";
}

llvm::Expected<std::unique_ptr<CostSetup>> CostSetup::load(StringRef bundle,
                                                           StringRef device,
                                                           ModuleOp module,
                                                           double confidence) {
  auto setup = std::make_unique<CostSetup>();
  auto loaded = ModelBundle::load(bundle);
  if (!loaded)
    return loaded.takeError();
  setup->loadedBundle = std::move(*loaded);
  if (llvm::Error error = setup->bundle().checkConfidence(confidence))
    return std::move(error);
  setup->wantedConfidence = confidence;
  std::string wanted = device.empty() ? targetDevice(module) : device.str();
  llvm::Expected<DeviceSpec> spec = setup->bundle().findDevice(wanted);
  if (!spec)
    return spec.takeError();
  setup->spec = std::move(*spec);
  llvm::Expected<RuntimeRules> rules =
      parseRuntimeRules(*setup->bundle().runtimeRules);
  if (!rules)
    return rules.takeError();
  setup->runtimeRules = std::move(*rules);
  return setup;
}
