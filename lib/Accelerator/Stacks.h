// SPDX-License-Identifier: Apache-2.0
// The networks that the search for accelerators begins with.

#ifndef GNOMON_LIB_ACCELERATOR_STACKS_H
#define GNOMON_LIB_ACCELERATOR_STACKS_H

#include "gnomon/Search/Problem.h"

namespace gnomon {

/// At most `most` of `count` indices, evenly spread, first and last among them.
std::vector<size_t> evenly(size_t count, size_t most);

/// Networks that stack one option for all decisions with the same options.
class Stacks {
public:
  explicit Stacks(const search::Problem &problem);

  /// Whether the space has at most so many networks.
  bool isSmall(size_t most) const { return networks <= double(most); }
  /// At most so many stacks, evenly spread.
  std::vector<search::Assignment> take(size_t most) const;
  /// All networks of a small space.
  std::vector<search::Assignment> everything() const;

private:
  search::Assignment stack(uint64_t number) const;

  const search::Problem &problem;
  std::vector<size_t> groupOf; ///< of each decision
  std::vector<uint64_t> radix; ///< options of each group
  uint64_t all = 1;            ///< stacks, at most 2^32
  double networks = 1;
};

} // namespace gnomon

#endif // GNOMON_LIB_ACCELERATOR_STACKS_H
