// SPDX-License-Identifier: Apache-2.0
// Forms the kernels of networks of a supernet, and says which site has which.

#ifndef GNOMON_LIB_ANALYSIS_NETWORKFORMER_H
#define GNOMON_LIB_ANALYSIS_NETWORKFORMER_H

#include "SpaceTables.h"
#include "gnomon/Analysis/KernelFeatures.h"
#include "mlir/IR/OwningOpRef.h"

namespace gnomon {

class NetworkFormer {
public:
  NetworkFormer(const SpaceStructure &space, const SpaceFunction &function,
                const RuntimeRules &rules, const DeviceSpec &device,
                const ProbeOptions &probing);

  /// What each site adds to the network, as indices of `contents`; that of a
  /// site that is not there is `noContent`.
  llvm::FailureOr<std::vector<size_t>>
  form(llvm::ArrayRef<uint32_t> assignment);

  static constexpr size_t noContent = ~size_t(0);

  std::vector<SiteContent> takeContents() { return std::move(contents); }
  std::vector<mlir::LocationAttr> takeLocations() {
    return std::move(locations);
  }
  llvm::ArrayRef<FeatureRow> rows() const { return unique.rows(); }
  size_t networks() const { return formed; }

private:
  /// None: the kernel does not count.
  std::optional<SiteContent::Kernels> describe(const Kernel &kernel);
  unsigned siteOf(const Kernel &kernel) const;
  size_t intern(SiteContent &&content);

  const SpaceStructure &space;
  const SpaceFunction &function;
  const RuntimeRules &rules;
  KernelOptions options;
  const ProbeOptions &probing;
  mlir::OwningOpRef<mlir::ModuleOp> scratch;
  std::unique_ptr<KernelRows> kernelRows;
  /// Of the network at hand.
  llvm::DenseMap<mlir::Operation *, unsigned> sites;

  UniqueRows unique;
  std::vector<mlir::LocationAttr> locations;
  std::vector<SiteContent> contents;
  std::map<SiteContent, size_t> numberOf;
  size_t formed = 0;
};

} // namespace gnomon

#endif // GNOMON_LIB_ANALYSIS_NETWORKFORMER_H
