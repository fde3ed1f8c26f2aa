// SPDX-License-Identifier: Apache-2.0
// What a module costs: kernels, estimates, networks, and what covers them.

#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Analysis/KernelFeatures.h"
#include "gnomon/Analysis/TableCost.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <cstring>
#include <numeric>

using namespace gnomon;
using namespace mlir;

//===- Kernels and their estimates ----------------------------------------===//

/// Whether no model can tell the rows apart: NaN equals NaN.
static bool sameRow(const FeatureRow &a, const FeatureRow &b) {
  return a.kind == b.kind && a.dtype == b.dtype && a.gap == b.gap &&
         std::memcmp(a.values().data(), b.values().data(),
                     a.values().size() * sizeof(double)) == 0;
}

size_t UniqueRows::add(const FeatureRow &row) {
  ArrayRef<double> values = row.values();
  uint64_t hash = llvm::xxh3_64bits(
      ArrayRef<uint8_t>(reinterpret_cast<const uint8_t *>(values.data()),
                        values.size() * sizeof(double)));
  auto [begin, end] = byHash.equal_range(hash);
  for (auto place = begin; place != end; ++place)
    if (sameRow(known[place->second], row))
      return place->second;
  known.push_back(row);
  byHash.emplace(hash, known.size() - 1);
  return known.size() - 1;
}

llvm::Expected<std::vector<Estimate>>
CachedCosts::estimate(ArrayRef<const FeatureRow *> asked) {
  std::vector<size_t> indices;
  indices.reserve(asked.size());
  llvm::DenseMap<const FeatureRow *, size_t> seen;
  for (const FeatureRow *row : asked) {
    auto [entry, inserted] = seen.try_emplace(row);
    if (inserted)
      entry->second = rows.add(*row);
    indices.push_back(entry->second);
  }
  std::vector<Estimate> fresh(rows.size() - answers.size());
  if (llvm::Error error =
          model.estimate(rows.rows().drop_front(answers.size()), fresh))
    return std::move(error);
  llvm::append_range(answers, fresh);
  std::vector<Estimate> result;
  result.reserve(indices.size());
  for (size_t index : indices)
    result.push_back(answers[index]);
  return result;
}

LocationAttr gnomon::locationOf(const Kernel &kernel, Location fallback) {
  if (kernel.anchor)
    return kernel.anchor->getLoc();
  return kernel.outputs.empty() ? fallback : kernel.outputs.front().getLoc();
}

FeatureRow gnomon::rowOfUnknown() {
  FeatureRow row;
  row.gap = "no extractor";
  return row;
}

StringRef KernelCost::kindName() const {
  return row ? kernelKindName(row->kind) : "block";
}

double KernelCost::flops() const {
  return row ? row->flops() : std::numeric_limits<double>::quiet_NaN();
}

double KernelCost::bytes() const {
  return row ? row->bytes() : std::numeric_limits<double>::quiet_NaN();
}

static void describe(KernelCost &cost, Kernel &&kernel, KernelRows &rows,
                     const DeviceSpec &device, Location fallback) {
  cost.location = locationOf(kernel, fallback);
  cost.kernel = std::move(kernel);
  cost.row = rows.get(cost.kernel);
  if (cost.row) {
    cost.reason = cost.row->gap.str();
  } else {
    cost.row = std::make_shared<const FeatureRow>(rowOfUnknown());
    cost.reason =
        "no feature extractor knows '" + operatorName(cost.kernel.anchor) + "'";
  }
  if (cost.row->isComplete() && cost.row->kind != KernelKind::free)
    cost.rooflineUs = device.rooflineUs(cost.row->flops(), cost.row->bytes(),
                                        cost.row->dtype);
}

static std::vector<KernelCost>
describeKernels(func::FuncOp function, const RuntimeRules &rules,
                const DeviceSpec &device, const LoadTimeAnalysis &loadTime) {
  KernelOptions options;
  if (device.simdBits)
    options.simdBits = unsigned(*device.simdBits);
  std::vector<Kernel> kernels = formKernels(function, rules, options);
  std::vector<KernelCost> result(kernels.size());
  KernelRows rows(function.getContext(), loadTime);
  for (auto [index, kernel] : llvm::enumerate(kernels)) {
    if (kernel.name.empty())
      kernel.name = kernel.op + "#" + std::to_string(index);
    describe(result[index], std::move(kernel), rows, device, function.getLoc());
  }
  return result;
}

std::vector<KernelCost> gnomon::describeKernels(func::FuncOp function,
                                                const RuntimeRules &rules,
                                                const DeviceSpec &device) {
  return ::describeKernels(function, rules, device, LoadTimeAnalysis(function));
}

//===- Networks -----------------------------------------------------------===//

