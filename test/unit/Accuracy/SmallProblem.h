// SPDX-License-Identifier: Apache-2.0
// A search with a decision that another one decides about.
#ifndef GNOMON_TEST_UNIT_ACCURACY_SMALLPROBLEM_H
#define GNOMON_TEST_UNIT_ACCURACY_SMALLPROBLEM_H

#include "gnomon/Search/Problem.h"

namespace gnomon {

/// resolution {128, 160}; depth {d1, d2}; last {a, b, c}, asked if depth is d2.
/// One metric: 10 ns each entry.
search::Problem smallProblem();

/// The decisions of ofa-mbv3 at these resolutions.
search::Problem mobileNetV3Problem(llvm::ArrayRef<unsigned> resolutions);

} // namespace gnomon

#endif // GNOMON_TEST_UNIT_ACCURACY_SMALLPROBLEM_H
