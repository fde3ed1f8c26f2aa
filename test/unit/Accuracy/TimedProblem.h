// SPDX-License-Identifier: Apache-2.0
// OFA-MobileNetV3 with made-up latencies, judged by the shipped network.
#ifndef GNOMON_TEST_UNIT_ACCURACY_TIMEDPROBLEM_H
#define GNOMON_TEST_UNIT_ACCURACY_TIMEDPROBLEM_H

#include "gnomon/Accuracy/MlpEvaluator.h"
#include "gnomon/Search/Algorithms.h"

namespace gnomon {

/// ofa-mbv3 with made-up latencies, 7 ms to 43 ms.
search::Problem timedProblem();

/// The accuracy network that comes with Gnomon, for the decisions of ofa-mbv3.
MlpEvaluator shippedNetwork(const search::Problem &problem);

/// Mean over the seeds of what a search finds.
double meanScore(llvm::StringRef name, const search::Problem &problem,
                 search::Evaluator &evaluator, search::SearchOptions options,
                 uint64_t seeds);

} // namespace gnomon

#endif // GNOMON_TEST_UNIT_ACCURACY_TIMEDPROBLEM_H
