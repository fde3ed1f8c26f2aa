// SPDX-License-Identifier: Apache-2.0
// How much of every bound a part of the network may use.

#include "Bounds.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace gnomon::search {

std::vector<Cost> leastKeys(Slice front, size_t dimensions) {
  std::vector<Cost> least(dimensions, Dimension::kNoBound);
  for (size_t d = 0; d < dimensions; ++d)
    for (size_t i = 0; i < front.size; ++i)
      least[d] = std::min(least[d], front.column(d)[i]);
  return least;
}

void take(llvm::ArrayRef<Dimension> dimensions, llvm::ArrayRef<Cost> used,
          llvm::MutableArrayRef<Cost> allowance) {
  for (auto [dimension, cost, left] : llvm::zip(dimensions, used, allowance))
    if (left != Dimension::kNoBound && dimension.fold == Fold::Add)
      left = cost > left ? -1 : left - cost;
}

namespace {
/// The least keys of a table by step of a walk over the decisions it shares
/// with `scope`.
std::vector<std::vector<Cost>> project(const Problem &problem,
                                       const FrontTable &table,
                                       const std::vector<uint32_t> &shared,
                                       size_t dimensions) {
  TableWalk walk(problem, table.scope);
  walk.follow(shared);
  std::vector<std::vector<Cost>> least;
  for (size_t entry = 0; entry < walk.size(); ++entry, walk.next()) {
    std::vector<Cost> keys = leastKeys(table.entry(entry), dimensions);
    size_t at = walk.entry(0);
    if (least.size() <= at)
      least.resize(at + 1, std::vector<Cost>(dimensions, Dimension::kNoBound));
    for (size_t d = 0; d < dimensions; ++d)
      least[at][d] = std::min(least[at][d], keys[d]);
  }
  return least;
}

/// The bound of each dimension as an allowance.
std::vector<Cost> boundsOf(llvm::ArrayRef<Dimension> dimensions) {
  std::vector<Cost> bounds;
  for (const Dimension &dimension : dimensions)
    bounds.push_back(dimension.fold == Fold::Min ? Dimension::kNoBound
                                                 : dimension.bound);
  return bounds;
}
} // namespace

Allowances::Allowances(const Problem &problem,
                       llvm::ArrayRef<Dimension> dimensions,
                       const std::vector<uint32_t> &scope,
                       llvm::ArrayRef<FrontTable> others)
    : width(dimensions.size()), values(boundsOf(dimensions)) {
  bounded = llvm::any_of(
      values, [](Cost bound) { return bound != Dimension::kNoBound; });
  if (!bounded)
    return;
  size_t steps = TableWalk(problem, scope).size();
  std::vector<Cost> bounds = std::move(values);
  for (size_t step = 0; step < steps; ++step)
    llvm::append_range(values, bounds);
  for (const FrontTable &table : others) {
    std::vector<uint32_t> shared;
    llvm::copy_if(table.scope, std::back_inserter(shared),
                  [&](uint32_t d) { return llvm::is_contained(scope, d); });
    auto least = project(problem, table, shared, width);
    TableWalk walk(problem, scope);
    walk.follow(shared);
    for (size_t step = 0; step < steps; ++step, walk.next())
      take(dimensions, least[walk.entry(0)],
           llvm::MutableArrayRef(values).slice(step * width, width));
  }
}

} // namespace gnomon::search
