// SPDX-License-Identifier: Apache-2.0
// What the passes on supernets do, for callers without a pass manager.

#ifndef GNOMON_TRANSFORMS_CHOICES_H
#define GNOMON_TRANSFORMS_CHOICES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <map>
#include <string>

namespace gnomon {

class CostSetup;

/// Records options as `selected` of the decisions they belong to. An error at
/// the module names a decision or option that does not exist.
mlir::LogicalResult
recordSelection(mlir::ModuleOp module,
                const std::map<std::string, std::string> &selection);

/// Makes the network that the decisions' `selected` describe, in place: no
/// decision, choice or alternative is left. A decision that matters and that
/// nothing settles is an error at the decision, with a note where it matters.
mlir::LogicalResult materializeChoices(mlir::ModuleOp module);

/// Leaves the `keep` options of each choice that have the most capacity ("macs"
/// or "params") a predicted latency, see search::pruneOptions; tied choices
/// lose the same. Errors at the module: nothing to keep, another capacity, no
/// choice that could be pruned.
mlir::LogicalResult pruneSpace(mlir::ModuleOp module, const CostSetup &setup,
                               uint32_t keep, llvm::StringRef capacity);

/// Weights that options not taken read are declared outside of them.
void eraseUnreadConstants(mlir::func::FuncOp function);

} // namespace gnomon

#endif // GNOMON_TRANSFORMS_CHOICES_H
