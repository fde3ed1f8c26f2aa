// SPDX-License-Identifier: Apache-2.0
// Drawing networks within the limits.

#ifndef GNOMON_LIB_SEARCH_SAMPLER_H
#define GNOMON_LIB_SEARCH_SAMPLER_H

#include "gnomon/Search/Algorithms.h"
#include "gnomon/Support/Random.h"

#include "Compiled.h"

namespace gnomon::search {

/// Makes networks that keep the limits out of ones that may not: by drawing
/// again, a bounded number of times, then by moving decision after decision
/// (in random order) to the network that is furthest inside the first limit,
/// unless what breaks limits is to be rejected.
class Sampler {
public:
  Sampler(const Problem &problem, Compiled &compiled,
          const SearchOptions &options, uint32_t tries)
      : problem(problem), compiled(compiled), generator(options.seed),
        constraint(options.constraint), tries(tries) {}

  Random &random() { return generator; }
  uint64_t drawn() const { return numDrawn; }

  /// Filled when no network keeps the limits; there are no samples then.
  std::vector<Reach> &reachable() { return farthest; }

  /// What is repaired from here on moves towards this network, which keeps the
  /// limits.
  void setAnchor(Assignment network) {
    anchor = std::move(network);
    hasLooked = true;
  }

  /// A network within the limits from what `draw` writes, not canonical: what
  /// is not active now may matter to its children. None where tries did not
  /// help and repair is not wanted, or nothing to repair towards is known.
  std::optional<Assignment> sample(llvm::function_ref<void(Assignment &)> draw);

  /// Every decision uniformly.
  void uniform(Assignment &assignment);

private:
  /// Solves for the anchor when it is first needed.
  void lookForAnchor();
  void repair(Assignment &assignment);

  const Problem &problem;
  Compiled &compiled;
  Random generator;
  Constraint constraint;
  uint32_t tries;
  bool hasLooked = false;
  std::optional<Assignment> anchor;
  std::vector<Reach> farthest;
  uint64_t numDrawn = 0;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_SAMPLER_H
