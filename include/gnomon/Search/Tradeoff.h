// SPDX-License-Identifier: Apache-2.0
// Objectives that weigh costs, instead of limits or within them.

#ifndef GNOMON_SEARCH_TRADEOFF_H
#define GNOMON_SEARCH_TRADEOFF_H

#include "gnomon/Search/Algorithms.h"

namespace gnomon::search {

/// How a network's value v, of which more is better, and its latencies l are
/// weighed at targets t.
enum class Tradeoff {
  MnasNet,     ///< "mnasnet": v (l/t)^-0.07
  MnasNetHard, ///< "mnasnet-hard": v where l <= t, else v (l/t)^-1
  MulLog,      ///< "mul-log": -(1 - v) 0.2 (log l / log t)^0.3, in ms
  AddLinear,   ///< "add-linear": v - 0.1 (l - t) / t
  /// "flash-quotient": v / (L E A), limits being kept. L, E and A are those of
  /// latency (of each device), energy and area that the problem has as metrics,
  /// by these names, with t the unit: 1 ms, 1 mJ, one tick of area.
  FlashQuotient,
};

/// Whether networks must keep their limits beside what is weighed.
inline bool keepsLimits(Tradeoff tradeoff) {
  return tradeoff == Tradeoff::FlashQuotient;
}

std::optional<Tradeoff> tradeoffNamed(llvm::StringRef name);
/// All of them, with commas.
llvm::StringRef tradeoffNames();

/// The weighed value. Several targets multiply their factors or add their
/// terms. Values that are not above 0 have no factor in the first two and the
/// last; times under 1 ms count as 1 ms in the third.
double weigh(Tradeoff tradeoff, double value,
             llvm::ArrayRef<std::pair<double, double>> latenciesAndTargets);

/// Searches by a trade-off whose targets are the upper limits of the problem,
/// in ns, which networks may then pass; or by the quotient, which keeps them
/// all. `ticksPerUnit`: of the objective's metric. The result's score is the
/// weighed value, and there is no gap. Errors: no such limit (for the quotient
/// no latency, energy or area), a target not above 0 (1 ms for "mul-log"), less
/// of the objective being better, a count as objective of "mul-log" or
/// "add-linear", which are about shares of 1; and what the algorithm says:
/// those that need sums of costs cannot weigh.
llvm::Expected<SearchResult>
searchTradeoff(const Algorithm &algorithm, Tradeoff tradeoff,
               const Problem &problem, const Objective &objective,
               double ticksPerUnit, const SearchOptions &options);

} // namespace gnomon::search

#endif // GNOMON_SEARCH_TRADEOFF_H
