// SPDX-License-Identifier: Apache-2.0
// From IR of the onnx dialect to an ONNX file.

#ifndef GNOMON_TARGET_ONNX_EXPORT_H
#define GNOMON_TARGET_ONNX_EXPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace gnomon {

struct ExportOptions {
  /// The ONNX file that weight references mean; empty: the one the module
  /// names.
  std::string weightsFrom;
};

/// Write the only function of `module` as an ONNX model. Weights that the IR
/// refers to are copied into it. Errors are emitted at the operation: one that
/// is not of the onnx dialect, an attribute ONNX lacks, weights that cannot be
/// read, a model above the 2 GB that protobuf writes.
llvm::LogicalResult exportOnnx(mlir::ModuleOp module,
                               const ExportOptions &options,
                               llvm::raw_ostream &out);

} // namespace gnomon

#endif // GNOMON_TARGET_ONNX_EXPORT_H
