// SPDX-License-Identifier: Apache-2.0
// What the cost passes do, for callers without a pass manager.

#ifndef GNOMON_TRANSFORMS_COSTPASSES_H
#define GNOMON_TRANSFORMS_COSTPASSES_H

#include "gnomon/Analysis/CostAnalysis.h"

namespace gnomon {

/// Sets gnomon.estimate and gnomon.kernel on the operations of `cost`, removes
/// older ones, and emits an analysis remark for each estimate. Operations that
/// nobody can cost are warnings, or errors and a failure if
/// `failOnUnsupported`.
mlir::LogicalResult annotateCost(mlir::ModuleOp module, const ModuleCost &cost,
                                 double confidence, bool failOnUnsupported);

/// `confidence` is that of the bounds (CostSetup::confidence).
///
/// An error at each function whose upper bound is over the budget, with notes
/// at its dearest kernels, and at each with kernels that nobody can cost; a
/// failure if there is one.
mlir::LogicalResult checkBudget(const ModuleCost &cost, double maxLatencyUs,
                                double confidence);

} // namespace gnomon

#endif // GNOMON_TRANSFORMS_COSTPASSES_H
