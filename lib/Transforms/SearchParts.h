// SPDX-License-Identifier: Apache-2.0
// What searches on bundles and on FPGAs share: objectives, limits, reports.

#ifndef GNOMON_LIB_TRANSFORMS_SEARCHPARTS_H
#define GNOMON_LIB_TRANSFORMS_SEARCHPARTS_H

#include "gnomon/Transforms/ArchitectureSearch.h"

namespace gnomon {

/// Metric and trade-off of an objective; "" for what it does not name.
std::pair<std::string, std::string> partsOf(llvm::StringRef objective);

/// Index of the metric to be as good as possible, which is made to be so: the
/// query's, else that of its additive accuracy model, which is added (the
/// stand-in of a judge), else "macs". The first metrics are latencies.
llvm::FailureOr<size_t> takeObjective(mlir::ModuleOp module,
                                      const ArchitectureQuery &query,
                                      bool isJudged, size_t latencies,
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
