// SPDX-License-Identifier: Apache-2.0
// Evaluation of operators over small partially known tensors.
#ifndef GNOMON_LIB_TARGET_ONNX_SHAPESEVAL_H
#define GNOMON_LIB_TARGET_ONNX_SHAPESEVAL_H

#include "ShapesTensor.h"
#include "llvm/ADT/StringRef.h"

namespace onnx {
class AttributeProto;
class NodeProto;
} // namespace onnx

namespace gnomon::shapes {

/// A node together with the values of its inputs.
struct Operation {
  const onnx::NodeProto &node;
  int64_t opset;
  /// As many as the node has; null: the optional input is absent.
  llvm::ArrayRef<const KnownTensor *> inputs;

  const KnownTensor *input(size_t index) const {
    return index < inputs.size() ? inputs[index] : nullptr;
  }
  const onnx::AttributeProto *attribute(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t otherwise) const;
  double real(llvm::StringRef name, double otherwise) const;
  llvm::StringRef string(llvm::StringRef name, llvm::StringRef otherwise) const;
  std::optional<llvm::SmallVector<int64_t, 8>>
  integers(llvm::StringRef name) const;
  /// The integers of attribute `name`, else of input `index` (newer opsets).
  /// `present` tells whether either is there; std::nullopt if it is but not
  /// known.
  std::optional<llvm::SmallVector<int64_t, 8>>
  integersOrInput(llvm::StringRef name, size_t index, bool &present) const;
};

using Results = llvm::SmallVector<KnownTensor, 1>;

/// Appends one tensor for each output of the node; false if it cannot tell.
using Evaluator = bool (*)(const Operation &operation, Results &results);

/// The evaluator of a standard operator; null if it has none.
Evaluator findEvaluator(llvm::StringRef opType);

/// One family each; null if the operator is not of the family.
Evaluator findElementwiseEvaluator(llvm::StringRef opType);
Evaluator findReductionEvaluator(llvm::StringRef opType);
Evaluator findMovementEvaluator(llvm::StringRef opType);
Evaluator findIndexingEvaluator(llvm::StringRef opType);
Evaluator findCreationEvaluator(llvm::StringRef opType);

/// `axis` counted from the front; std::nullopt outside [-rank, rank).
std::optional<int64_t> normaliseAxis(int64_t axis, int64_t rank);
/// The common shape of two operands; std::nullopt if they do not agree.
std::optional<llvm::SmallVector<int64_t, 4>>
broadcastDims(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b);
/// `source` repeated to the shape `dims`, to which it must broadcast.
std::optional<KnownTensor> broadcastTo(const KnownTensor &source,
                                       llvm::ArrayRef<int64_t> dims);
/// result[i] = source[offset + sum i_k * strides_k]; every index must be
/// inside.
std::optional<KnownTensor> remap(const KnownTensor &source,
                                 llvm::ArrayRef<int64_t> dims, int64_t offset,
                                 llvm::ArrayRef<int64_t> strides);

} // namespace gnomon::shapes

#endif // GNOMON_LIB_TARGET_ONNX_SHAPESEVAL_H
