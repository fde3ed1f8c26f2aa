// SPDX-License-Identifier: Apache-2.0
// How far the latency of a space's networks may be off, put together kernel by
// kernel.

#ifndef GNOMON_LIB_ANALYSIS_SPACESPREAD_H
#define GNOMON_LIB_ANALYSIS_SPACESPREAD_H

#include "SpaceTerms.h"
#include "gnomon/Cost/ErrorModel.h"
#include "gnomon/Search/Chance.h"

namespace gnomon {

/// What a kernel adds to its network.
struct KernelShare {
  search::Cost ns = 0;
  KernelKind kind = KernelKind::free;
};

/// The spread of a latency beside its terms.
class SpaceSpread {
public:
  SpaceSpread(const std::vector<search::Decision> &decisions,
              const ErrorModel &errors);

  /// Adds kernels to one entry of a term (SpaceTerms::add).
  void add(const std::vector<uint32_t> &scope,
           const SpaceTerms::Classes &classes, const std::vector<uint32_t> &key,
           llvm::ArrayRef<KernelShare> shares);

  /// Adds what errs with the network alone to all networks that a path leads
  /// to (SpaceTerms::addOn).
  llvm::Error addOn(llvm::ArrayRef<search::Literal> path, search::Cost ns) {
    return terms.addOn(path, 0, ns);
  }

  search::Spread take();

private:
  const ErrorModel &errors;
  /// Parts of KernelKind; the first stands for all that err with the network
  /// alone.
  std::vector<size_t> partOf;
  search::Spread spread;
  SpaceTerms terms;
};

} // namespace gnomon

#endif // GNOMON_LIB_ANALYSIS_SPACESPREAD_H
