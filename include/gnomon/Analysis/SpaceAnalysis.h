// SPDX-License-Identifier: Apache-2.0
// From a supernet to a search problem: what every option costs in every
// context.

#ifndef GNOMON_ANALYSIS_SPACEANALYSIS_H
#define GNOMON_ANALYSIS_SPACEANALYSIS_H

#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Analysis/SpaceStructure.h"
#include "gnomon/Search/Chance.h"

namespace gnomon {

struct SpaceAnalysisOptions {
  /// Random networks whose kernels must agree with the tables before these are
  /// believed: of the first function, whose contexts the others begin with, and
  /// of the others. Where parts are found to shape one another, it is
  /// `probesIfShaped` times as many.
  size_t probes = 16, furtherProbes = 1, probesIfShaped = 16;
  /// Add the metrics "macs" (of convolutions and products) and "params".
  bool counts = true;
  /// Add the metric "peak-memory": most bytes of activations at one time
  /// (liveActivationBytes) as the runtime of the first setup that knows kernels
  /// runs the network.
  bool peakMemory = false;
  /// Keep the costs of different decisions' options in different terms, and
  /// fill SpaceProblem::owners.
  bool owners = false;
  /// Add the metric "file-size": bytes of the constants that a network's
  /// operations read, which are the weights of its file.
  bool fileSize = false;
  /// Add the metric "energy" (in nJ), as tables say of blocks; null: none.
  const TableSetup *energy = nullptr;
};

/// A supernet as a problem of additive integer costs.
struct SpaceProblem {
  SpaceStructure structure;
  /// Decisions as in `structure`. Metrics: for each setup "latency" (in ns;
  /// "latency:DEVICE" if there are several), then "macs" and "params", then
  /// "peak-memory" (in bytes; the greatest of the terms), "file-size" and
  /// "energy", if asked for.
  search::Problem problem;
  /// If asked for, of each term the decision whose options cost what it says;
  /// none: what lies outside of all choices. The others of its scope are
  /// context.
  std::vector<std::optional<uint32_t>> owners;
  /// For each setup how far its latency may be off, by kinds of kernels.
  std::vector<search::Spread> spreads;
  size_t kernels = 0;  ///< different ones, each asked about once; or blocks
  size_t networks = 0; ///< formed to find the contexts
};

/// Costs every option of every choice in one batch a setup.
///
/// Kernels are formed as the runtime forms them in whole networks, so fusion
/// across the border of a choice is counted where it happens: if a neighbour's
/// option changes the kernels of a part, the two decisions share a term of the
/// problem. Which do is found by forming networks (each option once, then
/// random ones, then a bisection for each contradiction), not assumed. The sum
/// over the problem's terms is the latency that analyzeCost gives the
/// materialized network, to the nanosecond. With tables that holds of blocks,
/// which cost the same in every context.
///
/// Errors: no function, functions that no decision tells apart, options that do
/// not fit their neighbours, parts that depend on too many decisions together,
/// blocks that tables do not know, peak memory with tables alone.
/// Kernels that nobody can cost are located warnings, and count as 0.
llvm::FailureOr<SpaceProblem>
analyzeSpace(mlir::ModuleOp module, llvm::ArrayRef<const CostSetup *> setups,
             const SpaceAnalysisOptions &options = {});

/// What analyzeCost says of the network that an assignment of the space picks,
/// in nanoseconds: the sum over the problem is to be this number. Errors are
/// emitted where the network cannot be put together or costed.
llvm::FailureOr<int64_t>
materializedLatencyNs(const SpaceStructure &space,
                      llvm::ArrayRef<uint32_t> assignment,
                      const CostSetup &setup);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_SPACEANALYSIS_H
