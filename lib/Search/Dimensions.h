// SPDX-License-Identifier: Apache-2.0
// From metrics, senses and limits to keys that are all minimised.

#ifndef GNOMON_LIB_SEARCH_DIMENSIONS_H
#define GNOMON_LIB_SEARCH_DIMENSIONS_H

#include "Points.h"

namespace gnomon::search {

/// One key of the computation: the distance of a metric from its ideal, which
/// is the sum (for a maximised `Max` metric the greatest) of the best cost of
/// every term.
struct Dimension {
  uint32_t metric = 0;
  /// More is better.
  bool greater = false;
  /// A limit binds it: relaxing it could leave the limit.
  bool exact = false;
  Fold fold = Fold::Add;
  /// Greatest key that keeps the limit; below 0: none does.
  Cost bound = kNoBound;
  /// Key of a part that costs nothing: neutral under `fold`.
  Cost neutral = 0;
  /// Not the front alone: everything stays that no point beats by more than
  /// this here and at least matches everywhere else, equal points included.
  std::optional<Cost> slack = std::nullopt;

  static constexpr Cost kNoBound = std::numeric_limits<Cost>::max();
};

/// The asked metrics in their sense, then every limited side that is not one of
/// these, in the order of the limits.
std::vector<Dimension> dimensionsFor(const Problem &problem,
                                     llvm::ArrayRef<uint32_t> metrics);
/// One metric in a direction of choice, without limits.
Dimension dimensionFor(const Problem &problem, uint32_t metric, bool greater);

/// The terms as keys: one point per entry.
std::vector<FrontTable> keyTables(const Problem &problem,
                                  llvm::ArrayRef<Dimension> dimensions);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_DIMENSIONS_H
