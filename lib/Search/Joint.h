// SPDX-License-Identifier: Apache-2.0
// A problem copied for several networks, and what these have in common.

#ifndef GNOMON_LIB_SEARCH_JOINT_H
#define GNOMON_LIB_SEARCH_JOINT_H

#include "Grouping.h"
#include "gnomon/Search/Sharing.h"

#include <map>

namespace gnomon::search {

/// The copies of a problem, and what they have in common. Of the problem as it
/// is when classes of options and activity are decisions and tables.
class Joint {
public:
  /// Metrics of the joint problem; those of copies come after them.
  enum : uint32_t { kTotal, kDiffering, kConflicts };

  Joint(const Problem &original, const SharingQuery &query)
      : original(original), query(query), grouping(original) {}

  llvm::Error build(llvm::ArrayRef<Solution> alone);
  /// The copies as if they had nothing to do with each other.
  const Problem &apart() const { return copies; }
  /// The copies, of which at most so many slots differ.
  Problem differingBy(uint32_t slots) const;
  /// The networks of an assignment.
  SharedNetworks split(llvm::ArrayRef<uint32_t> assignment) const;
  SharedNetworks describe(std::vector<Solution> networks) const;

private:
  const Problem &base() const { return grouping.problem(); }
  size_t count() const { return query.limits.size(); }
  uint32_t copied(size_t copy, uint32_t decision) const {
    return copy * base().decisions.size() + decision;
  }
  void addDecisions(size_t copy);
  void addLimits(size_t copy, const Solution &alone);
  void addTerms(size_t copy);
  llvm::Error addSlot(llvm::ArrayRef<uint32_t> slot);
  /// By combination of options of the slot and what it depends on, the number
  /// of its state.
  std::vector<uint32_t> statesOf(llvm::ArrayRef<uint32_t> slot,
                                 llvm::ArrayRef<uint32_t> scope) const;

  const Problem &original;
  const SharingQuery &query;
  Grouping grouping;
  Problem copies, joint;
  /// By copy, the joint metric of each of the problem's metrics that is
  /// limited.
  std::vector<std::map<uint32_t, uint32_t>> metrics;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_JOINT_H
