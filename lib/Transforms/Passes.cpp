// SPDX-License-Identifier: Apache-2.0
// The cost passes: options in, one library function, diagnostics out.

#include "gnomon/Transforms/Passes.h"
#include "gnomon/Analysis/CostReport.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "gnomon/Support/Files.h"
#include "gnomon/Transforms/CostPasses.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include <cmath>

namespace gnomon {
#define GEN_PASS_DEF_ANNOTATECOSTPASS
#define GEN_PASS_DEF_CHECKBUDGETPASS
#define GEN_PASS_DEF_PRINTCOSTPASS
#define GEN_PASS_DEF_RECORDFEATURESPASS
#include "gnomon/Transforms/Passes.h.inc"
} // namespace gnomon

using namespace gnomon;
using namespace mlir;

/// The setup, or null after an error at the module.
static std::unique_ptr<CostSetup> loadSetup(ModuleOp module, StringRef bundle,
                                            StringRef device,
                                            double confidence = 0) {
  auto setup = CostSetup::load(bundle, device, module, confidence);
  if (setup)
    return std::move(*setup);
  emitError(module.getLoc()) << llvm::toString(setup.takeError());
  return nullptr;
}

static LogicalResult write(ModuleOp module, StringRef path, StringRef content) {
  llvm::Error error = writeWholeFile(path, content);
  if (!error)
    return success();
  return emitError(module.getLoc()) << llvm::toString(std::move(error));
}

namespace {

struct RecordFeatures : gnomon::impl::RecordFeaturesPassBase<RecordFeatures> {
  using RecordFeaturesPassBase::RecordFeaturesPassBase;
  void runOnOperation() override {
    markAllAnalysesPreserved();
    auto setup = loadSetup(getOperation(), bundle, device);
    if (!setup)
      return signalPassFailure();
    auto kernels = requireKernels(*setup, "features of kernels");
    if (!kernels) {
      emitError(getOperation().getLoc()) << llvm::toString(kernels.takeError());
      return signalPassFailure();
    }
    std::string table;
    llvm::raw_string_ostream stream(table);
    printKernelTable(getOperation(), *kernels, stream);
    if (failed(write(getOperation(), outputFile, table)))
      signalPassFailure();
  }
};

struct AnnotateCost : gnomon::impl::AnnotateCostPassBase<AnnotateCost> {
  using AnnotateCostPassBase::AnnotateCostPassBase;
  void runOnOperation() override {
    auto setup = loadSetup(getOperation(), bundle, device);
    if (!setup)
      return signalPassFailure();
    FailureOr<ModuleCost> cost = analyzeCost(getOperation(), *setup);
    if (failed(cost) ||
        failed(annotateCost(getOperation(), *cost, setup->confidence(),
                            failOnUnsupported)))
      signalPassFailure();
  }
};

struct PrintCost : gnomon::impl::PrintCostPassBase<PrintCost> {
  using PrintCostPassBase::PrintCostPassBase;

  LogicalResult checkOptions() {
    if (format != "text" && format != "json")
      return emitError(getOperation().getLoc())
             << "format: expected 'text' or 'json', found '" << format << "'";
    if (top < -1)
      return emitError(getOperation().getLoc())
             << "top: expected a number of kernels, found " << top;
    return success();
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(checkOptions()))
      return signalPassFailure();
    auto setup = loadSetup(getOperation(), bundle, device);
    if (!setup)
      return signalPassFailure();
    FailureOr<ModuleCost> cost = analyzeCost(getOperation(), *setup);
    if (failed(cost))
      return signalPassFailure();
    std::optional<size_t> limit;
    if (top >= 0)
      limit = size_t(top);
    std::string report;
    llvm::raw_string_ostream stream(report);
    if (format == "json")
      stream << llvm::formatv("{0:2}\n", costReport(*cost, *setup, limit));
    else
      printCostText(*cost, *setup, limit, stream);
    if (failed(write(getOperation(), outputFile, report)))
      signalPassFailure();
  }
};

struct CheckBudget : gnomon::impl::CheckBudgetPassBase<CheckBudget> {
  using CheckBudgetPassBase::CheckBudgetPassBase;
  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (!(std::isfinite(maxLatencyUs) && maxLatencyUs > 0)) {
      emitError(getOperation().getLoc())
          << "max-latency-us: expected a finite number of microseconds greater "
             "than 0, found "
          << std::to_string(maxLatencyUs);
      return signalPassFailure();
    }
    auto setup = loadSetup(getOperation(), bundle, device, confidence);
    if (!setup)
      return signalPassFailure();
    FailureOr<ModuleCost> cost = analyzeCost(getOperation(), *setup);
    if (failed(cost) ||
        failed(checkBudget(*cost, maxLatencyUs, setup->confidence())))
      signalPassFailure();
  }
};

} // namespace
