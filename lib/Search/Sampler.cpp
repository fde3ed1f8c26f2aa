// SPDX-License-Identifier: Apache-2.0
// Drawing networks within the limits.

#include "Sampler.h"

#include "Scorer.h"

#include <numeric>

namespace gnomon::search {

void Sampler::findAnchor() {
  hasLooked = true;
  llvm::Expected<Front> front = exactOptimum(problem, problem.limits[0].metric);
  if (!front) {
    // Too large to solve: what tries find has to do.
    llvm::consumeError(front.takeError());
    return;
  }
  farthest = std::move(front->reachable);
  if (!front->points.empty())
    anchor = front->points[0].assignment;
}

void Sampler::uniform(Assignment &assignment) {
  for (uint32_t i = 0; i < assignment.size(); ++i)
    assignment[i] = generator.below(compiled.options(i));
}

void Sampler::repair(Assignment &assignment) {
  std::vector<uint32_t> order(assignment.size());
  std::iota(order.begin(), order.end(), 0);
  for (uint32_t left = order.size(); left > 0; --left) {
    std::swap(order[left - 1], order[generator.below(left)]);
    uint32_t decision = order[left - 1];
    assignment[decision] = (*anchor)[decision];
    if (compiled.fits(assignment))
      return;
  }
}

std::optional<Assignment>
Sampler::sample(llvm::function_ref<void(Assignment &)> draw) {
  if (!farthest.empty())
    return std::nullopt;
  Assignment assignment(compiled.size(), 0);
  for (uint32_t i = 0; i < tries; ++i) {
    draw(assignment);
    ++numDrawn;
    if (compiled.fits(assignment))
      return assignment;
  }
  if (!hasLooked)
    findAnchor();
  if (!anchor)
    return std::nullopt;
  repair(assignment);
  return assignment;
}

} // namespace gnomon::search
