// SPDX-License-Identifier: Apache-2.0
// Two summed keys: most pairs are ruled out without being formed.

#ifndef GNOMON_LIB_SEARCH_PLANEFILTER_H
#define GNOMON_LIB_SEARCH_PLANEFILTER_H

#include "Candidates.h"

namespace gnomon::search {

/// A staircase over buckets of the first key: the least second key known to be
/// reached in an earlier bucket. Two fronts are walked in tiles; the corner
/// that no pair of a tile can beat is held against the staircase, so that tiles
/// far from the front cost one comparison.
class PlaneFilter {
public:
  /// Fewer sums than this are simply all formed.
  static constexpr size_t kWorthwhile = 64;

  /// The second dimension may have slack.
  explicit PlaneFilter(llvm::ArrayRef<Dimension> dimensions);

  /// Offers the pool every pair that may be on the front of the union (or near
  /// it). First keys must ascend in every slice.
  void collect(llvm::ArrayRef<Pairs> pairs, llvm::ArrayRef<Cost> allowance,
               size_t sums, Candidates &pool);

private:
  static constexpr size_t kTile = 16;
  /// Fewer pairs than this are not worth a first guess.
  static constexpr size_t kSeeded = 512;

  void start(llvm::ArrayRef<Pairs> pairs, llvm::ArrayRef<Cost> allowance,
             size_t sums);
  void seed(const Pairs &pairs);
  void collectRun(const Pairs &pairs, uint32_t run, Candidates &pool);
  void collectRow(const Pairs &pairs, uint32_t run, size_t left, size_t begin,
                  size_t end, Cost lowest, Candidates &pool);
  size_t bucket(Cost first) const { return uint64_t(first - origin) >> shift; }
  bool isDominated(Cost first, Cost second) const {
    return floor[bucket(first)] <= second - margin;
  }
  /// Makes a reached pair of keys known to later buckets.
  void lower(Cost first, Cost second) {
    for (size_t i = bucket(first) + 1; i < floor.size() && floor[i] > second;
         ++i)
      floor[i] = second;
  }

  /// By how much a known second key must win: 0, or more than the slack.
  Cost margin = 0;
  std::vector<Cost> floor;
  Cost origin = 0;
  Cost greatestFirst = 0, greatestSecond = 0;
  unsigned shift = 0;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_PLANEFILTER_H
