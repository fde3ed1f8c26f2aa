// SPDX-License-Identifier: Apache-2.0
// What no network within the limits can surpass by an evaluator.

#ifndef GNOMON_LIB_SEARCH_PROOF_H
#define GNOMON_LIB_SEARCH_PROOF_H

#include "gnomon/Search/Algorithms.h"

namespace gnomon::search {

/// By branch and bound: boxes of networks are split by decisions, that of the
/// greatest bound first, and left out when nothing in them keeps the limits or
/// is better than `known`. At most `boxes` are bounded, and only the first
/// where that of all networks is no better than `other`, a bound from
/// elsewhere. None: the evaluator bounds nothing.
std::optional<double> boundByBoxes(const Problem &problem, Evaluator &evaluator,
                                   double known, std::optional<double> other,
                                   uint64_t boxes);

/// What the additive stand-in proves: its optimum and the greatest difference
/// between the two. None: there is no stand-in, or no such difference is known.
std::optional<double> boundByStandIn(const Problem &problem,
                                     const Objective &objective,
                                     const CandidateOptions &options);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_PROOF_H
