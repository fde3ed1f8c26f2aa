// SPDX-License-Identifier: Apache-2.0
// Networks on their way down to bounds, and moves of single decisions.

#include "Shrinking.h"

#include "Scorer.h"

#include <algorithm>
#include <numeric>

namespace gnomon::search {

Shrinking::Shrinking(const Problem &problem, Compiled &compiled)
    : compiled(compiled) {
  // No cost is beyond these, and their differences are no overflow.
  auto add = [&](uint32_t metric, bool isLower, Cost bound) {
    bound = std::clamp(bound, -kMaxCost - 1, kMaxCost + 1);
    bound = isLower ? -bound : bound;
    all.push_back({metric, isLower, bound, bound});
  };
  for (const Limit &limit : problem.limits) {
    if (limit.atMost)
      add(limit.metric, false, *limit.atMost);
    if (limit.atLeast)
      add(limit.metric, true, *limit.atLeast);
  }
}

Cost Shrinking::used(size_t index, llvm::ArrayRef<uint32_t> assignment) const {
  Cost cost = compiled.cost(all[index].metric, assignment);
  return all[index].isLower ? -cost : cost;
}

double Shrinking::excess(llvm::ArrayRef<uint32_t> assignment) const {
  double total = 0;
  for (size_t i = 0; i < all.size(); ++i)
    total += double(std::max<Cost>(used(i, assignment) - all[i].target, 0)) /
             all[i].scale;
  return total;
}

double Shrinking::size(llvm::ArrayRef<uint32_t> assignment) const {
  double total = 0;
  for (size_t i = 0; i < all.size(); ++i)
    total += double(used(i, assignment)) / all[i].scale;
  return total;
}

bool Shrinking::shrink(llvm::MutableArrayRef<uint32_t> assignment,
                       uint32_t decision, double share) const {
  const uint32_t old = assignment[decision];
  const double before = excess(assignment);
  const double wanted = std::max(before - share, 0.0);
  uint32_t best = old;
  double least = before, greatest = 0;
  for (uint32_t option = 0; option < compiled.options(decision); ++option) {
    assignment[decision] = option;
    double after = excess(assignment);
    if (after >= before)
      continue;
    double cost = size(assignment);
    // All that take off enough are alike but for what they cost.
    after = std::max(after, wanted);
    bool better = after < least || (after == least && cost > greatest);
    if (best != old && !better)
      continue;
    best = option;
    least = after;
    greatest = cost;
  }
  assignment[decision] = best;
  return best != old;
}

void Shrinking::shrinkJointly(Assignment &assignment, uint32_t most,
                              Random &random, const Assignment *anchor) const {
  std::vector<uint32_t> order(assignment.size());
  std::iota(order.begin(), order.end(), 0);
  uint32_t moved = 0;
  for (uint32_t left = order.size(); left > 0; --left) {
    double excessNow = excess(assignment);
    if (excessNow == 0)
      return;
    std::swap(order[left - 1], order[random.below(left)]);
    double part = moved + 1 < most ? double(random.next()) / 4294967296.0 : 1;
    moved += shrink(assignment, order[left - 1], part * excessNow);
  }
  for (uint32_t decision : order) {
    if (!anchor || excess(assignment) == 0)
      return;
    assignment[decision] = (*anchor)[decision];
  }
}

Assignment extreme(const Problem &problem, Compiled &compiled, uint32_t metric,
                   bool most) {
  Problem free = problem;
  free.limits.clear();
  free.metrics[metric].sense = most ? Sense::Maximize : Sense::Minimize;
  llvm::Expected<Front> front = exactOptimum(free, metric);
  if (front && !front->points.empty())
    return front->points[0].assignment;
  llvm::consumeError(front.takeError());
  Assignment assignment(compiled.size(), 0);
  for (bool moves = true; moves;) {
    moves = false;
    for (uint32_t i = 0; i < assignment.size(); ++i) {
      uint32_t best = assignment[i];
      Cost furthest = compiled.cost(metric, assignment);
      for (uint32_t option = 0; option < compiled.options(i); ++option) {
        assignment[i] = option;
        Cost cost = compiled.cost(metric, assignment);
        if (most ? cost <= furthest : cost >= furthest)
          continue;
        best = option;
        furthest = cost;
        moves = true;
      }
      assignment[i] = best;
    }
  }
  return assignment;
}

} // namespace gnomon::search
