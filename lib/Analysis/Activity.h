// SPDX-License-Identifier: Apache-2.0
// When a decision matters, in as few rows as possible.

#ifndef GNOMON_LIB_ANALYSIS_ACTIVITY_H
#define GNOMON_LIB_ANALYSIS_ACTIVITY_H

#include "gnomon/Search/Problem.h"

namespace gnomon {

/// Rows of literals, one of which must hold, without those that others make
/// needless: rows that differ in one decision and name all of its options are
/// one row without it. Empty: always.
std::vector<std::vector<search::Literal>>
simplified(std::vector<std::vector<search::Literal>> rows,
           const std::vector<search::Decision> &decisions);

} // namespace gnomon

#endif // GNOMON_LIB_ANALYSIS_ACTIVITY_H
