// SPDX-License-Identifier: Apache-2.0
// From metrics, senses and limits to keys that are all minimised.

#include "Dimensions.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace gnomon::search {

CodeLayout::CodeLayout(const Problem &problem) {
  unsigned used = 0;
  for (const Decision &decision : problem.decisions) {
    unsigned width = llvm::Log2_64_Ceil(decision.options.size());
    if (used + width > 64) {
      ++numWords;
      used = 0;
    }
    used += width;
    uint64_t mask = (uint64_t(1) << width) - 1;
    places.push_back({numWords - 1, width ? 64 - used : 0, mask});
  }
}

Assignment CodeLayout::decode(const uint64_t *code) const {
  Assignment assignment;
  assignment.reserve(places.size());
  for (const Place &place : places)
    assignment.push_back((code[place.word] >> place.shift) & place.mask);
  return assignment;
}

namespace {
/// The cost as something to minimise.
Cost oriented(const Dimension &dimension, Cost cost) {
  return dimension.greater ? -cost : cost;
}

/// The oriented cost from which the keys of a term count; the terms' sum for a
/// `Sum` metric, one number for all terms for a `Max` metric.
Cost idealOf(const Problem &problem, const Dimension &dimension,
             const Term &term) {
  size_t metrics = problem.metrics.size();
  Cost ideal = oriented(dimension, term.costs[dimension.metric]);
  for (size_t i = dimension.metric; i < term.costs.size(); i += metrics)
    ideal = std::min(ideal, oriented(dimension, term.costs[i]));
  return ideal;
}

/// Oriented cost of key 0.
Cost idealOf(const Problem &problem, const Dimension &dimension) {
  if (dimension.fold == Fold::Min)
    return -dimension.neutral;
  Cost ideal = 0;
  if (dimension.fold == Fold::Add)
    for (const Term &term : problem.terms)
      ideal += idealOf(problem, dimension, term);
  return ideal;
}

void tighten(const Problem &problem, Dimension &dimension, Cost bound) {
  __int128 oriented = dimension.greater ? -__int128(bound) : __int128(bound);
  __int128 key = oriented - idealOf(problem, dimension);
  key = std::clamp<__int128>(key, -1, Dimension::kNoBound);
  dimension.bound = std::min(dimension.bound, Cost(key));
  dimension.exact = true;
}
} // namespace

Dimension dimensionFor(const Problem &problem, uint32_t metric, bool greater) {
  Dimension dimension;
  dimension.metric = metric;
  dimension.greater = greater;
  if (problem.metrics[metric].combine == Combine::Sum)
    return dimension;
  dimension.fold = greater ? Fold::Min : Fold::Max;
  if (greater)
    for (const Term &term : problem.terms)
      dimension.neutral =
          std::max(dimension.neutral, -idealOf(problem, dimension, term));
  return dimension;
}

std::vector<Dimension> dimensionsFor(const Problem &problem,
                                     llvm::ArrayRef<uint32_t> metrics) {
  std::vector<Dimension> dimensions;
  for (uint32_t metric : metrics)
    dimensions.push_back(dimensionFor(
        problem, metric, problem.metrics[metric].sense == Sense::Maximize));
  auto limit = [&](uint32_t metric, bool greater, std::optional<Cost> bound) {
    if (!bound)
      return;
    auto found = llvm::find_if(dimensions, [&](const Dimension &dimension) {
      return dimension.metric == metric && dimension.greater == greater;
    });
    if (found == dimensions.end())
      found = dimensions.insert(found, dimensionFor(problem, metric, greater));
    tighten(problem, *found, *bound);
  };
  for (const Limit &bound : problem.limits) {
    limit(bound.metric, false, bound.atMost);
    limit(bound.metric, true, bound.atLeast);
  }
  return dimensions;
}

std::vector<FrontTable> keyTables(const Problem &problem,
                                  llvm::ArrayRef<Dimension> dimensions) {
  size_t metrics = problem.metrics.size();
  std::vector<FrontTable> tables;
  for (const Term &term : problem.terms) {
    FrontTable &table = tables.emplace_back();
    table.scope = term.scope;
    table.points = Points(dimensions.size());
    for (auto [d, dimension] : llvm::enumerate(dimensions)) {
      Cost ideal = dimension.fold == Fold::Add
                       ? idealOf(problem, dimension, term)
                       : -dimension.neutral;
      for (size_t i = dimension.metric; i < term.costs.size(); i += metrics)
        table.points.keys[d].push_back(oriented(dimension, term.costs[i]) -
                                       ideal);
    }
  }
  return tables;
}

} // namespace gnomon::search
