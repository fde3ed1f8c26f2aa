// SPDX-License-Identifier: Apache-2.0
// One network for each device, with as many parts in common as is worth it.

#ifndef GNOMON_SEARCH_SHARING_H
#define GNOMON_SEARCH_SHARING_H

#include "gnomon/Search/Front.h"

namespace gnomon::search {

/// Networks of one problem, each under limits of its own. A slot is a set of
/// decisions. Networks are alike in a slot if the same of its decisions matter
/// in all of them, and take the same options; also if none matters in any.
struct SharingQuery {
  /// To be as good as possible in: the sum over all networks.
  uint32_t objective = 0;
  std::vector<std::vector<uint32_t>> slots;
  /// For each network its limits, beside those of the problem.
  std::vector<std::vector<Limit>> limits;
  /// By how much each network may be worse than the best within its limits.
  std::optional<Cost> maxLoss;
  /// Only the best that differ in at most so many slots, beside those that are
  /// best alone; none: the whole curve.
  std::optional<uint32_t> differing;
  /// Most nodes of the tree of each integer program.
  uint64_t nodes = 1000000;
};

/// One network for each of the limits.
struct SharedNetworks {
  std::vector<Solution> networks;
  /// Slots in which they are not all alike: how many, and which.
  uint32_t differing = 0;
  std::vector<uint32_t> differingSlots;
  /// Slots in which all are alike and some decision matters.
  uint32_t shared = 0;
  /// The sum of their objectives.
  Cost total = 0;
  /// No networks that differ in no more slots have a sum that is better by
  /// more, in ticks.
  double gap = 0;
};

struct SharingCurve {
  /// From the networks that are best alone to those that differ least: each
  /// differs in fewer slots than the one before, and is worse in the sum.
  /// Empty: some limits are kept by no network.
  std::vector<SharedNetworks> points;
  /// Whether nothing was left open: the last point differs least, and where
  /// numbers of slots have no point of their own, none is better.
  bool isComplete = true;
  /// Where there are no points, for each of the limits how far they can be met
  /// (Front::reachable); empty for those that are kept.
  std::vector<std::vector<Reach>> reachable;
};

/// For every number of slots the best networks that differ in no more.
/// `problem` must be sound, and the slots' and limits' indices in range.
/// Refused: objectives that are no sums, no limits at all (an empty list for a
/// network is fine), slots that repeat a decision, and what passes the limits
/// of the algorithms.
llvm::Expected<SharingCurve> shareSlots(const Problem &problem,
                                        const SharingQuery &query);

} // namespace gnomon::search

#endif // GNOMON_SEARCH_SHARING_H
