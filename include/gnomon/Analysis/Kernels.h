// SPDX-License-Identifier: Apache-2.0
// The kernels that a runtime runs for a function: groups of operations and
// inserted layout changes.

#ifndef GNOMON_ANALYSIS_KERNELS_H
#define GNOMON_ANALYSIS_KERNELS_H

#include "gnomon/Analysis/RuntimeRules.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <string>
#include <vector>

namespace gnomon {

/// An operation that runs inside another one's kernel, and as what.
struct FusedSlot {
  /// bias, scale, normalization, activation, sum, pad ...; stands in the rules.
  llvm::StringRef slot;
  mlir::Operation *op;
  /// Costs nothing at run time: constants folded into others when the model is
  /// loaded, or a duplicate of the work that the kernel does anyway.
  bool folded = false;
};

/// What a kernel computes where the runtime changed its operation: transposed
/// operands, other axes.
struct RestatedOperation {
  std::string op; ///< operator of the ONNX domain
  llvm::SmallVector<mlir::Type, 2> operands, results; ///< without constants
  llvm::SmallVector<std::pair<std::string, llvm::SmallVector<int64_t, 4>>, 1>
      attributes;
};

/// One launch of the runtime.
struct Kernel {
  std::string name; ///< the node's name in the model
  /// Where an attribute holds just this name: that one.
  mlir::StringAttr nameAttr;
  std::string op; ///< what the runtime runs: "Conv", "Gelu", "ReorderInput"
  bool blocked = false; ///< works on (or yields) the blocked layout
  bool view = false;    ///< runs, but moves no data
  bool layout = false;  ///< goes from the plain to the blocked layout or back
  llvm::SmallVector<mlir::Operation *, 2> ops; ///< empty: inserted
  mlir::Operation *anchor = nullptr;           ///< null: inserted
  llvm::SmallVector<FusedSlot, 2> fused;
  /// Instead of `anchor`'s own types and attributes; layout kernels have it.
  std::shared_ptr<const RestatedOperation> restated;
  /// What it reads (constants included) and yields. An inserted layout kernel
  /// reads and yields the same value in two layouts.
  llvm::SmallVector<mlir::Value, 4> inputs;
  llvm::SmallVector<mlir::Value, 1> outputs;
  /// How often it runs: more than once in a loop of constant trip count. A
  /// loop of unknown trip count counts once and says so.
  int64_t runs = 1;
  bool runsKnown = true;
};

/// Name under which the model knows a result (attribute onnx.result_names, or
/// onnx.name of an argument); empty where it has none.
llvm::StringRef tensorName(mlir::Value value);

struct KernelOptions {
  unsigned simdBits = 256; ///< width of the device's vectors
};

/// The kernels of a function in program order of their last operation. Work
/// done at load time (from constants only) has no kernel. Time and memory are
/// linear in the number of operations; any IR is accepted.
std::vector<Kernel> formKernels(mlir::func::FuncOp function,
                                const RuntimeRules &rules,
                                const KernelOptions &options = {});

} // namespace gnomon

#endif // GNOMON_ANALYSIS_KERNELS_H
