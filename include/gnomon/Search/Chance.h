// SPDX-License-Identifier: Apache-2.0
// Limits that are to be kept with a probability, where costs are estimates.

#ifndef GNOMON_SEARCH_CHANCE_H
#define GNOMON_SEARCH_CHANCE_H

#include "gnomon/Search/Problem.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace gnomon::search {

/// How far a sum of estimates may be off. With parts P_k of the sum S (kernels
/// of a kind, say) and shares of it that err alone, the standard deviation is
///   sqrt((common S)^2 + sum (weights_k P_k)^2 + variance of the rest).
struct Spread {
  /// Ticks squared that the last metric counts in.
  static constexpr double kVarianceTicks = 1024;

  /// The decisions of a problem. A metric for each part, in ticks; together
  /// they are the sum. The last metric is the variance of what errs alone.
  Problem parts;
  /// One a part.
  std::vector<double> weights;
  double common = 0;
};

/// Mean and standard deviation, in ticks.
struct Moments {
  double value = 0, deviation = 0;
};
Moments momentsOf(const Spread &spread, llvm::ArrayRef<uint32_t> assignment);

/// The value and `quantile` (at least 0) deviations together are at most this.
struct ChanceLimit {
  const Spread *spread = nullptr;
  double quantile = 0;
  Cost atMost = 0;

  bool holds(llvm::ArrayRef<uint32_t> assignment) const;
};

struct ChanceResult {
  /// None: no network keeps the limits, or none was found.
  std::optional<Solution> best;
  /// What was found where limits were easier than asked for: with a solver that
  /// finds optima, no network within the limits is better than any of these.
  std::vector<Solution> relaxed;
};

/// Finds the best network of one problem after another; none: nothing keeps the
/// limits.
using Solver = llvm::function_ref<llvm::Expected<std::optional<Solution>>(
    const Problem &)>;

/// The best network of the problem that keeps the limits, too, by a solver that
/// only knows sums.
///
/// The limit is a second-order cone. A deviation is the length of a vector that
/// is a sum over terms, and no less than its component in any direction; the
/// component is a sum. So each direction is a linear limit that no network
/// within the limits breaks, and that is tight for networks of this direction:
/// outer approximation (Duran and Grossmann, Mathematical Programming 36,
/// 1986). The first direction is that of the mean of all options. A network
/// that is found and breaks the limit gives the next.
///
/// Ours: one direction at a time, so that fronts keep their dimensions; from
/// the third on the bound is tightened by what the networks found were beyond
/// it, so that it ends: after 12 by adding up the terms' own deviations, which
/// no direction exceeds. Where the first or second network keeps the limits and
/// the solver is exact, it is the optimum.
llvm::Expected<ChanceResult>
solveUnderChance(const Problem &problem, llvm::ArrayRef<ChanceLimit> limits,
                 Solver solve);

} // namespace gnomon::search

#endif // GNOMON_SEARCH_CHANCE_H
