// SPDX-License-Identifier: Apache-2.0
// In what order decisions are eliminated, and what that means for rounding.

#ifndef GNOMON_LIB_SEARCH_ORDER_H
#define GNOMON_LIB_SEARCH_ORDER_H

#include "Points.h"

namespace gnomon::search {

struct EliminationOrder {
  std::vector<uint32_t> decisions;
  /// The most roundings that a network goes through on its way to the result.
  unsigned roundings = 0;
};

/// Greedy: the decision whose elimination forms the fewest pairs comes first,
/// as far as the sizes of tables and a guess at those of fronts tell; ties: the
/// one that leaves the smallest table, then the lowest index.
EliminationOrder chooseOrder(const Problem &problem,
                             llvm::ArrayRef<FrontTable> tables);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_ORDER_H
