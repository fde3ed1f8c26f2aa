// SPDX-License-Identifier: Apache-2.0
// Drawing networks within the limits.

#include "Sampler.h"

#include "Scorer.h"

#include <numeric>

namespace gnomon::search {

void Sampler::lookForAnchor() {
  hasLooked = true;
  Anchor found = findAnchor(problem);
  farthest = std::move(found.reachable);
  anchor = std::move(found.network);
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
    lookForAnchor();
  if (!anchor || constraint == Constraint::Reject)
    return std::nullopt;
  repair(assignment);
  return assignment;
}

} // namespace gnomon::search
