// SPDX-License-Identifier: Apache-2.0
// A smaller problem for a device: the best options of every decision.

#ifndef GNOMON_SEARCH_PRUNING_H
#define GNOMON_SEARCH_PRUNING_H

#include "gnomon/Search/Problem.h"

namespace gnomon::search {

/// What an option takes and gives: the mean over its contexts.
struct OptionWorth {
  double capacity = 0, cost = 0;

  /// Neither takes nor gives anything: a layer left out.
  bool isFree() const { return capacity == 0 && cost == 0; }
};

/// How to rank options, and how many to keep.
struct PruneOptions {
  uint32_t capacity = 0; ///< metric of which more is better
  uint32_t cost = 0;     ///< metric of which less is better
  uint32_t keep = 0;     ///< options a decision; at least 1
};

/// The worth of each option of a decision: means over all options of the other
/// decisions, of the terms that it owns (of two that are the same decision, the
/// sum). `owners` says which decision each term of the problem is about.
std::vector<OptionWorth>
worthOfOptions(const Problem &problem,
               llvm::ArrayRef<std::optional<uint32_t>> owners,
               uint32_t decision, const PruneOptions &options);

/// The options of each decision that are kept, in their order: those of most
/// capacity a cost, of equals those of more capacity, then the first.
///
/// Decisions that others depend on, and those that own no term, keep all.
/// Options that are free are no operators: they are kept, too, and do not
/// count. Errors: nothing to keep (`keep` is 0), an option with a capacity
/// whose cost is not above 0, no decision that could be pruned.
llvm::Expected<std::vector<std::vector<uint32_t>>>
pruneOptions(const Problem &problem,
             llvm::ArrayRef<std::optional<uint32_t>> owners,
             const PruneOptions &options);

} // namespace gnomon::search

#endif // GNOMON_SEARCH_PRUNING_H
