// SPDX-License-Identifier: Apache-2.0
// What searches on bundles and on FPGAs share: objectives, limits, reports.

#ifndef GNOMON_LIB_TRANSFORMS_SEARCHPARTS_H
#define GNOMON_LIB_TRANSFORMS_SEARCHPARTS_H

#include "gnomon/Transforms/ArchitectureSearch.h"

namespace gnomon {

/// Metric and trade-off of an objective; "" for what it does not name.
std::pair<std::string, std::string> partsOf(llvm::StringRef objective);

/// Adds the metric of an additive accuracy model, and returns its name.
llvm::FailureOr<std::string> addAccuracy(mlir::ModuleOp module,
                                         llvm::StringRef path,
                                         search::Problem &problem);

/// Index of the metric to be as good as possible, which is made to be so. The
/// first metrics are latencies.
llvm::FailureOr<size_t> chooseObjective(mlir::ModuleOp module,
                                        llvm::StringRef name, size_t latencies,
                                        search::Problem &problem);

/// Adds the query's limits of metrics that are no latencies.
llvm::LogicalResult addLimits(mlir::ModuleOp module,
                              const ArchitectureQuery &query, size_t latencies,
                              search::Problem &problem);

/// A metric in its unit.
llvm::json::Value metricValue(const search::Metric &metric, search::Cost ticks);

/// {DECISION: OPTION}.
llvm::json::Object
selectionJson(const std::map<std::string, std::string> &selection);

/// The space's own JSON for a network; without a space the selection.
llvm::json::Object
architectureJson(const Space *space,
                 const std::map<std::string, std::string> &selection);

/// The space that the query or else the module names; null: neither does.
const Space *spaceOf(mlir::ModuleOp module, const ArchitectureQuery &query);

} // namespace gnomon

#endif // GNOMON_LIB_TRANSFORMS_SEARCHPARTS_H
