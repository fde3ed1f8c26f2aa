// SPDX-License-Identifier: Apache-2.0
// Problems for the tests: made up at random, and in the shape of known spaces.

#ifndef GNOMON_TEST_UNIT_SEARCH_PROBLEMS_H
#define GNOMON_TEST_UNIT_SEARCH_PROBLEMS_H

#include "gnomon/Search/Problem.h"

#include <random>

namespace gnomon::search::test {

/// A small problem whose every feature depends on the seed: nested and tied
/// decisions, terms over up to three of them, single options, few or many
/// distinct costs, zeros, maximised and `Max` metrics, limits that may leave
/// nothing.
Problem randomProblem(uint64_t seed);

/// Six edges with five operations each and one table over all of them.
Problem cellProblem(uint64_t seed);

/// Eight layers of three kinds, in the shape of NAS-Bench-Macro; accuracy
/// depends on pairs of neighbours.
Problem layersProblem(uint64_t seed);

/// The shape of OFA-MobileNetV3: a resolution, five stages of depth 2 to 4 with
/// up to four blocks of nine options; latency in ns, accuracy in 1e-9.
Problem stagesProblem(uint64_t seed, uint32_t resolutions = 25,
                      uint32_t stages = 5);

/// A second device: a third metric like the first, bent by entry.
Problem twoDevices(Problem problem);

/// Every canonical assignment, in lexicographic order.
std::vector<Assignment> allAssignments(const Problem &problem);

/// The front by its definition: all networks, compared pairwise.
std::vector<Solution> bruteForceFront(const Problem &problem,
                                      llvm::ArrayRef<uint32_t> metrics);

} // namespace gnomon::search::test

#endif // GNOMON_TEST_UNIT_SEARCH_PROBLEMS_H
