// SPDX-License-Identifier: Apache-2.0
// The feature row of a kernel: its anchor's, and what fusion adds.

#ifndef GNOMON_ANALYSIS_KERNELFEATURES_H
#define GNOMON_ANALYSIS_KERNELFEATURES_H

#include "gnomon/Analysis/Kernels.h"
#include "gnomon/Features/Extract.h"

namespace gnomon {

/// Features of one kernel. An inserted layout kernel is described by the tensor
/// it reorders. std::nullopt: no extractor knows the anchor.
std::optional<FeatureRow> kernelFeatures(const Kernel &kernel,
                                         const LoadTimeAnalysis &loadTime);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_KERNELFEATURES_H
