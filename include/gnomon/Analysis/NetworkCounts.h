// SPDX-License-Identifier: Apache-2.0
// Multiply-accumulates, parameters and layers, as papers count them.

#ifndef GNOMON_ANALYSIS_NETWORKCOUNTS_H
#define GNOMON_ANALYSIS_NETWORKCOUNTS_H

#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <map>
#include <string>

namespace gnomon {

struct NetworkCounts {
  /// Multiply-accumulates of convolutions and linear layers, border taps on
  /// padding included, biases not; of the whole batch.
  int64_t macs = 0;
  /// Weights and biases of convolutions, linear layers and batch
  /// normalizations (their gamma and beta, not the running statistics).
  int64_t params = 0;
  /// Convolutions and linear layers.
  int64_t layers = 0;

  NetworkCounts &operator+=(const NetworkCounts &other) {
    macs += other.macs;
    params += other.params;
    layers += other.layers;
    return *this;
  }
  bool operator==(const NetworkCounts &) const = default;
};

/// What one operation adds: onnx.Conv, onnx.Gemm, onnx.MatMul of a constant and
/// onnx.BatchNormalization; nothing for others and for sizes not known.
/// Operations inside its regions are not counted.
NetworkCounts countOperation(mlir::Operation *op);

/// The counts of a network: of a function without choices, or of the options
/// that `selection` (decision -> option) takes. An error names a decision that
/// is asked and has no option, or one the choice lacks.
llvm::Expected<NetworkCounts>
countNetwork(mlir::func::FuncOp function,
             const std::map<std::string, std::string> &selection = {});

/// The function of the module that `selection` picks by gnomon.alternative, or
/// its only one.
llvm::Expected<mlir::func::FuncOp>
selectedFunction(mlir::ModuleOp module,
                 const std::map<std::string, std::string> &selection);

/// The option that `selection` takes. An error names the decision if it has no
/// option, or one the choice lacks.
llvm::Expected<mlir::Block *>
selectedBlock(ChoiceOp choice,
              const std::map<std::string, std::string> &selection);

/// Calls `visit` for the operations of the network that `selection` picks, in
/// order; choices and their yields are left out.
llvm::Error walkSelected(mlir::Block &block,
                         const std::map<std::string, std::string> &selection,
                         llvm::function_ref<void(mlir::Operation *)> visit);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_NETWORKCOUNTS_H
