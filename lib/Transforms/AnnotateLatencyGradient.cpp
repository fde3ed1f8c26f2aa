// SPDX-License-Identifier: Apache-2.0
// Writes onto the decisions and choices of a supernet how its expected latency
// changes with the probability of each option.

#include "LearnedLatency.h"
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

/// What `slope` adds to zeros, in microseconds, to nanoseconds.
static search::OptionValues
gradientOf(const search::OptionValues &at,
           llvm::function_ref<void(search::OptionValues &)> slope) {
  search::OptionValues gradient = at;
  for (std::vector<double> &row : gradient)
    row.assign(row.size(), 0);
  slope(gradient);
  for (std::vector<double> &row : gradient)
    for (double &value : row)
      value = std::round(value) / 1e3;
  return gradient;
}

namespace {
struct AnnotateLatencyGradient
    : gnomon::impl::AnnotateLatencyGradientPassBase<AnnotateLatencyGradient> {
  using AnnotateLatencyGradientPassBase::AnnotateLatencyGradientPassBase;

  /// Of the parts' expectation.
  FailureOr<SpaceStructure> ofBundle(search::OptionValues &gradient) {
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
    auto at = probabilitiesOf(module, space->structure);
    gradient = gradientOf(at, [&](search::OptionValues &sum) {
      search::Expectation(space->problem, 0)(at, 1, sum);
    });
    return std::move(space->structure);
  }

  /// Of a learned latency.
  FailureOr<SpaceStructure> ofModel(search::OptionValues &gradient) {
    ModuleOp module = getOperation();
    auto structure = readSpaceStructure(module);
    if (failed(structure))
      return failure();
    search::Problem problem;
    problem.decisions = structure->decisions;
    auto learned = LearnedLatency::load(latencyModel, module, problem);
    if (!learned)
      return emitError(module.getLoc())
             << "latency-model: " << llvm::toString(learned.takeError());
    auto at = probabilitiesOf(module, *structure);
    gradient = gradientOf(at, [&](search::OptionValues &sum) {
      (*learned)->atShares(at, -1, sum); // it answers the latency negated
    });
    return structure;
  }

  LogicalResult run() {
    ModuleOp module = getOperation();
    if (bundle.empty() == latencyModel.empty() ||
        (!latencyModel.empty() && !device.empty()))
      return emitError(module.getLoc())
             << "expected either bundle= (and device=) or latency-model=";
    search::OptionValues gradient;
    auto structure =
        latencyModel.empty() ? ofBundle(gradient) : ofModel(gradient);
    if (failed(structure))
      return failure();
    auto rowOf = [&](StringAttr decision) {
      uint32_t number = structure->numberOf.lookup(decision);
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
