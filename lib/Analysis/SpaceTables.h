// SPDX-License-Identifier: Apache-2.0
// What each part of a supernet consists of, under each of its contexts.

#ifndef GNOMON_LIB_ANALYSIS_SPACETABLES_H
#define GNOMON_LIB_ANALYSIS_SPACETABLES_H

#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Analysis/SpaceStructure.h"
#include <map>

namespace gnomon {

/// What a site adds to a network: kernels, as indices of rows and how often
/// each runs, sorted; and what its own operations count.
struct SiteContent {
  struct Kernels {
    size_t row;
    int64_t runs;
    auto operator<=>(const Kernels &) const = default;
  };
  std::vector<Kernels> kernels;
  auto operator<=>(const SiteContent &) const = default;
};

/// The kernels of a site under every context. Which other decisions shape them
/// (a neighbour's fused activation, a layout that need not change) is found by
/// forming whole networks; `scope` holds the site's own decisions and those.
struct SiteTable {
  std::vector<uint32_t> scope; ///< ascending
  /// Options of the scope's decisions -> index of a content.
  std::map<std::vector<uint32_t>, size_t> contents;
};

/// Tables of the sites of one function.
struct FunctionTables {
  std::vector<SiteTable> sites;
  std::vector<SiteContent> contents;
  std::vector<FeatureRow> rows; ///< SiteContent::Kernels::row counts these
  std::vector<mlir::LocationAttr> locations; ///< of a kernel with each row
  size_t networks = 0;                       ///< formed to find out
};

/// How thorough the search for contexts is.
struct ProbeOptions {
  /// Random networks that must agree with the tables before they are believed.
  size_t probes = 8;
  /// Most entries of one table.
  size_t maxEntries = size_t(1) << 20;
};

/// Finds the tables of `function`. `scopes` (of each site; empty: none known)
/// is where to begin: those of another function of the same structure save
/// work. An error is emitted where an option does not fit its neighbours, or a
/// table would be too large.
llvm::FailureOr<FunctionTables>
formSpaceTables(const SpaceStructure &space, const SpaceFunction &function,
                const RuntimeRules &rules, const DeviceSpec &device,
                llvm::ArrayRef<std::vector<uint32_t>> scopes,
                const ProbeOptions &options);

} // namespace gnomon

#endif // GNOMON_LIB_ANALYSIS_SPACETABLES_H
