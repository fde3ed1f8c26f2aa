// SPDX-License-Identifier: Apache-2.0
// ONNX element and value types as MLIR types, and back.

#ifndef GNOMON_LIB_TARGET_ONNX_TYPES_H
#define GNOMON_LIB_TARGET_ONNX_TYPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "onnx/onnx_pb.h"

namespace gnomon {

/// The element type of a TensorProto::DataType; null for one that is unknown.
mlir::Type elementTypeOf(int32_t dataType, mlir::MLIRContext *context);

/// The TensorProto::DataType of an element type; UNDEFINED for one ONNX lacks.
int32_t dataTypeOf(mlir::Type elementType);

/// The type of a value. What the proto leaves open becomes dynamic sizes, an
/// unranked tensor, or !onnx.Unknown.
mlir::Type valueTypeOf(const onnx::TypeProto &proto,
                       mlir::MLIRContext *context);

/// The proto of a value's type; left empty where ONNX cannot say it.
void typeToProto(mlir::Type type, onnx::TypeProto &proto);

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_TYPES_H
