// SPDX-License-Identifier: Apache-2.0
// The feature row of a kernel: its anchor's, and what fusion adds.

#ifndef GNOMON_ANALYSIS_KERNELFEATURES_H
#define GNOMON_ANALYSIS_KERNELFEATURES_H

#include "gnomon/Analysis/Kernels.h"
#include "gnomon/Features/Extract.h"
#include <unordered_map>

namespace gnomon {

/// Features of one kernel. An inserted layout kernel is described by the tensor
/// it reorders. std::nullopt: no extractor knows the anchor.
std::optional<FeatureRow> kernelFeatures(const Kernel &kernel,
                                         const LoadTimeAnalysis &loadTime);

/// The rows of many kernels of one context; kernels that no extractor can tell
/// apart share one.
class KernelRows {
public:
  KernelRows(mlir::MLIRContext *context, const LoadTimeAnalysis &loadTime)
      : loadTime(&loadTime), keys(context, loadTime) {}
  /// Of the function whose kernels come next.
  void setLoadTime(const LoadTimeAnalysis &analysis) {
    loadTime = &analysis;
    keys.setLoadTime(analysis);
  }

  /// Null: no extractor knows the anchor.
  std::shared_ptr<const FeatureRow> get(const Kernel &kernel);

private:
  using Row = std::shared_ptr<const FeatureRow>;
  /// Fills `key`; false: the kernel has to be looked at by itself.
  bool makeKey(const Kernel &kernel);
  void appendValues(const Kernel &kernel);
  Row make(const Kernel &kernel) const;

  struct Entry {
    std::vector<const void *> key;
    Row row;
  };

  const LoadTimeAnalysis *loadTime;
  FeatureKeys keys;
  llvm::StringSet<> names; ///< of what the runtime runs
  FeatureKeys::Key key;    ///< of the kernel at hand; kept for its memory
  std::unordered_multimap<uint64_t, Entry> rows; ///< by the hash of the key
};

} // namespace gnomon

#endif // GNOMON_ANALYSIS_KERNELFEATURES_H
