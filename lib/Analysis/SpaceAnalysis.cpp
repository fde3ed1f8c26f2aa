// SPDX-License-Identifier: Apache-2.0
// From a supernet to a search problem: forms, costs and adds up.

#include "gnomon/Analysis/SpaceAnalysis.h"
#include "SpaceSpread.h"
#include "SpaceTables.h"
#include "SpaceTerms.h"
#include "gnomon/Analysis/NetworkCounts.h"
#include "gnomon/Analysis/TableCost.h"

using namespace gnomon;
using namespace mlir;
using search::Cost;

namespace {

/// What the constants that an operation reads take in a file, each once.
static Cost constantBytes(Operation *op) {
  Cost bytes = 0;
  llvm::SmallDenseSet<Value, 8> seen;
  for (Value operand : op->getOperands()) {
    Operation *source = operand.getDefiningOp();
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!source || source->getName().getStringRef() != "onnx.Constant" ||
        !seen.insert(operand).second || !type || !type.hasStaticShape() ||
        !type.getElementType().isIntOrFloat())
      continue;
    unsigned bits = type.getElementType().getIntOrFloatBitWidth();
    bytes += type.getNumElements() * Cost((bits + 7) / 8);
  }
  return bytes;
}

class Analyzer {
public:
  Analyzer(SpaceProblem &result, const SpaceAnalysisOptions &options)
      : result(result), space(result.structure), options(options) {}

  LogicalResult run(ArrayRef<const CostSetup *> setups) {
    search::Problem &problem = result.problem;
    problem.decisions = space.decisions;
    addMetrics(setups);
    SpaceTerms terms(space.decisions, problem.metrics.size(), options.owners);
    if (options.counts)
      for (const SpaceFunction &function : space.functions)
        if (failed(addCounts(function, setups.size(), terms)))
          return failure();
    bool wantsMemory = options.peakMemory;
    for (auto [metric, setup] : llvm::enumerate(setups))
      if (auto *tables = dyn_cast<TableSetup>(setup)) {
        if (failed(addBlocks(*tables, metric, terms)))
          return failure();
      } else {
        if (failed(addKernels(cast<KernelSetup>(*setup), metric, wantsMemory,
                              terms)))
          return failure();
        wantsMemory = false;
      }
    if (options.fileSize && failed(addFileSize(terms)))
      return failure();
    if (options.energy && failed(addEnergy(terms)))
      return failure();
    problem.terms = terms.take(result.owners);
    if (!options.owners)
      result.owners.clear();
    return success();
  }

private:
  LogicalResult fail(const llvm::Twine &message) const {
    return emitError(func::FuncOp(space.functions[0].op).getLoc()) << message;
  }

  void addMetrics(ArrayRef<const CostSetup *> setups) {
    std::vector<search::Metric> &metrics = result.problem.metrics;
    for (const CostSetup *setup : setups)
      metrics.push_back({setups.size() == 1
                             ? "latency"
                             : "latency:" + setup->deviceName().str(),
                         "ns"});
    if (options.counts) {
      metrics.push_back({"macs", "MAC"});
      metrics.push_back({"params", "parameter"});
    }
    if (options.peakMemory)
      metrics.push_back({"peak-memory", "byte", search::Sense::Minimize,
                         search::Combine::Max});
    memoryMetric = metrics.size() - 1;
    if (options.fileSize)
      metrics.push_back({"file-size", "byte"});
    if (options.energy)
      metrics.push_back({"energy", "nJ"});
  }

  /// Constants belong to the sites of the operations that read them.
  LogicalResult addFileSize(SpaceTerms &terms) {
    size_t metric = metricNamed("file-size");
    for (const SpaceFunction &function : space.functions)
      for (const auto &[region, site] : function.siteOf) {
        Cost bytes = 0;
        for (Operation &op : region->getOps())
          bytes += constantBytes(&op);
        if (llvm::Error error =
                terms.addOn(function.sites[site].path, metric, bytes))
          return fail(llvm::toString(std::move(error)));
      }
    return success();
  }

  LogicalResult addEnergy(SpaceTerms &terms) {
    FailureOr<TableCost> cost =
        TableCost::create(space, options.energy->bundle());
    if (failed(cost))
      return failure();
    for (const TableCost::Block &block : cost->blocks())
      if (llvm::Error error = terms.addOn(block.path, metricNamed("energy"),
                                          block.entry->meanNs()))
        return fail(llvm::toString(std::move(error)));
    return success();
  }

