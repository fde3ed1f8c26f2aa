// SPDX-License-Identifier: Apache-2.0
// Leaves the best options of every choice in a supernet.

#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Search/Pruning.h"
#include "gnomon/Transforms/Choices.h"

using namespace gnomon;
using namespace mlir;

static FailureOr<uint32_t>
metricNamed(ModuleOp module, const search::Problem &problem, StringRef name) {
  if (name == "macs" || name == "params")
    for (auto [index, metric] : llvm::enumerate(problem.metrics))
      if (metric.name == name)
        return uint32_t(index);
  return emitError(module.getLoc())
         << "capacity: expected 'macs' or 'params', found '" << name << "'";
}

namespace {

/// Removes options from decisions and the choices that refer to them.
class Pruner {
public:
  explicit Pruner(ModuleOp module) : module(module) {}

  void keep(DecisionOp decision, ArrayRef<uint32_t> options) {
    SmallVector<StringRef> names;
    for (uint32_t option : options)
      names.push_back(decision.getOption(option));
    std::optional<StringRef> selected = decision.getSelected();
    if (selected && !llvm::is_contained(names, *selected))
      decision.removeSelectedAttr();
    decision.setOptionsAttr(
        Builder(module.getContext()).getStrArrayAttr(names));
    kept[decision.getSymNameAttr()] = llvm::to_vector(options);
  }

  void run() {
    SmallVector<ChoiceOp> choices;
    module.walk([&](ChoiceOp choice) {
      if (kept.contains(choice.getDecisionAttr().getAttr()))
        choices.push_back(choice);
    });
    for (ChoiceOp choice : choices)
      rebuild(choice);
    for (auto function : module.getOps<func::FuncOp>())
      eraseUnreadConstants(function);
  }

private:
  /// Those inside come first, so that none is lost with what goes.
  void rebuild(ChoiceOp choice) {
    const auto &options = kept[choice.getDecisionAttr().getAttr()];
    SmallVector<StringRef> names;
    for (uint32_t option : options)
      names.push_back(choice.getOption(option));
    OpBuilder builder(choice);
    auto smaller =
        ChoiceOp::create(builder, choice.getLoc(), choice.getDecisionAttr(),
                         builder.getStrArrayAttr(names), choice.getInputs(),
                         choice.getResultTypes());
    smaller->setDiscardableAttrs(choice->getDiscardableAttrDictionary());
    for (auto [region, option] :
         llvm::zip_equal(smaller.getAlternatives(), options))
      region.takeBody(choice.getAlternatives()[option]);
    choice->replaceAllUsesWith(smaller);
    choice->erase();
  }

  ModuleOp module;
  llvm::DenseMap<StringAttr, SmallVector<uint32_t>> kept;
};

} // namespace

LogicalResult gnomon::pruneSpace(ModuleOp module, const CostSetup &setup,
                                 uint32_t keep, StringRef capacity) {
  if (keep == 0)
    return emitError(module.getLoc())
           << "keep: expected at least one option a choice, found 0";
  SpaceAnalysisOptions analysis;
  analysis.owners = true;
  auto space = analyzeSpace(module, &setup, analysis);
  if (failed(space))
    return failure();
  search::PruneOptions options;
  options.keep = keep;
  auto metric = metricNamed(module, space->problem, capacity);
  if (failed(metric))
    return failure();
  options.capacity = *metric;
  auto kept = search::pruneOptions(space->problem, space->owners, options);
  if (!kept)
    return emitError(module.getLoc()) << llvm::toString(kept.takeError());
  Pruner pruner(module);
  for (auto [decision, names] :
       llvm::zip_equal(module.getOps<DecisionOp>(), *kept))
    if (names.size() < decision.getOptions().size())
      pruner.keep(decision, names);
  pruner.run();
  return success();
}
