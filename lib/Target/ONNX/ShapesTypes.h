// SPDX-License-Identifier: Apache-2.0
// Comparing, merging and printing ONNX types.
#ifndef GNOMON_LIB_TARGET_ONNX_SHAPESTYPES_H
#define GNOMON_LIB_TARGET_ONNX_SHAPESTYPES_H

#include "llvm/ADT/ArrayRef.h"
#include <string>

namespace onnx {
class TensorShapeProto;
class TypeProto;
} // namespace onnx

namespace gnomon::shapes {

/// The shape of a (sparse) tensor; null: not a tensor or of unknown rank.
const onnx::TensorShapeProto *shapeOf(const onnx::TypeProto &type);
onnx::TensorShapeProto *mutableShapeOf(onnx::TypeProto &type);
/// Element type of a (sparse) tensor; 0 if it has none.
int32_t elementTypeOf(const onnx::TypeProto &type);
void setTensorType(onnx::TypeProto &type, int32_t elementType,
                   llvm::ArrayRef<int64_t> dims);
/// Forgets every shape inside, keeps element types.
void dropShapes(onnx::TypeProto &type);

/// True if there is nothing more to know: every dimension of a tensor has a
/// value. Sequences, optionals and maps count by their presence alone.
bool isStatic(const onnx::TypeProto &type);

/// Adds what `declared` knows and `type` does not. Returns false where they
/// contradict each other; `type` then stays as it is.
bool refine(onnx::TypeProto &type, const onnx::TypeProto &declared);
/// Widens `type` until `other` is one of it. Returns true if it changed.
bool widen(onnx::TypeProto &type, const onnx::TypeProto &other);

/// As MLIR spells it: `tensor<1x?xf32>`, `tensor<*xi64>`, `batch` for symbols.
std::string describe(const onnx::TypeProto &type);

} // namespace gnomon::shapes

#endif // GNOMON_LIB_TARGET_ONNX_SHAPESTYPES_H
