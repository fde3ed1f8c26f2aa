// SPDX-License-Identifier: Apache-2.0
// The passes on supernets: options in, one library function, diagnostics out.

#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Spaces/Rules.h"
#include "gnomon/Spaces/Space.h"
#include "gnomon/Spaces/SpaceFile.h"
#include "gnomon/Support/Files.h"
#include "gnomon/Transforms/ArchitectureSearch.h"
#include "gnomon/Transforms/Choices.h"
#include "gnomon/Transforms/FpgaSearch.h"
#include "gnomon/Transforms/Passes.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

namespace gnomon {
#define GEN_PASS_DEF_BUILDSPACEPASS
#define GEN_PASS_DEF_MATERIALIZECHOICESPASS
#define GEN_PASS_DEF_PRUNESPACEPASS
#define GEN_PASS_DEF_SEARCHARCHITECTUREPASS
#include "gnomon/Transforms/Passes.h.inc"
} // namespace gnomon

using namespace gnomon;
using namespace mlir;

/// `decision=option` pairs; one that is none is an error at the module.
static FailureOr<std::map<std::string, std::string>>
parseSelection(ModuleOp module, ArrayRef<std::string> pairs) {
  std::map<std::string, std::string> selection;
  for (StringRef pair : pairs) {
    auto [name, option] = pair.split('=');
    if (name.empty() || option.empty())
      return emitError(module.getLoc())
             << "selection: expected decision=option, found '" << pair << "'";
    if (!selection.emplace(name, option).second)
      return emitError(module.getLoc())
             << "selection: @" << name << " is selected twice";
  }
  return selection;
}

namespace {

struct BuildSpace : gnomon::impl::BuildSpacePassBase<BuildSpace> {
  using BuildSpacePassBase::BuildSpacePassBase;

  const Space *find() {
    if (const Space *found = findSpace(space))
      return found;
    InFlightDiagnostic diagnostic = emitError(getOperation().getLoc())
                                    << "space: no '" << space
                                    << "', expected one of: ";
    llvm::interleaveComma(allSpaces(), diagnostic, [&](const Space *known) {
      diagnostic << known->name();
    });
    return nullptr;
  }

  LogicalResult fail(llvm::Error error) {
    return emitError(getOperation().getLoc())
           << llvm::toString(std::move(error));
  }

  LogicalResult buildFrom(const Space &space) {
    ModuleOp module = getOperation();
    if (!module.getBody()->empty())
      return module.emitError("expected an empty module to build the space in");
    SpaceOptions options;
    options.resolutions.assign(resolutions.begin(), resolutions.end());
    options.widthMult = widthMult;
    options.batch = batch;
    auto built = space.build(getContext(), options);
    if (!built)
      return fail(built.takeError());
    for (NamedAttribute attribute : (**built)->getAttrs())
      module->setAttr(attribute.getName(), attribute.getValue());
    module.getBody()->getOperations().splice(
        module.getBody()->end(), (*built)->getBody()->getOperations());
    return success();
  }

  LogicalResult run() {
    int given = !space.empty() + !spaceFile.empty() + !rules.empty();
    if (given != 1)
      return emitError(getOperation().getLoc())
             << "expected one of the options space, space-file and rules, "
                "found "
             << given;
    if (!rules.empty()) {
      if (!resolutions.empty() || widthMult != 0 || batch != 1)
        return emitError(getOperation().getLoc())
               << "resolutions, width-mult and batch are those of the network, "
                  "expected rules alone";
      auto read = readSpaceRules(rules);
      return read ? buildSpaceByRules(getOperation(), *read)
                  : fail(read.takeError());
    }
    if (!spaceFile.empty()) {
      auto loaded = loadSpaceFile(spaceFile);
      return loaded ? buildFrom(**loaded) : fail(loaded.takeError());
    }
    const Space *named = find();
    return named ? buildFrom(*named) : failure();
  }

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }
};

struct PruneSpace : gnomon::impl::PruneSpacePassBase<PruneSpace> {
  using PruneSpacePassBase::PruneSpacePassBase;

  void runOnOperation() override {
    auto setup = CostSetup::load(bundle, device, getOperation(), 0);
    if (!setup) {
      emitError(getOperation().getLoc()) << llvm::toString(setup.takeError());
      return signalPassFailure();
    }
    if (failed(pruneSpace(getOperation(), **setup, keep, capacity)))
      signalPassFailure();
  }
};

