// SPDX-License-Identifier: Apache-2.0
// Three keys: most pairs are ruled out by what is known of the plane.

#include "GridFilter.h"

#include <algorithm>

namespace gnomon::search {

namespace {
std::array<Cost, 3> keysOf(Slice front, size_t point) {
  return {front.column(0)[point], front.column(1)[point],
          front.column(2)[point]};
}
} // namespace

/// From the least sum to the greatest in `kSide` buckets or fewer.
GridFilter::Axis GridFilter::axisOf(llvm::ArrayRef<Pairs> pairs,
                                    size_t dimension) const {
  Fold how = dimensions[dimension].fold;
  Cost low = Dimension::kNoBound, high = 0;
  for (const Pairs &run : pairs) {
    if (run.left.size == 0 || run.right.size == 0)
      continue;
    const Cost *a = run.left.column(dimension);
    const Cost *b = run.right.column(dimension);
    auto [aLow, aHigh] = std::minmax_element(a, a + run.left.size);
    auto [bLow, bHigh] = std::minmax_element(b, b + run.right.size);
    low = std::min(low, fold(how, *aLow, *bLow));
    high = std::max(high, fold(how, *aHigh, *bHigh));
  }
  unsigned range = llvm::bit_width(uint64_t(std::max(high, low) - low));
  unsigned bits = llvm::bit_width(kSide) - 1;
  return {low, range > bits ? range - bits : 0};
}

GridFilter::Keys GridFilter::sum(const Keys &left, const Keys &right) const {
  Keys keys;
  for (size_t d = 0; d < 3; ++d)
    keys[d] = fold(dimensions[d].fold, left[d], right[d]);
  return keys;
}

void GridFilter::learn(const Candidates &pool) {
  constexpr size_t width = kSide + 1;
  std::fill(floor.begin(), floor.end(), Dimension::kNoBound);
  for (size_t i = 0; i < pool.size(); ++i) {
    size_t row = axes[0].bucket(pool.column(0)[i]) + 1;
    size_t column = axes[1].bucket(pool.column(1)[i]) + 1;
    if (row > kSide || column > kSide)
      continue;
    Cost &known = floor[row * width + column];
    known = std::min(known, pool.column(2)[i]);
  }
  for (size_t row = 1; row < width; ++row)
    for (size_t column = 1; column < width; ++column) {
      Cost &known = floor[row * width + column];
      known = std::min({known, floor[(row - 1) * width + column],
                        floor[row * width + column - 1]});
    }
}

void GridFilter::collectRun(const Pairs &pairs, uint32_t run,
                            llvm::ArrayRef<Cost> allowance, Candidates &pool) {
  std::vector<Keys> tiles;
  for (size_t right = 0; right < pairs.right.size; ++right) {
    Keys keys = keysOf(pairs.right, right);
    if (right % kTile == 0)
      tiles.push_back(keys);
    for (size_t d = 0; d < 3; ++d)
      tiles.back()[d] = std::min(tiles.back()[d], keys[d]);
  }
  for (size_t left = 0; left < pairs.left.size; ++left) {
    Keys keys = keysOf(pairs.left, left);
    for (size_t tile = 0; tile < tiles.size(); ++tile) {
      if (isOut(sum(keys, tiles[tile]), allowance))
        continue;
      size_t end = std::min((tile + 1) * kTile, pairs.right.size);
      for (size_t right = tile * kTile; right < end; ++right)
        if (!isOut(sum(keys, keysOf(pairs.right, right)), allowance))
          pool.push(run, left, right);
    }
    if (!pool.isFull())
      continue;
    pool.compact();
    learn(pool);
    if (pool.hasTooMany())
      return;
  }
}

void GridFilter::collect(llvm::ArrayRef<Pairs> pairs,
                         llvm::ArrayRef<Cost> allowance, Candidates &pool) {
  axes[0] = axisOf(pairs, 0);
  axes[1] = axisOf(pairs, 1);
  floor.assign((kSide + 1) * (kSide + 1), Dimension::kNoBound);
  for (uint32_t i = 0; i < pairs.size(); ++i)
    collectRun(pairs[i], i, allowance, pool);
}

} // namespace gnomon::search
