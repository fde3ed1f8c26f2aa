// SPDX-License-Identifier: Apache-2.0
// Three keys: most pairs are ruled out by what is known of the plane.

#ifndef GNOMON_LIB_SEARCH_GRIDFILTER_H
#define GNOMON_LIB_SEARCH_GRIDFILTER_H

#include "Candidates.h"

#include <array>

namespace gnomon::search {

/// A grid over the first two keys: the least third key known to be reached in
/// an earlier row and an earlier column. Runs of points on the right side are
/// held against it by the least of each of their keys, then pair by pair. Needs
/// no order of the points.
class GridFilter {
public:
  /// Fewer sums than this are simply all formed.
  static constexpr size_t kWorthwhile = 4096;

  explicit GridFilter(llvm::ArrayRef<Dimension> dimensions)
      : dimensions(dimensions.begin(), dimensions.end()) {}

  /// Offers the pool every pair that may be on the front of the union and
  /// compacts it when it is full.
  void collect(llvm::ArrayRef<Pairs> pairs, llvm::ArrayRef<Cost> allowance,
               Candidates &pool);

private:
  static constexpr size_t kSide = 128;
  static constexpr size_t kTile = 16;
  using Keys = std::array<Cost, 3>;
  struct Axis {
    Cost origin = 0;
    unsigned shift = 0;
    size_t bucket(Cost key) const { return uint64_t(key - origin) >> shift; }
  };

  Axis axisOf(llvm::ArrayRef<Pairs> pairs, size_t dimension) const;
  Keys sum(const Keys &left, const Keys &right) const;
  bool isOut(const Keys &keys, llvm::ArrayRef<Cost> allowance) const {
    for (size_t d = 0; d < 3; ++d)
      if (keys[d] > allowance[d])
        return true;
    return floor[axes[0].bucket(keys[0]) * (kSide + 1) +
                 axes[1].bucket(keys[1])] <= keys[2];
  }
  void collectRun(const Pairs &pairs, uint32_t run,
                  llvm::ArrayRef<Cost> allowance, Candidates &pool);
  /// Takes the keys of the pool into the grid.
  void learn(const Candidates &pool);

  std::vector<Dimension> dimensions;
  Axis axes[2];
  std::vector<Cost> floor;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_GRIDFILTER_H
