// SPDX-License-Identifier: Apache-2.0
// PARSEC: Casale, Gordon, Fusi, "Probabilistic Neural Architecture Search",
// 2019, which FP-NAS (FpNas.cpp) builds on: every step draws the same number of
// networks.
//
// Ours: everything but that number is FP-NAS's here, so that the two differ in
// nothing else, and the number is what FP-NAS draws in its first step, a
// quarter of the entropy of the uniform distribution.

#include "gnomon/Search/Algorithms.h"
#include "gnomon/Search/Distribution.h"

#include <algorithm>
#include <cmath>

namespace gnomon::search {

llvm::Expected<SearchResult> searchParsec(const Problem &problem,
                                          const Objective &objective,
                                          const SearchOptions &options) {
  SearchOptions fixed = options;
  if (fixed.fpNas.samples == 0) {
    double count = options.fpNas.perNat * Distribution(problem).entropy();
    fixed.fpNas.samples = uint32_t(std::clamp(std::round(count), 2.0, 1e6));
  }
  llvm::Expected<SearchResult> found = searchFpNas(problem, objective, fixed);
  if (found)
    found->algorithm = "parsec";
  return found;
}

} // namespace gnomon::search
