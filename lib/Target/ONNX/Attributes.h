// SPDX-License-Identifier: Apache-2.0
// ONNX node attributes (all but graphs) as MLIR attributes, and back.

#ifndef GNOMON_LIB_TARGET_ONNX_ATTRIBUTES_H
#define GNOMON_LIB_TARGET_ONNX_ATTRIBUTES_H

#include "Tensors.h"

namespace gnomon {

/// The attribute of a node; graphs are the caller's. Errors: an unknown kind, a
/// reference to a function's attribute, broken tensors.
llvm::Expected<mlir::Attribute>
importAttribute(const onnx::AttributeProto &proto, mlir::MLIRContext *context);

/// A sparse tensor as {dims, indices, values}.
llvm::Expected<mlir::Attribute>
importSparse(const onnx::SparseTensorProto &sparse, mlir::MLIRContext *context);

/// The inverse of importAttribute. `emptyKind` is the kind of an empty list.
llvm::Error exportAttribute(mlir::Attribute attribute,
                            onnx::AttributeProto::AttributeType emptyKind,
                            const WeightReader &read,
                            onnx::AttributeProto &proto);

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_ATTRIBUTES_H
