// SPDX-License-Identifier: Apache-2.0
// Operations of networks without the ways in which exporters spell them.

#ifndef GNOMON_LIB_SPACES_NETWORKVIEW_H
#define GNOMON_LIB_SPACES_NETWORKVIEW_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

#include <string>

namespace gnomon {

enum class LayerKind {
  Input,
  Conv,   ///< kernel height and width, stride, dilation, groups, channels
          ///< in and out, height and width of the result
  Linear, ///< features in and out; also a 1x1 convolution of a 1x1 image
  Relu,
  Relu6,
  HardSwish,
  HardSigmoid,
  Add,
  Mul,
  Zero, ///< a product by zero
  GlobalPool,
  MaxPool,     ///< kernel, stride, height and width of the result
  AveragePool, ///< as MaxPool
  Reshape,     ///< sizes but the first
  Transpose,   ///< permutation
  Other,
};

/// What a value is made of.
struct Layer {
  LayerKind kind = LayerKind::Other;
  mlir::SmallVector<int64_t, 10> numbers; ///< as LayerKind says
  mlir::SmallVector<mlir::Value, 2> operands;
  mlir::Operation *op = nullptr; ///< the last of its operations

  bool isSameAs(const Layer &other) const {
    return kind == other.kind && numbers == other.numbers &&
           operands.size() == other.operands.size();
  }
  /// Holds weights of its own.
  bool isWeighted() const {
    return kind == LayerKind::Conv || kind == LayerKind::Linear;
  }
};

/// The layer that makes a peeled value. Results of choices and arguments of
/// regions are none: they are Other.
Layer layerOf(mlir::Value value);

/// "a 3x3 convolution of 16 to 24 channels in 8 groups, stride 2, to 56x56".
std::string describe(const Layer &layer);

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_NETWORKVIEW_H
