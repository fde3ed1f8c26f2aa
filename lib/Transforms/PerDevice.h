// SPDX-License-Identifier: Apache-2.0
// A network for each device, with blocks in common.

#ifndef GNOMON_LIB_TRANSFORMS_PERDEVICE_H
#define GNOMON_LIB_TRANSFORMS_PERDEVICE_H

#include "gnomon/Transforms/ArchitectureSearch.h"

namespace gnomon {

/// Fills in the networks for each device of a front whose problem and objective
/// are there. Errors are emitted: what is not searched for this way, a wrong
/// number of budgets, more blocks to share than there are.
llvm::LogicalResult findPerDevice(mlir::ModuleOp module,
                                  llvm::ArrayRef<const CostSetup *> setups,
                                  const ArchitectureQuery &query, bool isJudged,
                                  ArchitectureFront &front);

} // namespace gnomon

#endif // GNOMON_LIB_TRANSFORMS_PERDEVICE_H
