// SPDX-License-Identifier: Apache-2.0
// Operations of imported networks as the rules see them.

#ifndef GNOMON_LIB_SPACES_NETWORKOPS_H
#define GNOMON_LIB_SPACES_NETWORKOPS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

#include <optional>
#include <string>

namespace gnomon::rules {

/// A sum of two values.
bool isSum(mlir::Operation *op);

/// "Conv" of an operation of the onnx dialect; empty for others.
llvm::StringRef kindOf(mlir::Operation *op);

/// A constant, what is computed from constants alone (in a few steps), or the
/// absence of an operand.
bool isConstant(mlir::Operation *op);
bool isConstant(mlir::Value value);

/// The name of the node.
llvm::StringRef nodeName(mlir::Operation *op);

mlir::RankedTensorType tensorOf(mlir::Value value);

/// Channels of a tensor [n, c, ...] of static shape; nullopt: it is none.
std::optional<int64_t> channelsOf(mlir::Value value);

/// Activations: operations on one tensor, element by element, that are no
/// linear map. Other operands are constants.
bool isActivation(mlir::Operation *op);

/// A factor, summand or slope for `x` that is one number, or one for each
/// channel.
bool isPerChannel(mlir::Value constant, mlir::Value x);

/// A convolution with constant weights and static types.
struct ConvView {
  mlir::Operation *op;
  mlir::RankedTensorType input, weight, output;
  int64_t groups;

  static std::optional<ConvView> of(mlir::Operation *op);

  bool isFull() const { return groups == 1; }
  /// One filter for each channel.
  bool isDepthwise() const;
  bool isPointwise() const;
  /// The kernel's size where it is square.
  std::optional<int64_t> kernel() const;
};

/// "0.5", "3".
std::string shortNumber(double value);

/// Integers of a list attribute, `fallback` for each of `count` where it is
/// absent; nullopt: it is something else.
std::optional<llvm::SmallVector<int64_t>> integersOf(mlir::Operation *op,
                                                     llvm::StringRef name,
                                                     size_t count,
                                                     int64_t fallback);

/// Paddings with which the convolution yields the same shape under a kernel of
/// that size; nullopt: there are none. Empty: it pads by itself (`auto_pad`).
std::optional<llvm::SmallVector<int64_t>> padsFor(const ConvView &conv,
                                                  int64_t kernel);

} // namespace gnomon::rules

#endif // GNOMON_LIB_SPACES_NETWORKOPS_H
