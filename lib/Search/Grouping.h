// SPDX-License-Identifier: Apache-2.0
// Decisions split in two where terms do not tell all options apart: a class of
// options, and an option of the class. What depends on the class alone is then
// a small table, and elimination stays cheap.

#ifndef GNOMON_LIB_SEARCH_GROUPING_H
#define GNOMON_LIB_SEARCH_GROUPING_H

#include "gnomon/Search/Problem.h"

namespace gnomon::search {

class Grouping {
public:
  /// `original` must be sound and outlive this.
  explicit Grouping(const Problem &original);

  /// The same networks and costs, without classes and without activity: an
  /// option's class comes right before it. Classes of fewer options than others
  /// of their decision have their last option several times.
  const Problem &problem() const { return split; }

  /// The decisions of `problem()` that stand for one of the original: its own,
  /// or the class and the option.
  llvm::SmallVector<uint32_t, 2> decisionsOf(uint32_t original) const;
  /// The assignment of `problem()` for one of the original, with the first of
  /// equal options.
  Assignment divide(llvm::ArrayRef<uint32_t> assignment) const;
  /// The assignment of the original problem that one of `problem()` means.
  Assignment restore(const Assignment &assignment) const;

private:
  /// A decision of the original problem in the split one.
  struct Part {
    uint32_t decision = 0; ///< that of the class, if there are classes
    /// Options by class; empty: not split.
    std::vector<std::vector<uint32_t>> members;
    std::vector<uint32_t> classOf; ///< by option
  };

  void splitDecision(const Problem &original, uint32_t decision);
  void splitTerm(const Problem &original, const Term &term);
  bool needsOption(const Problem &original, const Term &term,
                   size_t place) const;

  std::vector<Part> parts;
  Problem split;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_GROUPING_H