  size_t metricNamed(StringRef name) const {
    const auto &metrics = result.problem.metrics;
    return llvm::find_if(metrics,
                         [&](const auto &one) { return one.name == name; }) -
           metrics.begin();
  }

  /// The latency of kernels in all contexts, and with `withMemory` the peak of
  /// activations, which is the last metric.
  LogicalResult addKernels(const KernelSetup &setup, size_t metric,
                           bool withMemory, SpaceTerms &terms) {
    ProbeOptions probing;
    probing.probes = options.probes;
    probing.furtherProbes = options.furtherProbes;
    probing.probesIfShaped = options.probesIfShaped;
    probing.peakMemory = options.peakMemory;
    auto tables = formAllTables(space, setup.rules(), setup.device(), probing);
    if (failed(tables) || failed(addLatency(*tables, setup, metric, terms)))
      return failure();
    if (withMemory)
      addPeakMemory(*tables, memoryMetric, terms);
    return success();
  }

  /// Blocks cost the same in every context: theirs are the site's own
  /// decisions.
  LogicalResult addBlocks(const TableSetup &setup, size_t metric,
                          SpaceTerms &terms) {
    SpaceSpread spread(space.decisions, setup.errors());
    FailureOr<TableCost> cost = TableCost::create(space, setup.bundle());
    if (failed(cost))
      return failure();
    llvm::DenseSet<const TableEntry *> entries;
    for (const TableCost::Block &block : cost->blocks()) {
      entries.insert(block.entry);
      const Cost ns = block.entry->meanNs();
      terms.setOwner(block.owner);
      if (llvm::Error error =
              llvm::joinErrors(terms.addOn(block.path, metric, ns),
                               spread.addOn(block.path, ns)))
        return fail(llvm::toString(std::move(error)));
    }
    result.spreads.push_back(spread.take());
    result.kernels += entries.size();
    return success();
  }

  /// Operations count the same in every context: theirs are the site's own
  /// decisions.
  LogicalResult addCounts(const SpaceFunction &function, size_t metric,
                          SpaceTerms &terms) {
    std::vector<NetworkCounts> counts(function.sites.size());
    for (const auto &[region, site] : function.siteOf)
      for (Operation &op : region->getOps())
        counts[site] += countOperation(&op);
    for (auto [site, count] : llvm::zip_equal(function.sites, counts)) {
      terms.setOwner(space.ownerOf(site));
      for (auto [offset, value] : {std::pair(0, count.macs), {1, count.params}})
        if (llvm::Error error = terms.addOn(site.path, metric + offset, value))
          return fail(llvm::toString(std::move(error)));
    }
    return success();
  }

  LogicalResult addLatency(ArrayRef<FunctionTables> tables,
                           const KernelSetup &setup, size_t metric,
                           SpaceTerms &terms) {
    UniqueRows rows;
    std::vector<std::vector<size_t>> numbers;
    for (const FunctionTables &function : tables) {
      result.networks += function.networks;
      for (std::vector<size_t> &own = numbers.emplace_back();
           const FeatureRow &row : function.rows)
        own.push_back(rows.add(row));
    }
    std::vector<Estimate> estimates(rows.size());
    ForestCostModel model(setup.bundle(), setup.device(), setup.confidence());
    if (llvm::Error error = model.estimate(rows.rows(), estimates))
      return fail(llvm::toString(std::move(error)));
    result.kernels += rows.size();
    warnOfUnsupported(tables, numbers, estimates);
    const NetworkModel &network = setup.bundle().network;
    terms.setOwner(std::nullopt);
    terms.add({}, {}, {}, metric, network.constantNs());
    SpaceSpread spread(space.decisions, setup.errors());
    spread.add({}, {}, {}, {{network.constantNs(), KernelKind::free}});
    for (auto [of, function, own] :
         llvm::zip_equal(space.functions, tables, numbers)) {
      std::vector<std::vector<KernelShare>> shares;
      for (const SiteContent &content : function.contents)
        shares.push_back(sharesOf(content, own, rows, estimates, network));
      const std::vector<Place> places = placesOf(space, of);
      for (auto [where, place] : llvm::zip_equal(places, function.places)) {
        terms.setOwner(where.decision);
        SpaceTerms::Classes classes = withoutTrivial(place.classes);
        for (const auto &[key, content] : place.contents) {
          Cost sum = 0;
          for (const KernelShare &share : shares[content])
            sum += share.ns;
          if (sum == 0)
            continue;
          terms.add(place.scope, classes, key, metric, sum);
          spread.add(place.scope, classes, key, shares[content]);
        }
      }
    }
    result.spreads.push_back(spread.take());
    return success();
  }

