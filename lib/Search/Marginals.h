// SPDX-License-Identifier: Apache-2.0
// The greatest sum of tables, and the greatest with each option.

#ifndef GNOMON_LIB_SEARCH_MARGINALS_H
#define GNOMON_LIB_SEARCH_MARGINALS_H

#include "gnomon/Search/Problem.h"

namespace gnomon::search {

/// Numbers over a few decisions, ascending; minus infinity: not allowed.
struct ValueTable {
  std::vector<uint32_t> scope;
  std::vector<double> values;
};

/// Of the sum of tables over all assignments the greatest, and by decision and
/// option the greatest with that option.
struct Marginals {
  double best = 0;
  std::vector<std::vector<double>> values;
};

/// By eliminating decisions and back again (Bertele and Brioschi, Nonserial
/// Dynamic Programming, 1972; Shafer and Shenoy, 1990, for the way back).
/// `problem` has no classes of options. None: some table on the way would have
/// more than `tableLimit` entries. `order` names every decision that some table
/// does.
std::optional<Marginals> marginalsOf(const Problem &problem,
                                     llvm::ArrayRef<uint32_t> order,
                                     std::vector<ValueTable> tables,
                                     size_t tableLimit);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_MARGINALS_H
