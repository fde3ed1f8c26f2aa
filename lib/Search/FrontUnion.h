// SPDX-License-Identifier: Apache-2.0
// The front of a union of sums of fronts.

#ifndef GNOMON_LIB_SEARCH_FRONTUNION_H
#define GNOMON_LIB_SEARCH_FRONTUNION_H

#include "Candidates.h"
#include "GridFilter.h"
#include "PlaneFilter.h"

namespace gnomon::search {

/// Forms fronts from pairs of fronts; keeps its memory between calls.
class FrontUnion {
public:
  FrontUnion(llvm::ArrayRef<Dimension> dimensions, unsigned words,
             size_t pointLimit);

  /// Bits of the grid of the results (see `cellOf`).
  void setCells(unsigned bits) { cellBits = bits; }

  /// Appends the front of the union of `pairs` to `front` and raises its error
  /// as rounding demands. Points with a key above `allowance` (one per
  /// dimension) are left out. False: there are more points than the limit.
  bool run(llvm::ArrayRef<Pairs> pairs, llvm::ArrayRef<Cost> allowance,
           Points &front);

private:
  void collect(const Pairs &pairs, uint32_t run,
               llvm::ArrayRef<Cost> allowance);
  bool hasSlack() const;
  bool isPlane() const;

  std::vector<Dimension> dimensions;
  unsigned cellBits = kExactCells;
  Candidates pool;
  PlaneFilter plane;
  GridFilter grid;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_FRONTUNION_H