static std::vector<Operation *>
freeOperations(const FunctionCost &cost, const LoadTimeAnalysis &loadTime) {
  std::vector<Operation *> result = loadTime.work();
  if (result.empty())
    return result;
  llvm::DenseSet<Operation *> inKernels;
  for (const KernelCost &kernel : cost.kernels)
    inKernels.insert(kernel.kernel.ops.begin(), kernel.kernel.ops.end());
  llvm::erase_if(result, [&](Operation *op) { return inKernels.contains(op); });
  return result;
}

void FunctionCost::sumUp(int64_t constantNs, const CostSetup &setup) {
  latencyNs = constantNs;
  for (const KernelCost &kernel : kernels) {
    SourceShare &share = sources[unsigned(kernel.estimate.source)];
    share.ops += kernel.opCount();
    if (!kernel.row || kernel.row->has(Feature::flops))
      share.flops += kernel.flops() * double(kernel.kernel.runs);
    share.latencyUs += kernel.estimate.latencyUs;
    if (llvm::AddOverflow(latencyNs, kernel.shareNs, latencyNs))
      latencyNs = std::numeric_limits<int64_t>::max();
  }
  sources[unsigned(Source::Free)].ops += freeOps.size();
  auto [low, high] = setup.networkInterval();
  latencyUs = double(latencyNs) / 1e3;
  lowUs = latencyUs * std::exp(low);
  highUs = latencyUs * std::exp(high);
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

/// Why an estimate is not `predicted`.
static std::string reasonFor(Source source, const FeatureRow &row,
                             const ModelBundle &bundle,
                             const DeviceSpec &device) {
  StringRef kind = kernelKindName(row.kind);
  if (source == Source::Roofline)
    return ("the bundle has no model for '" + kind + "'").str();
  if (source != Source::Extrapolated)
    return "";
  const KindModel &model = bundle.kinds.at(row.kind);
  KernelOnDevice kernel = model.place(row, device);
  const KindModel::Range *range = model.outsideRange(row, kernel);
  if (!range)
    return "";
  std::string result;
  llvm::raw_string_ostream os(result);
  os << range->column.name();
  double value = range->column.get(row, kernel);
  if (std::isnan(value))
    os << " is not known of the device '" << device.name << "'";
  else
    os << llvm::format(" %.6g is outside the training range %.6g..%.6g", value,
                       range->low, range->high);
  return result;
}

static llvm::Error estimateKernels(FunctionCost &cost, CachedCosts &costs,
                                   const KernelSetup &setup) {
  std::vector<const FeatureRow *> rows;
  for (const KernelCost &kernel : cost.kernels)
    rows.push_back(kernel.row.get());
  llvm::Expected<std::vector<Estimate>> estimates = costs.estimate(rows);
  if (!estimates)
    return estimates.takeError();
  for (auto [kernel, estimate] : llvm::zip_equal(cost.kernels, *estimates)) {
    double runs = double(kernel.kernel.runs);
    kernel.estimate = {estimate.latencyUs * runs, estimate.lowUs * runs,
                       estimate.highUs * runs, estimate.source};
    kernel.shareNs =
        setup.bundle().network.shareNs(kernel.estimate, kernel.kernel.runs);
    if (estimate.source != Source::Unsupported)
      kernel.reason = reasonFor(estimate.source, *kernel.row, setup.bundle(),
                                setup.device());
  }
  return llvm::Error::success();
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

static llvm::Error costKernels(ModuleOp module, const KernelSetup &setup,
                               std::vector<FunctionCost> &functions) {
  ForestCostModel model(setup.bundle(), setup.device(), setup.confidence());
  CachedCosts costs(model);
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    FunctionCost &cost = functions.emplace_back();
    cost.function = function;
    LoadTimeAnalysis loadTime(function);
    cost.kernels =
        ::describeKernels(function, setup.rules(), setup.device(), loadTime);
    cost.freeOps = freeOperations(cost, loadTime);
    if (llvm::Error error = estimateKernels(cost, costs, setup))
      return error;
    cost.sumUp(setup.bundle().network.constantNs(), setup);
  }
  return llvm::Error::success();
}

FailureOr<ModuleCost> gnomon::analyzeCost(ModuleOp module,
                                          const CostSetup &setup) {
  ModuleCost result;
  if (auto *tables = dyn_cast<TableSetup>(&setup)) {
    if (failed(costBlocks(module, *tables, result.functions)))
      return failure();
  } else if (llvm::Error error = costKernels(module, cast<KernelSetup>(setup),
                                             result.functions)) {
    return emitError(module.getLoc()) << llvm::toString(std::move(error));
  }
  result.entry = findEntry(result.functions);
  return result;
}
