// SPDX-License-Identifier: Apache-2.0
// The operations of supernets: gnomon.decision, gnomon.choice, gnomon.yield.

#ifndef GNOMON_DIALECT_GNOMON_GNOMONOPS_H
#define GNOMON_DIALECT_GNOMON_GNOMONOPS_H

#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#define GET_OP_CLASSES
#include "gnomon/Dialect/Gnomon/GnomonOps.h.inc"

namespace gnomon {

/// Whether a value of type `exact` may stand where `type` is expected: it says
/// all that `type` does. Dimensions that are `?` in `type` may be any.
bool refines(mlir::Type exact, mlir::Type type);

} // namespace gnomon

#endif // GNOMON_DIALECT_GNOMON_GNOMONOPS_H
