// SPDX-License-Identifier: Apache-2.0
// The kernels of a supernet's networks, by what its decisions choose.

#ifndef GNOMON_ANALYSIS_SPACEKERNELS_H
#define GNOMON_ANALYSIS_SPACEKERNELS_H

#include "gnomon/Analysis/RuntimeRules.h"
#include "gnomon/Analysis/SpaceStructure.h"
#include "gnomon/Features/FeatureRow.h"

#include <functional>

namespace gnomon {

struct SpaceKernels {
  std::vector<FeatureRow> rows; ///< different kernels
  /// A kernel that is there, and how often it runs.
  struct Use {
    size_t row;
    int64_t runs;
  };
  /// Kernels by entry, as a search::Term has costs.
  struct Part {
    std::vector<uint32_t> scope;
    std::vector<std::vector<uint32_t>> classes;
    std::vector<std::vector<Use>> entries;
  };
  std::vector<Part> parts;
};

/// The kernels of every option of every choice in every context, found as
/// analyzeSpace finds them, under the rules of any runtime: a network's kernels
/// are those of one entry of each part. Only those that `counts` says yes to.
/// Errors: as of analyzeSpace.
llvm::FailureOr<SpaceKernels>
kernelsOfSpace(const SpaceStructure &space, const RuntimeRules &rules,
               std::function<bool(const FeatureRow &)> counts);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_SPACEKERNELS_H
