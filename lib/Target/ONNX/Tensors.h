// SPDX-License-Identifier: Apache-2.0
// Tensors as attributes (their elements, or where the elements lie), and back.

#ifndef GNOMON_LIB_TARGET_ONNX_TENSORS_H
#define GNOMON_LIB_TARGET_ONNX_TENSORS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <optional>

namespace gnomon {

/// Where the elements of a tensor lie that nobody read. As an attribute it is
/// the dictionary {type, offset, length, encoding} with `location` besides
/// where the file is not the model's own.
struct WeightReference {
  mlir::RankedTensorType type;
  std::string location;           // empty: the model's own file
  uint64_t offset = 0;            // bytes
  std::optional<uint64_t> length; // bytes; nothing: up to the end of the file
  std::string encoding = "raw";   // see kEncodingKey
};

mlir::DictionaryAttr toAttribute(const WeightReference &reference);

/// The reference an attribute holds; nothing where it is something else.
std::optional<WeightReference> toReference(mlir::Attribute attribute);

/// Where an external tensor lies. Errors: numbers that are none, no location.
llvm::Expected<WeightReference> referenceOf(const onnx::TensorProto &tensor,
                                            mlir::RankedTensorType type);

/// The type of a tensor. Errors: unknown element type, sizes below zero or
/// whose product overflows.
llvm::Expected<mlir::RankedTensorType>
typeOfTensor(const onnx::TensorProto &tensor, mlir::MLIRContext *context);

/// The attribute of a tensor: dense elements, or a reference where it is
/// external. Errors: as typeOfTensor, and data that does not fit the shape.
llvm::Expected<mlir::TypedAttr> denseOf(const onnx::TensorProto &tensor,
                                        mlir::MLIRContext *context);
llvm::Expected<mlir::Attribute>
tensorToAttribute(const onnx::TensorProto &tensor, mlir::MLIRContext *context);

/// Bytes that a reference names.
using WeightReader =
    std::function<llvm::Expected<llvm::StringRef>(const WeightReference &)>;

/// Element type and sizes of `tensor`.
void setShape(mlir::ShapedType type, onnx::TensorProto &tensor);

/// The inverse of tensorToAttribute: references are read through `read`.
llvm::Error attributeToTensor(mlir::Attribute attribute,
                              const WeightReader &read,
                              onnx::TensorProto &tensor);

/// Bits of one element as ONNX packs it in raw_data; 0 for strings.
unsigned packedBits(mlir::Type elementType);

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_TENSORS_H
