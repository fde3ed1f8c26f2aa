// SPDX-License-Identifier: Apache-2.0
// What a module costs: kernels, estimates, networks, and what covers them.

#ifndef GNOMON_ANALYSIS_COSTANALYSIS_H
#define GNOMON_ANALYSIS_COSTANALYSIS_H

#include "gnomon/Analysis/CostSetup.h"
#include "gnomon/Analysis/Kernels.h"
#include "gnomon/Cost/CostModel.h"
#include "gnomon/Features/FeatureRow.h"
#include "mlir/IR/BuiltinOps.h"
#include <unordered_map>

namespace gnomon {

/// Feature rows, each different one once.
class UniqueRows {
public:
  /// Index of the row, which is appended if it is new.
  size_t add(const FeatureRow &row);
  llvm::ArrayRef<FeatureRow> rows() const { return known; }
  size_t size() const { return known.size(); }

private:
  std::vector<FeatureRow> known;
  std::unordered_multimap<uint64_t, size_t> byHash;
};

/// Asks a cost model about many rows, each different row once.
class CachedCosts {
public:
  explicit CachedCosts(const CostModel &model) : model(model) {}

  /// One estimate a row, in order. New rows go to the model in one batch, whose
  /// error is passed on.
  llvm::Expected<std::vector<Estimate>>
  estimate(llvm::ArrayRef<const FeatureRow *> rows);

  /// Different rows asked about so far.
  size_t size() const { return rows.size(); }

private:
  const CostModel &model;
  UniqueRows rows;
  std::vector<Estimate> answers; ///< of the first of `rows`
};

/// Where a kernel is in the model; `fallback` if nothing says so.
mlir::LocationAttr locationOf(const Kernel &kernel, mlir::Location fallback);

/// What stands for the row of an operation that no extractor knows.
FeatureRow rowOfUnknown();

/// One kernel, its features and what it costs in one run of the network; or one
/// block, by what a table says about it.
struct KernelCost {
  Kernel kernel;
  /// Shared by equal kernels; null: a block.
  std::shared_ptr<const FeatureRow> row;
  Estimate estimate;
  double rooflineUs = 0; ///< NaN: a block's is not known
  /// What it adds to the network: see NetworkModel::shareNs.
  int64_t shareNs = 0;
  /// Why the source is Unsupported, Roofline or Extrapolated; else empty.
  std::string reason;

  /// The operations it stands for; 0 for inserted kernels.
  size_t opCount() const { return kernel.ops.size(); }
  /// That of its features; "block".
  llvm::StringRef kindName() const;
  /// Of one run; NaN: not known.
  double flops() const;
  double bytes() const;
  /// Where it is in the model.
  mlir::LocationAttr location;
};

/// How much of a network an estimate's source covers.
struct SourceShare {
  size_t ops = 0;
  double flops = 0; ///< NaN: not known, as of blocks
  double latencyUs = 0;
};

struct FunctionCost {
  mlir::func::FuncOp function;
  std::vector<KernelCost> kernels;        ///< in program order
  std::vector<mlir::Operation *> freeOps; ///< done once, at load time
  /// The kernels' shares and the network's constant, summed up.
  int64_t latencyNs = 0;
  double latencyUs = 0, lowUs = 0, highUs = 0;        ///< of latencyNs
  std::array<SourceShare, allSources.size()> sources; ///< indexed by Source

  const SourceShare &share(Source source) const {
    return sources[unsigned(source)];
  }
  /// Indices of kernels, dearest first; ties in program order.
  std::vector<size_t> dearestFirst() const;
  /// Fills latencies and sources from the kernels' estimates and shares, and
  /// what the network takes beside them.
  void sumUp(int64_t constantNs, const CostSetup &setup);
};

struct ModuleCost {
  std::vector<FunctionCost> functions; ///< those with a body, in order
  size_t entry = 0; ///< `main`, else the first public one, else the first
};

/// Costs every function as the setup does: forms its kernels and estimates
/// them, in one batch a kind, or looks its blocks up (costBlocks). The IR is
/// left as it is. Errors are emitted: at the module, if a forest that is needed
/// cannot be read; where tables do not know a block.
mlir::FailureOr<ModuleCost> analyzeCost(mlir::ModuleOp module,
                                        const CostSetup &setup);

/// Kernels and features without estimates, for recording; functions in order. A
/// kernel that the model does not name is called after its operator and place:
/// "Relu#3".
std::vector<KernelCost> describeKernels(mlir::func::FuncOp function,
                                        const RuntimeRules &rules,
                                        const DeviceSpec &device);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_COSTANALYSIS_H
