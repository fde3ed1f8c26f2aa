// SPDX-License-Identifier: Apache-2.0
// How exporters spell constants, activations and what does not matter.

#ifndef GNOMON_LIB_SPACES_ONNXFORMS_H
#define GNOMON_LIB_SPACES_ONNXFORMS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

namespace gnomon::forms {

/// Whether there is an operation and it has that name.
bool isOp(mlir::Operation *op, llvm::StringRef name);
/// Empty where the rank is unknown.
mlir::ArrayRef<int64_t> shapeOf(mlir::Value value);
/// The sizes that are not one.
mlir::SmallVector<int64_t> withoutOnes(mlir::Value value);
bool isConstant(mlir::Value value);

/// Integers of a list or a tensor.
mlir::SmallVector<int64_t> integersOf(mlir::Attribute attribute);
int64_t integerOf(mlir::Operation *op, llvm::StringRef name, int64_t otherwise);
/// The only value of a list whose elements are equal; -1 if they are not.
int64_t evenOf(mlir::Operation *op, llvm::StringRef name, int64_t otherwise);

/// The other operand where one of two is a constant of that number.
mlir::Value besidesNumber(mlir::Operation *op, double number);
/// A product by zero, or a sum of such.
bool isZero(mlir::Value value);

/// The value behind operations that do not matter.
mlir::Value peel(mlir::Value value);

/// What an operation clips to these bounds; null if it does not.
mlir::Value clipped(mlir::Operation *op, double low, double high);
/// x of hard_sigmoid(x) and of hard_swish(x), however they are spelled; null if
/// the operation is not the last of such.
mlir::Value hardSigmoidOf(mlir::Operation *op);
mlir::Value hardSwishOf(mlir::Operation *op);

} // namespace gnomon::forms

#endif // GNOMON_LIB_SPACES_ONNXFORMS_H