struct SearchArchitecture
    : gnomon::impl::SearchArchitecturePassBase<SearchArchitecture> {
  using SearchArchitecturePassBase::SearchArchitecturePassBase;

  /// An error about options.
  LogicalResult fail(const llvm::Twine &message) {
    return emitError(getOperation().getLoc()) << message;
  }

  LogicalResult write(llvm::json::Object report) {
    if (outputFile.empty())
      return success();
    std::string text =
        llvm::formatv("{0:2}\n", llvm::json::Value(std::move(report)));
    if (llvm::Error error = writeWholeFile(outputFile, text))
      return fail(llvm::toString(std::move(error)));
    return success();
  }

  LogicalResult checkFpga() {
    if (algorithm != "hao")
      return fpga.empty() && bits.empty()
                 ? success()
                 : fail("fpga, bits: expected algorithm=hao, found '" +
                        llvm::Twine(algorithm) + "'");
    if (fpga.empty())
      return fail("algorithm: hao makes accelerators for an FPGA: expected "
                  "fpga=FILE.json");
    if (!bundle.empty() || !device.empty() || confidence != 0 || sure != 0 ||
        !latencyModel.empty())
      return fail("bundle, device, confidence, sure, latency-model: mean "
                  "nothing to hao, which asks no bundle");
    return success();
  }

  LogicalResult runForFpga() {
    auto document = JsonDocument::load(fpga);
    if (!document)
      return fail(llvm::toString(document.takeError()));
    auto part = parseFpga(document->root());
    if (!part)
      return fail(llvm::toString(part.takeError()));
    FpgaQuery query{makeQuery(), *part};
    if (!bits.empty())
      query.widths.clear();
    for (int64_t width : bits)
      query.widths.push_back({width, {}});
    auto front = searchForFpga(getOperation(), query);
    if (failed(front) ||
        failed(write(fpgaFrontReport(getOperation(), query, *front))))
      return failure();
    const HaoPoint *best = front->best(query.fpga, maxLatencyUs, 0);
    if (!best)
      return refuseFpga(query, *front);
    return recordSelection(
        getOperation(),
        selectionOf(front->space.problem, best->solution.assignment));
  }

  LogicalResult refuseFpga(const FpgaQuery &query, const FpgaFront &front) {
    if (const HaoPoint *fastest = front.fastest(0))
      return fail(llvm::formatv(
          "no network was found that keeps {0:f3} us on '{1}': the fastest "
          "takes {2:f3} us",
          double(maxLatencyUs), query.fpga.name,
          double(fastest->mapping.latencyCycles) / query.fpga.clockHz * 1e6));
    return fail("no accelerator for a network of this space fits '" +
                query.fpga.name + "'");
  }

  ArchitectureQuery makeQuery() {
    ArchitectureQuery query;
    query.algorithm = algorithm;
    query.evaluations = evaluations;
    query.hasProxy = !proxy.empty();
    query.objective = objective;
    query.accuracy = accuracy;
    query.standIn = standIn;
    query.latencyModel = latencyModel;
    query.sure = sure;
    query.seed = seed;
    query.reject = constraint == "reject";
    if (maxLatencyUs > 0)
      query.budgetsUs = {maxLatencyUs};
    return query;
  }

  LogicalResult checkOptions() {
    if (constraint != "reject" && constraint != "repair")
      return emitError(getOperation().getLoc())
             << "constraint: expected 'repair' or 'reject', found '"
             << constraint << "'";
    if ((algorithm == "one-proxy") != !proxy.empty())
      return fail("proxy: expected a bundle together with "
                  "algorithm=one-proxy, and only with it");
    if (evaluations == 0)
      return fail("evaluations: expected at least 1, found 0");
    if (std::isfinite(maxLatencyUs) && maxLatencyUs >= 0)
      return success();
    return emitError(getOperation().getLoc())
           << "max-latency-us: expected a finite time of at least 0, found "
           << llvm::formatv("{0}", double(maxLatencyUs)).str();
  }

  /// The one to record, or null after an error that names the fastest.
  const FoundArchitecture *choose(const ArchitectureFront &front) {
    if (front.answers.empty())
      return &front.best();
    const BudgetAnswer &answer = front.answers.front();
    if (answer.best)
      return &*answer.best;
    const Latency &fastest = answer.reachable.front().slowest();
    if (fastest.highUs <= maxLatencyUs) {
      emitError(getOperation().getLoc())
          << llvm::formatv("none of the {0} networks drawn keeps {1:f3} us, "
                           "though the least "
                           "reachable bound is {2:f3} us: expected "
                           "constraint=repair or a "
                           "greater budget",
                           answer.drawn, double(maxLatencyUs), fastest.highUs)
                 .str();
      return nullptr;
    }
    emitError(getOperation().getLoc())
        << llvm::formatv("no network keeps {0:f3} us: the least reachable "
                         "bound is {1:f3} us (predicted {2:f3} us)",
                         double(maxLatencyUs), fastest.highUs, fastest.us)
               .str();
    return nullptr;
  }

  /// The bundle to ask and the proxy, if there is one.
  LogicalResult load(SmallVectorImpl<std::unique_ptr<CostSetup>> &setups) {
    auto add = [&](const std::string &bundle, const std::string &device,
                   double confidence) -> LogicalResult {
      auto setup = CostSetup::load(bundle, device, getOperation(), confidence);
      if (!setup)
        return fail(llvm::toString(setup.takeError()));
      setups.push_back(std::move(*setup));
      return success();
    };
    if (failed(add(bundle, device, confidence)))
      return failure();
    return proxy.empty() ? success() : add(proxy, "", 0);
  }

  LogicalResult run() {
    if (algorithm == "hao")
      return runForFpga();
    SmallVector<std::unique_ptr<CostSetup>, 2> loaded;
    if (failed(load(loaded)))
      return failure();
    auto setups = llvm::map_to_vector<2>(
        loaded,
        [](const auto &setup) -> const CostSetup * { return setup.get(); });
    const ArchitectureQuery query = makeQuery();
    auto front = searchArchitecture(getOperation(), setups, query);
    if (failed(front) ||
        failed(write(
            frontReport(getOperation(), query.targets(setups), query, *front))))
      return failure();
    const FoundArchitecture *chosen = choose(*front);
    if (!chosen)
      return failure();
    return recordSelection(
        getOperation(),
        selectionOf(front->space.problem, chosen->solution.assignment));
  }

  void runOnOperation() override {
    if (failed(checkOptions()) || failed(checkFpga()) || failed(run()))
      signalPassFailure();
  }
};

struct MaterializeChoices
    : gnomon::impl::MaterializeChoicesPassBase<MaterializeChoices> {
  using MaterializeChoicesPassBase::MaterializeChoicesPassBase;
  void runOnOperation() override {
    auto wanted = parseSelection(getOperation(), selection);
    if (failed(wanted) || failed(recordSelection(getOperation(), *wanted)) ||
        failed(materializeChoices(getOperation())))
      signalPassFailure();
  }
};

} // namespace
