// SPDX-License-Identifier: Apache-2.0
// A supernet's decisions, and the regions that they switch on and off.

#ifndef GNOMON_ANALYSIS_SPACESTRUCTURE_H
#define GNOMON_ANALYSIS_SPACESTRUCTURE_H

#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Search/Problem.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace gnomon {

/// A part of a function that is there or not as a whole: an option of a choice,
/// or what lies outside of all choices.
struct Site {
  ChoiceOp choice;     ///< null: outside
  unsigned option = 0; ///< of the choice
  /// What must be decided for the site to be there, its own option included,
  /// outermost first.
  std::vector<search::Literal> path;
};

/// A function of a supernet: its sites in program order, the outside first.
struct SpaceFunction {
  mlir::func::FuncOp op;
  std::optional<search::Literal> alternative; ///< picks the function
  std::vector<Site> sites;
  llvm::DenseMap<mlir::Region *, unsigned> siteOf;
};

/// Decisions are numbered in the order in which the module declares them.
struct SpaceStructure {
  std::vector<search::Decision> decisions;
  std::vector<SpaceFunction> functions; ///< those with a body
  llvm::DenseMap<mlir::StringAttr, uint32_t> numberOf;

  uint32_t decisionOf(ChoiceOp choice) const {
    return numberOf.lookup(choice.getDecisionAttr().getAttr());
  }
  /// The decision that the site is an option of; none: outside.
  std::optional<uint32_t> ownerOf(const Site &site) const {
    return site.choice ? std::optional(decisionOf(site.choice)) : std::nullopt;
  }
};

/// Reads a verified module. Functions without choices and without
/// gnomon.alternative are no part of the space, unless the module has no other;
/// several functions that no decision tells apart are an error.
llvm::FailureOr<SpaceStructure> readSpaceStructure(mlir::ModuleOp module);

/// The network of `function` under `assignment` (one option for each decision):
/// a function of its own at the end of `into`. `siteOf` receives the site of
/// each of its operations. An error is emitted where a selected option does not
/// fit what the options before it yield.
llvm::FailureOr<mlir::func::FuncOp>
cloneNetwork(const SpaceStructure &space, const SpaceFunction &function,
             llvm::ArrayRef<uint32_t> assignment, mlir::ModuleOp into,
             llvm::DenseMap<mlir::Operation *, unsigned> &siteOf);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_SPACESTRUCTURE_H
