// SPDX-License-Identifier: Apache-2.0
// The gnomon dialect: what Gnomon says about other dialects' operations.

#ifndef GNOMON_DIALECT_GNOMON_GNOMONDIALECT_H
#define GNOMON_DIALECT_GNOMON_GNOMONDIALECT_H

#include "gnomon/Support/Source.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/Dialect.h"
#include "llvm/ADT/APFloat.h"

#include "gnomon/Dialect/Gnomon/GnomonDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "gnomon/Dialect/Gnomon/GnomonAttributes.h.inc"

namespace gnomon {

/// The discardable attribute that holds an EstimateAttr.
inline constexpr llvm::StringLiteral estimateAttrName = "gnomon.estimate";
/// The discardable attribute that names the kernel an operation is part of.
inline constexpr llvm::StringLiteral kernelAttrName = "gnomon.kernel";

} // namespace gnomon

#endif // GNOMON_DIALECT_GNOMON_GNOMONDIALECT_H
