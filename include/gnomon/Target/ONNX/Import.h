// SPDX-License-Identifier: Apache-2.0
// From an ONNX file to IR of the onnx dialect.

#ifndef GNOMON_TARGET_ONNX_IMPORT_H
#define GNOMON_TARGET_ONNX_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <optional>

namespace gnomon {

struct ImportOptions {
  /// Whole shapes of inputs, by name.
  llvm::StringMap<llvm::SmallVector<int64_t>> shapes;
  /// Sizes of symbolic dimensions, by name.
  llvm::StringMap<int64_t> dims;
  /// Size of dimensions of inputs that neither names; they stay dynamic if it
  /// is absent.
  std::optional<int64_t> otherDims;
  /// Read the weights into the IR; otherwise it refers to where they lie.
  bool keepWeights = false;
};

/// Import the model in the file `path`: one function, named after the graph,
/// made of unregistered `onnx.*` operations. Needs the dialects func and onnx,
/// which it
/// loads into `context`. On an error diagnostics are emitted, at the node where
/// there is one and at "path":0:0 otherwise, and null is returned. What stays
/// dynamic is said in a remark.
mlir::OwningOpRef<mlir::ModuleOp> importOnnx(llvm::StringRef path,
                                             const ImportOptions &options,
                                             mlir::MLIRContext *context);

/// The same for the bytes of a model; `path` names it in messages, and its
/// folder is where external data lies.
mlir::OwningOpRef<mlir::ModuleOp> importOnnxBytes(llvm::StringRef bytes,
                                                  llvm::StringRef path,
                                                  const ImportOptions &options,
                                                  mlir::MLIRContext *context);

} // namespace gnomon

#endif // GNOMON_TARGET_ONNX_IMPORT_H