  static void addPeakMemory(ArrayRef<FunctionTables> tables, size_t metric,
                            SpaceTerms &terms) {
    terms.setOwner(std::nullopt);
    for (const FunctionTables &function : tables)
      for (const PlaceTable &place : function.places) {
        SpaceTerms::Classes classes = withoutTrivial(place.classes);
        for (const auto &[key, content] : place.contents)
          terms.raise(place.scope, classes, key, metric,
                      function.contents[content].peakBytes);
      }
  }

  /// Where the first network with such a kernel has it.
  static void warnOfUnsupported(ArrayRef<FunctionTables> tables,
                                ArrayRef<std::vector<size_t>> numbers,
                                ArrayRef<Estimate> estimates) {
    llvm::DenseSet<size_t> warned;
    for (auto [function, own] : llvm::zip_equal(tables, numbers))
      for (auto [row, location, number] :
           llvm::zip_equal(function.rows, function.locations, own))
        if (estimates[number].source == Source::Unsupported &&
            warned.insert(number).second)
          emitWarning(Location(location))
              << "no cost for this kernel, which counts as 0: " << row.gap;
  }

  static std::vector<KernelShare> sharesOf(const SiteContent &content,
                                           ArrayRef<size_t> numbers,
                                           const UniqueRows &rows,
                                           ArrayRef<Estimate> estimates,
                                           const NetworkModel &network) {
    std::vector<KernelShare> shares;
    for (auto [row, runs] : content.kernels) {
      const Estimate &one = estimates[numbers[row]];
      double times = double(runs);
      Cost ns = network.shareNs({one.latencyUs * times, one.lowUs * times,
                                 one.highUs * times, one.source},
                                runs);
      shares.push_back({ns, rows.rows()[numbers[row]].kind});
    }
    return shares;
  }

  SpaceProblem &result;
  const SpaceStructure &space;
  const SpaceAnalysisOptions &options;
  size_t memoryMetric = 0; ///< where it is asked for
};

} // namespace

FailureOr<SpaceProblem>
gnomon::analyzeSpace(ModuleOp module, ArrayRef<const CostSetup *> setups,
                     const SpaceAnalysisOptions &options) {
  if (options.peakMemory && llvm::none_of(setups, llvm::IsaPred<KernelSetup>))
    return emitError(module.getLoc())
           << "peak-memory: expected a bundle that knows kernels, found tables "
              "of blocks";
  auto structure = readSpaceStructure(module);
  if (failed(structure))
    return failure();
  SpaceProblem result;
  result.structure = std::move(*structure);
  if (failed(Analyzer(result, options).run(setups)))
    return failure();
  return result;
}

static const SpaceFunction &functionOf(const SpaceStructure &space,
                                       ArrayRef<uint32_t> assignment) {
  for (const SpaceFunction &function : space.functions)
    if (!function.alternative || assignment[function.alternative->decision] ==
                                     function.alternative->option)
      return function;
  return space.functions.front();
}

FailureOr<int64_t> gnomon::materializedLatencyNs(const SpaceStructure &space,
                                                 ArrayRef<uint32_t> assignment,
                                                 const CostSetup &setup) {
  const SpaceFunction &function = functionOf(space, assignment);
  func::FuncOp original = function.op;
  OwningOpRef<ModuleOp> network = ModuleOp::create(original.getLoc());
  if (auto module = original->getParentOfType<ModuleOp>())
    (*network)->setAttrs(module->getAttrDictionary());
  llvm::DenseMap<Operation *, unsigned> sites;
  if (failed(cloneNetwork(space, function, assignment, *network, sites)))
    return failure();
  FailureOr<ModuleCost> cost = analyzeCost(*network, setup);
  if (failed(cost))
    return failure();
  return cost->functions.front().latencyNs;
}
