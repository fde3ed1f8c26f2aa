// SPDX-License-Identifier: Apache-2.0
// Drawing networks within the limits.

#ifndef GNOMON_LIB_SEARCH_SAMPLER_H
#define GNOMON_LIB_SEARCH_SAMPLER_H

#include "gnomon/Search/Algorithms.h"
#include "gnomon/Search/Random.h"

#include "Compiled.h"

namespace gnomon::search {

/// Makes networks that keep the limits out of ones that may not: by drawing
/// again, a bounded number of times, then by moving decision after decision
/// (in random order) to the network that is furthest inside the first limit.
class Sampler {
public:
  /// Answers with the reachable values where no network keeps the limits.
  static llvm::Expected<Sampler> create(const Problem &problem,
                                        Compiled &compiled, uint64_t seed,
                                        uint32_t tries,
                                        std::vector<Reach> &reachable);

  Random &random() { return generator; }
  uint64_t drawn() const { return numDrawn; }

  /// A canonical network within the limits from what `draw` writes; none where
  /// tries did not help and no network is known to repair towards.
  std::optional<Assignment> sample(llvm::function_ref<void(Assignment &)> draw);

  /// Every decision uniformly.
  void uniform(Assignment &assignment);

private:
  Sampler(Compiled &compiled, uint64_t seed, uint32_t tries)
      : compiled(&compiled), generator(seed), tries(tries) {}
  void repair(Assignment &assignment);

  Compiled *compiled;
  Random generator;
  uint32_t tries;
  std::optional<Assignment> anchor;
  uint64_t numDrawn = 0;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_SAMPLER_H
