// SPDX-License-Identifier: Apache-2.0
// The search for networks of a supernet, for callers without a pass manager.

#ifndef GNOMON_TRANSFORMS_ARCHITECTURESEARCH_H
#define GNOMON_TRANSFORMS_ARCHITECTURESEARCH_H

#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Search/Front.h"
#include "llvm/Support/JSON.h"

namespace gnomon {

/// What to look for.
struct ArchitectureQuery {
  std::string algorithm = "exact";
  /// Metric to be as good as possible: "macs" or "params" (as many as
  /// possible), or that of `accuracy`; empty: that of `accuracy` if it is
  /// there, else "macs".
  std::string objective;
  /// File with an accuracy model (docs/accuracy-models.md); empty: none.
  std::string accuracy;
  uint64_t seed = 0;
};

/// A network that no other beats in latency and objective.
struct FoundArchitecture {
  search::Solution solution;
  double latencyUs = 0, lowUs = 0, highUs = 0;
};

struct ArchitectureFront {
  SpaceProblem space;
  std::vector<FoundArchitecture> points; ///< fastest first
  size_t latency = 0, objective = 0;     ///< metrics of `space.problem`
  uint64_t evaluations = 0;              ///< networks or parts put together
  /// Distance to the exact optimum of the additive objective, in its ticks;
  /// nothing: not known.
  std::optional<search::Cost> exactGap;

  /// The point that is best in the objective within a budget; null: none is
  /// within.
  const FoundArchitecture *bestWithin(double maxLatencyUs) const;
  /// The point that is best in the objective.
  const FoundArchitecture &best() const { return points.back(); }
};

/// Finds the front of the supernet in `module`. Errors are emitted at the
/// module: an unknown algorithm or objective, an accuracy model that does not
/// fit the space.
llvm::FailureOr<ArchitectureFront>
searchArchitecture(mlir::ModuleOp module, const CostSetup &setup,
                   const ArchitectureQuery &query);

/// Decision -> option of the decisions that matter.
std::map<std::string, std::string>
selectionOf(const search::Problem &problem,
            llvm::ArrayRef<uint32_t> assignment);

/// The front as programs read it: `schema` (1), `space`, `device`, `bundle`,
/// `algorithm`, `seed`, `evaluations`, `exact_gap`, `points`. A point has its
/// `architecture` (the space's own JSON for a module with gnomon.space, else
/// {"selection": {DECISION: OPTION}}), `latency_us`, `low_us`, `high_us`, and
/// every metric of the problem but latency, in its unit.
llvm::json::Object frontReport(mlir::ModuleOp module, const CostSetup &setup,
                               const ArchitectureQuery &query,
                               const ArchitectureFront &front);

} // namespace gnomon

#endif // GNOMON_TRANSFORMS_ARCHITECTURESEARCH_H
