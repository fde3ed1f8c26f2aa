// SPDX-License-Identifier: Apache-2.0
// The attribute that says how latency changes with what is decided.
#ifndef GNOMON_DIALECT_GNOMON_LATENCYGRADIENT_H
#define GNOMON_DIALECT_GNOMON_LATENCYGRADIENT_H

#include "mlir/IR/Operation.h"

namespace gnomon {

/// On a decision or choice: array<f64: ...> with the derivative of the expected
/// latency by the probability of each option, in microseconds.
inline constexpr llvm::StringLiteral latencyGradientAttrName =
    "gnomon.latency_gradient_us";

/// Refuses the attribute on other operations, another kind of attribute, and
/// another number of numbers than options.
llvm::LogicalResult verifyLatencyGradient(mlir::Operation *op,
                                          mlir::Attribute attribute);

} // namespace gnomon

#endif // GNOMON_DIALECT_GNOMON_LATENCYGRADIENT_H
