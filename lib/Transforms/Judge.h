// SPDX-License-Identifier: Apache-2.0
// Accuracy networks as judges of the networks found.

#ifndef GNOMON_LIB_TRANSFORMS_JUDGE_H
#define GNOMON_LIB_TRANSFORMS_JUDGE_H

#include "gnomon/Transforms/ArchitectureSearch.h"

namespace gnomon {

/// The accuracy network that the query names; null if it names none. Errors: a
/// file that cannot be read, a network that does not fit the problem or has no
/// stand-in.
llvm::Expected<std::unique_ptr<search::Evaluator>>
makeJudge(const ArchitectureQuery &query, const search::Problem &problem);

/// Judges the points of a front and drops those that are dominated then; learns
/// how far the objective's metric is from the judge (`assumedError`).
void judgeFront(search::Evaluator &judge, uint64_t seed,
                ArchitectureFront &front);

} // namespace gnomon

#endif // GNOMON_LIB_TRANSFORMS_JUDGE_H
