// SPDX-License-Identifier: Apache-2.0
// What must hold for all decisions of a module together.

#ifndef GNOMON_LIB_DIALECT_GNOMON_SUPERNET_H
#define GNOMON_LIB_DIALECT_GNOMON_SUPERNET_H

#include "mlir/IR/BuiltinOps.h"

namespace gnomon {

/// Every decision is referred to, none is nested in one that is nested in it,
/// and no two functions are the same alternative. One walk over the module,
/// whose choices need not be verified yet.
llvm::LogicalResult verifySupernet(mlir::ModuleOp module);

/// The check of a `gnomon.alternative` attribute.
llvm::LogicalResult verifyAlternative(mlir::Operation *op,
                                      mlir::Attribute attribute);

} // namespace gnomon

#endif // GNOMON_LIB_DIALECT_GNOMON_SUPERNET_H
