// SPDX-License-Identifier: Apache-2.0
// Tables that let every network count once.

#ifndef GNOMON_LIB_SEARCH_CHOICETABLES_H
#define GNOMON_LIB_SEARCH_CHOICETABLES_H

#include "Grouping.h"
#include "Tables.h"

namespace gnomon::search {

/// For every decision of `original` a table over those of `grouping` with a
/// point where the decision is active or holds option 0, and none elsewhere;
/// none either for the second of equal options. Where all networks near the
/// front are kept, equal ones included, decisions that cost nothing are there
/// by these tables, and assignments are canonical. Nothing where such a table
/// would pass `tableLimit`.
std::optional<std::vector<FrontTable>>
choiceTables(const Problem &original, const Grouping &grouping,
             llvm::ArrayRef<Dimension> dimensions, size_t tableLimit);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_CHOICETABLES_H
