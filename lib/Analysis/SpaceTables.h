// SPDX-License-Identifier: Apache-2.0
// What each part of a supernet consists of, under each of its contexts.

#ifndef GNOMON_LIB_ANALYSIS_SPACETABLES_H
#define GNOMON_LIB_ANALYSIS_SPACETABLES_H

#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Analysis/SpaceStructure.h"
#include <functional>
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
  /// Most bytes of activations while one of them runs; 0 if nobody asks.
  int64_t peakBytes = 0;
  auto operator<=>(const SiteContent &) const = default;
};

/// A choice, or the outside of a function: one of its sites is there, or none.
struct Place {
  size_t firstSite = 0;
  std::optional<uint32_t> decision;  ///< of the choice
  std::vector<search::Literal> path; ///< what must hold for it to be there
};

/// The kernels of a place under every option and context. Which other decisions
/// shape them (a neighbour's fused activation, a layout that need not change),
/// and which of their options do so alike, is found by forming whole networks.
struct PlaceTable {
  /// The path's decisions, the place's own, and those that shape it; ascending.
  std::vector<uint32_t> scope;
  /// Class of each option, by decision of the scope; numbered as in
  /// search::Term.
  std::vector<std::vector<uint32_t>> classes;
  /// Classes of the scope's decisions -> index of a content.
  std::map<std::vector<uint32_t>, size_t> contents;
};

/// Tables of the places of one function.
struct FunctionTables {
  std::vector<PlaceTable> places;
  std::vector<SiteContent> contents;
  std::vector<FeatureRow> rows; ///< SiteContent::Kernels::row counts these
  std::vector<mlir::LocationAttr> locations; ///< of a kernel with each row
  size_t networks = 0;                       ///< formed to find out
};

/// Places of a function in program order, the outside first.
std::vector<Place> placesOf(const SpaceStructure &space,
                            const SpaceFunction &function);

/// How thorough the search for contexts is.
struct ProbeOptions {
  /// Random networks that must agree with the tables, one after the other,
  /// before these are believed: of the first function, and of those that begin
  /// with its contexts; as many times as many once some place has been found to
  /// be shaped by other decisions.
  size_t probes = 16, furtherProbes = 1, probesIfShaped = 16;
  /// Fill SiteContent::peakBytes, too.
  bool peakMemory = false;
  /// Which kernels count, by their features; empty: all.
  std::function<bool(const FeatureRow &)> counts = {};
  /// Most entries of one table.
  size_t maxEntries = size_t(1) << 20;
};

/// Classes of a table without those of decisions whose options are all told
/// apart.
std::vector<std::vector<uint32_t>>
withoutTrivial(std::vector<std::vector<uint32_t>> classes);

/// The tables of all functions: of the first alone, so that the others, in
/// parallel, can begin with its contexts where they have its structure.
llvm::FailureOr<std::vector<FunctionTables>>
formAllTables(const SpaceStructure &space, const RuntimeRules &rules,
              const DeviceSpec &device, const ProbeOptions &options);

/// Finds the tables of `function`. `known` (of each place; empty: nothing) is
/// where to begin: scopes and classes of another function of the same structure
/// save work. An error is emitted where an option does not fit its neighbours,
/// or a table would be too large.
llvm::FailureOr<FunctionTables>
formSpaceTables(const SpaceStructure &space, const SpaceFunction &function,
                const RuntimeRules &rules, const DeviceSpec &device,
                llvm::ArrayRef<PlaceTable> known, const ProbeOptions &options);

} // namespace gnomon

#endif // GNOMON_LIB_ANALYSIS_SPACETABLES_H
