// SPDX-License-Identifier: Apache-2.0
// Writes onto the decisions and choices of a supernet how its expected latency
// changes with the probability of each option.

#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Dialect/Gnomon/LatencyGradient.h"
#include "gnomon/Search/Expectation.h"
#include "gnomon/Transforms/Passes.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include <cmath>

namespace gnomon {
#define GEN_PASS_DEF_ANNOTATELATENCYGRADIENTPASS
#include "gnomon/Transforms/Passes.h.inc"
} // namespace gnomon

using namespace gnomon;
using namespace mlir;

/// Selected options for certain, the options of other decisions alike.
static search::OptionValues probabilitiesOf(ModuleOp module,
                                            const SpaceStructure &structure) {
  search::OptionValues result;
  for (const search::Decision &decision : structure.decisions)
    result.emplace_back(decision.options.size(),
                        1.0 / double(decision.options.size()));
  for (auto decision : module.getOps<DecisionOp>())
    if (auto selected = decision.getSelected()) {
      auto &row = result[structure.numberOf.lookup(decision.getSymNameAttr())];
      row.assign(row.size(), 0);
      row[*decision.findOption(*selected)] = 1;
    }
  return result;
}

/// In microseconds, to nanoseconds.
static search::OptionValues gradientOf(const search::Problem &problem,
                                       const search::OptionValues &at) {
  search::OptionValues gradient = at;
  for (std::vector<double> &row : gradient)
    row.assign(row.size(), 0);
  search::Expectation(problem, 0)(at, 1, gradient);
  for (std::vector<double> &row : gradient)
    for (double &value : row)
      value = std::round(value) / 1e3;
  return gradient;
}

namespace {
struct AnnotateLatencyGradient
    : gnomon::impl::AnnotateLatencyGradientPassBase<AnnotateLatencyGradient> {
  using AnnotateLatencyGradientPassBase::AnnotateLatencyGradientPassBase;

  LogicalResult run() {
    ModuleOp module = getOperation();
    auto setup = CostSetup::load(bundle, device, module, 0);
    if (!setup)
      return emitError(module.getLoc()) << llvm::toString(setup.takeError());
    const CostSetup *only = setup->get();
    SpaceAnalysisOptions options;
    options.counts = false;
    auto space = analyzeSpace(module, only, options);
    if (failed(space))
      return failure();
    auto gradient =
        gradientOf(space->problem, probabilitiesOf(module, space->structure));
    auto rowOf = [&](StringAttr decision) {
      uint32_t number = space->structure.numberOf.lookup(decision);
      return DenseF64ArrayAttr::get(&getContext(), gradient[number]);
    };
    for (auto decision : module.getOps<DecisionOp>())
      decision->setAttr(latencyGradientAttrName,
                        rowOf(decision.getSymNameAttr()));
    module.walk([&](ChoiceOp choice) {
      choice->setAttr(latencyGradientAttrName,
                      rowOf(choice.getDecisionAttr().getAttr()));
    });
    return success();
  }

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }
};
} // namespace
