// SPDX-License-Identifier: Apache-2.0
// Recognises a function as a dense network and takes its weights out.

#ifndef GNOMON_ANALYSIS_DENSENETWORK_H
#define GNOMON_ANALYSIS_DENSENETWORK_H

#include "gnomon/Mlp/Mlp.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace gnomon {

/// The network that a function of onnx operations computes for each row of its
/// one argument (rows x inputs, f32): a chain of Gemm or MatMul with constant
/// weights, Add of constants after them, Relu, and operations that leave rows
/// alone (Flatten, Squeeze, Identity, Dropout). Weights must be in the module
/// (importOnnx with keepWeights).
///
/// Everything else is an error at the operation that says what was found and
/// expected.
mlir::FailureOr<Mlp> denseNetworkOf(mlir::func::FuncOp function);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_DENSENETWORK_H
