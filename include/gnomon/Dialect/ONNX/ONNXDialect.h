// SPDX-License-Identifier: Apache-2.0
// The open onnx dialect and how a context gets it.

#ifndef GNOMON_DIALECT_ONNX_ONNXDIALECT_H
#define GNOMON_DIALECT_ONNX_ONNXDIALECT_H

#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/Types.h"

#include <functional>

#include "gnomon/Dialect/ONNX/ONNXDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "gnomon/Dialect/ONNX/ONNXTypes.h.inc"

namespace gnomon {

/// Add the onnx dialect to `registry`, unless the host has one of its own
/// already: then the host's stays and ours steps aside.
void registerONNXDialect(mlir::DialectRegistry &registry);

/// Load the host's onnx dialect into `context`, or ours where there is none.
void loadONNXDialect(mlir::MLIRContext *context);

} // namespace gnomon

#endif // GNOMON_DIALECT_ONNX_ONNXDIALECT_H
