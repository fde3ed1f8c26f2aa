// SPDX-License-Identifier: Apache-2.0
// Two summed keys: most pairs are ruled out without being formed.

#include "PlaneFilter.h"

#include <algorithm>

namespace gnomon::search {

namespace {
/// The sign tells which of two edges is the steeper one. Rounded: what is
/// wrong by an ulp makes a guess worse, not an answer wrong.
double turn(Cost x1, Cost y1, Cost x2, Cost y2) {
  return double(y1) * double(x2) - double(y2) * double(x1);
}

/// The points on the lower left convex hull of a front.
std::vector<uint32_t> hull(Slice front) {
  const Cost *x = front.column(0), *y = front.column(1);
  std::vector<uint32_t> kept;
  for (uint32_t i = 0; i < front.size; ++i) {
    while (kept.size() >= 2) {
      uint32_t a = kept[kept.size() - 2], b = kept.back();
      if (turn(x[b] - x[a], y[b] - y[a], x[i] - x[b], y[i] - y[b]) <= 0)
        break;
      kept.pop_back();
    }
    kept.push_back(i);
  }
  return kept;
}
} // namespace

PlaneFilter::PlaneFilter(llvm::ArrayRef<Dimension> dimensions) {
  if (dimensions.size() == 2 && dimensions[1].slack)
    margin = *dimensions[1].slack + 1;
}

void PlaneFilter::start(llvm::ArrayRef<Pairs> pairs,
                        llvm::ArrayRef<Cost> allowance, size_t sums) {
  Cost low = Dimension::kNoBound, high = 0;
  for (const Pairs &run : pairs) {
    if (run.left.size == 0 || run.right.size == 0)
      continue;
    const Cost *a = run.left.column(0), *b = run.right.column(0);
    low = std::min(low, a[0] + b[0]);
    high = std::max(high, a[run.left.size - 1] + b[run.right.size - 1]);
  }
  origin = low;
  greatestFirst = allowance[0];
  greatestSecond = allowance[1];
  size_t wanted = std::clamp<size_t>(sums / 16, 64, 1 << 14);
  unsigned range = llvm::bit_width(uint64_t(std::max(high, low) - low));
  unsigned bits = llvm::bit_width(wanted);
  shift = range > bits ? range - bits : 0;
  Cost most = allowance[1] == Dimension::kNoBound ? Dimension::kNoBound
                                                  : allowance[1] + 1;
  floor.assign(bucket(std::max(high, low)) + 1, most);
  if (allowance[0] < high)
    for (size_t i = allowance[0] < low ? 0 : bucket(allowance[0]) + 1;
         i < floor.size(); ++i)
      floor[i] = std::numeric_limits<Cost>::min();
}

/// The hull of all sums consists of the edges of both hulls, steepest first.
void PlaneFilter::seed(const Pairs &pairs) {
  std::vector<uint32_t> left = hull(pairs.left), right = hull(pairs.right);
  const Cost *ax = pairs.left.column(0), *ay = pairs.left.column(1);
  const Cost *bx = pairs.right.column(0), *by = pairs.right.column(1);
  for (size_t i = 0, j = 0; i < left.size() && j < right.size();) {
    uint32_t a = left[i], b = right[j];
    lower(ax[a] + bx[b], ay[a] + by[b]);
    bool hasLeft = i + 1 < left.size(), hasRight = j + 1 < right.size();
    if (hasLeft && hasRight) {
      uint32_t a2 = left[i + 1], b2 = right[j + 1];
      hasLeft = turn(ax[a2] - ax[a], ay[a2] - ay[a], bx[b2] - bx[b],
                     by[b2] - by[b]) <= 0;
    }
    (hasLeft ? i : j) += 1;
  }
}

/// `lowest`: no second key of these points of the right side is below.
void PlaneFilter::collectRow(const Pairs &pairs, uint32_t run, size_t left,
                             size_t begin, size_t end, Cost lowest,
                             Candidates &pool) {
  Cost x = pairs.left.column(0)[left] - origin;
  Cost y = pairs.left.column(1)[left] - margin;
  const Cost *bx = pairs.right.column(0), *by = pairs.right.column(1);
  const Cost *known = floor.data();
  if (known[uint64_t(x + bx[begin]) >> shift] <= y + lowest)
    return;
  // Which pairs stay is hard to foresee, so no branch asks.
  uint32_t stay[kTile];
  size_t count = 0;
  for (size_t right = begin; right < end; ++right) {
    stay[count] = right;
    count += known[uint64_t(x + bx[right]) >> shift] > y + by[right];
  }
  for (uint32_t right : llvm::ArrayRef(stay, count)) {
    Cost first = origin + x + bx[right], second = y + margin + by[right];
    if (first > greatestFirst || second > greatestSecond)
      continue;
    pool.push(first, second, run, left, right);
    lower(first, second);
  }
}

namespace {
/// The least second key up to each point.
std::vector<Cost> runningLeast(Slice front) {
  std::vector<Cost> least(front.column(1), front.column(1) + front.size);
  for (size_t i = 1; i < least.size(); ++i)
    least[i] = std::min(least[i], least[i - 1]);
  return least;
}
} // namespace

void PlaneFilter::collectRun(const Pairs &pairs, uint32_t run,
                             Candidates &pool) {
  const Cost *ax = pairs.left.column(0), *bx = pairs.right.column(0);
  std::vector<Cost> ay = runningLeast(pairs.left);
  std::vector<Cost> by = runningLeast(pairs.right);
  for (size_t top = 0; top < pairs.left.size; top += kTile) {
    size_t bottom = std::min(top + kTile, pairs.left.size);
    for (size_t begin = 0; begin < pairs.right.size; begin += kTile) {
      size_t end = std::min(begin + kTile, pairs.right.size);
      if (isDominated(ax[top] + bx[begin], ay[bottom - 1] + by[end - 1]))
        continue;
      for (size_t left = top; left < bottom; ++left)
        collectRow(pairs, run, left, begin, end, by[end - 1], pool);
      if (pool.isFull())
        pool.compact();
      if (pool.hasTooMany())
        return;
    }
  }
}

void PlaneFilter::collect(llvm::ArrayRef<Pairs> pairs,
                          llvm::ArrayRef<Cost> allowance, size_t sums,
                          Candidates &pool) {
  start(pairs, allowance, sums);
  for (const Pairs &run : pairs)
    if (run.left.size * run.right.size > kSeeded)
      seed(run);
  for (uint32_t i = 0; i < pairs.size(); ++i)
    collectRun(pairs[i], i, pool);
  pool.removeIf(
      [&](Cost first, Cost second) { return isDominated(first, second); });
}

} // namespace gnomon::search
