// SPDX-License-Identifier: Apache-2.0
// The exact Pareto front of a problem, and what it says under budgets.

#ifndef GNOMON_SEARCH_FRONT_H
#define GNOMON_SEARCH_FRONT_H

#include "gnomon/Search/Problem.h"

#include <functional>

namespace gnomon::search {

struct FrontOptions {
  /// Metrics that span the front, by index; empty: all of the problem's.
  std::vector<uint32_t> metrics;
  /// 0: exact. Otherwise every feasible network has a point of the front that
  /// is at most (1 + epsilon) times as far from the ideal in every metric that
  /// spans the front and has no limit, and no worse in those that have one. A
  /// metric's ideal is the sum of the best cost of each term (for a `Max`
  /// metric that is minimised 0, maximised the greatest cost), so for costs
  /// that are not negative and minimised this implies (1 + epsilon) times the
  /// value.
  double epsilon = 0;
  /// A front inside the computation that passes this is thinned, and
  /// `Front::epsilon` says what that cost; 0: 2^18 for two metrics, 2^13 for
  /// more.
  size_t pointLimit = 0;
  /// Most entries of a table over decisions; more is refused.
  size_t tableLimit = size_t(1) << 22;
  /// Most pairs of partial networks to combine; more is refused.
  uint64_t pairLimit = uint64_t(1) << 37;
  /// Called after each decision with the number of decisions done and of all.
  std::function<void(size_t, size_t)> progress = {};
};

/// How far one side of a limit can be met.
struct Reach {
  uint32_t metric = 0;
  /// True: the bound is `atLeast` and the value the greatest there is; else
  /// the bound is `atMost` and the value the least.
  bool greatest = false;
  /// The network that goes furthest when nothing else is asked.
  Solution alone;
  /// The same among the networks that keep all other bounds, if there is one.
  std::optional<Solution> besideOthers;
};

struct Front {
  /// Best in the first asked metric first. No point is dominated, all keep the
  /// limits. Empty: no network does.
  std::vector<Solution> points;
  /// One for every bound when `points` is empty.
  std::vector<Reach> reachable;
  /// The metrics that span the front.
  std::vector<uint32_t> metrics;
  /// The guarantee that holds (see `FrontOptions::epsilon`); 0: exact.
  double epsilon = 0;
  /// Pairs of partial networks that were combined or ruled out.
  uint64_t pairs = 0;
};

/// The Pareto front of all networks within the limits, by eliminating one
/// decision after the other (Bertele and Brioschi, Nonserial Dynamic
/// Programming, 1972) with Pareto sets as the values of the tables. Of networks
/// that are equal in the asked metrics, the one that does better in the other
/// limited metrics (in the order of the limits) is taken, then the
/// lexicographically smallest assignment; where metrics combine by `Max`, the
/// smallest among those whose parts no other part dominates. Where terms group
/// the options of a decision, the group is compared before the option.
/// `problem` must be sound. Refused: unknown or repeated metrics, a negative
/// epsilon, and tables, fronts or times beyond the limits of the options.
llvm::Expected<Front> paretoFront(const Problem &problem,
                                  const FrontOptions &options = {});

/// The point of the front that is best in `objective` while `limited` is
/// within `budget` (at most for minimised metrics, at least for maximised
/// ones); ties by the order of the points. Null: none.
const Solution *bestUnder(const Problem &problem, const Front &front,
                          uint32_t limited, Cost budget, uint32_t objective);

/// The same for several budgets.
std::vector<const Solution *> bestUnder(const Problem &problem,
                                        const Front &front, uint32_t limited,
                                        llvm::ArrayRef<Cost> budgets,
                                        uint32_t objective);

} // namespace gnomon::search

#endif // GNOMON_SEARCH_FRONT_H
