// SPDX-License-Identifier: Apache-2.0
// The front of a union of sums of fronts.

#include "FrontUnion.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace gnomon::search {

FrontUnion::FrontUnion(llvm::ArrayRef<Dimension> all, unsigned words,
                       size_t pointLimit)
    : dimensions(all.begin(), all.end()), pool(all, words, pointLimit),
      plane(all), grid(all) {}

bool FrontUnion::hasSlack() const {
  return llvm::any_of(
      dimensions, [](const Dimension &one) { return one.slack.has_value(); });
}

/// Two sums; slack, if any, in the second.
bool FrontUnion::isPlane() const {
  return dimensions.size() == 2 && !dimensions[0].slack &&
         llvm::all_of(dimensions, [](const Dimension &one) {
           return one.fold == Fold::Add;
         });
}

void FrontUnion::collect(const Pairs &pairs, uint32_t run,
                         llvm::ArrayRef<Cost> allowance) {
  auto fits = [&](size_t left, size_t right) {
    for (auto [d, dimension] : llvm::enumerate(dimensions))
      if (fold(dimension.fold, pairs.left.column(d)[left],
               pairs.right.column(d)[right]) > allowance[d])
        return false;
    return true;
  };
  for (size_t left = 0; left < pairs.left.size; ++left)
    for (size_t right = 0; right < pairs.right.size; ++right) {
      if (!fits(left, right))
        continue;
      pool.push(run, left, right);
      if (pool.isFull())
        pool.compact();
      if (pool.hasTooMany())
        return;
    }
}

bool FrontUnion::run(llvm::ArrayRef<Pairs> pairs,
                     llvm::ArrayRef<Cost> allowance, Points &front) {
  pool.start(pairs, cellBits);
  size_t sums = 0;
  double error = 1;
  for (const Pairs &run : pairs) {
    sums += run.left.size * run.right.size;
    error = std::max({error, run.left.points->error, run.right.points->error});
  }
  if (isPlane() && sums > PlaneFilter::kWorthwhile)
    plane.collect(pairs, allowance, sums, pool);
  else if (dimensions.size() == 3 && !hasSlack() &&
           sums > GridFilter::kWorthwhile)
    grid.collect(pairs, allowance, pool);
  else
    for (auto [index, run] : llvm::enumerate(pairs))
      collect(run, index, allowance);
  pool.compact();
  pool.append(front);
  if (pool.gridBits() != kExactCells)
    error *= 1 + std::ldexp(1.0, -int(pool.gridBits()));
  front.error = std::max(front.error, error);
  return !pool.hasTooMany();
}

} // namespace gnomon::search
