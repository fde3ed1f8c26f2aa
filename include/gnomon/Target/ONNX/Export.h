// SPDX-License-Identifier: Apache-2.0
// From IR of the onnx dialect to an ONNX file.

#ifndef GNOMON_TARGET_ONNX_EXPORT_H
#define GNOMON_TARGET_ONNX_EXPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace gnomon {

struct ExportOptions {
  /// The ONNX file that weight references mean (empty: the one the module
  /// names) and that weights without a source are taken from.
  std::string weightsFrom;
  /// What weights without a source are made from where `weightsFrom` is empty.
  uint64_t seed = 0;
};

/// Write the only function of `module` as an ONNX model. Weights that the IR
/// refers to are copied into it.
///
/// A weight without a source is an `onnx.Constant` without elements and without
/// a reference, named by its location. With `weightsFrom` it is the initializer
/// of that name and type there; otherwise its elements are a function of the
/// seed, its name and their index, as `gnomon.init` says: "zeros", "ones",
/// "kaiming_uniform" (within sqrt(6 / fan-in), the fan-in being the product of
/// all sizes but the first; default from two dimensions on) or "small" (within
/// 0.01). The same module and seed are the same bytes on every machine. Weights
/// without a source that nothing reads are left out.
///
/// `gnomon.*` strings of the module become metadata of the model, estimates and
/// keys of blocks metadata of nodes (docs/spaces.md lists them).
///
/// Errors are emitted at the operation: one that
/// is not of the onnx dialect, an attribute ONNX lacks, weights that cannot be
/// read, found or made, a model above the 2 GB that protobuf writes.
llvm::LogicalResult exportOnnx(mlir::ModuleOp module,
                               const ExportOptions &options,
                               llvm::raw_ostream &out);

} // namespace gnomon

#endif // GNOMON_TARGET_ONNX_EXPORT_H
