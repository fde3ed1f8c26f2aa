// SPDX-License-Identifier: Apache-2.0
// How those who may not see ONNX files have one imported.

#ifndef GNOMON_DIALECT_GNOMON_SUBNETWORKIMPORTER_H
#define GNOMON_DIALECT_GNOMON_SUBNETWORKIMPORTER_H

#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectInterface.h"
#include "mlir/IR/OwningOpRef.h"

namespace gnomon {

/// An interface of the gnomon dialect that programs with an ONNX importer add
/// (registerSubnetworkImporter in gnomon/Target/ONNX/Subnetwork.h).
class SubnetworkImporter
    : public mlir::DialectInterface::Base<SubnetworkImporter> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SubnetworkImporter)
  explicit SubnetworkImporter(mlir::Dialect *dialect) : Base(dialect) {}

  /// The network in the file `path`, one function. Where the file leaves sizes
  /// of its only input open, they are those of `input`; other inputs stay as
  /// they are. References to weights say `location` for the file. Null after
  /// diagnostics.
  virtual mlir::OwningOpRef<mlir::ModuleOp>
  importSubnetwork(llvm::StringRef path, llvm::StringRef location,
                   mlir::RankedTensorType input) const = 0;
};

} // namespace gnomon

#endif // GNOMON_DIALECT_GNOMON_SUBNETWORKIMPORTER_H
