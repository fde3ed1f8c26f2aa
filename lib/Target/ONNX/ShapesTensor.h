// SPDX-License-Identifier: Apache-2.0
// Small tensors whose elements are known in part, the values of shape
// inference.
#ifndef GNOMON_LIB_TARGET_ONNX_SHAPESTENSOR_H
#define GNOMON_LIB_TARGET_ONNX_SHAPESTENSOR_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace onnx {
class TensorProto;
}

namespace gnomon::shapes {

/// Larger tensors are never evaluated.
inline constexpr int64_t kMaxElements = 16384;

/// Marks an unknown element as a dimension without a name.
inline constexpr uint32_t kNamelessDim = 1;

/// One element: an integer (booleans too) or a real number, by the type of its
/// tensor. An unknown one that is a dimension, so not negative, has a `symbol`:
/// kNamelessDim or, for equal ones, the number of their common name.
struct Element {
  int64_t integer = 0;
  double real = 0;
  uint32_t symbol = 0;
  bool known = false;

  static Element ofInteger(int64_t value) { return {value, 0, 0, true}; }
  static Element ofReal(double value) { return {0, value, 0, true}; }
  static Element unknown(uint32_t symbol = 0) { return {0, 0, symbol, false}; }
};

struct KnownTensor {
  int32_t type = 0; ///< onnx::TensorProto::DataType
  llvm::SmallVector<int64_t, 4> dims;
  std::vector<Element> elements; ///< row-major, as many as `dims` say

  int64_t rank() const { return dims.size(); }
  int64_t size() const { return elements.size(); }
  bool fullyKnown() const;
  /// The elements as integers; std::nullopt if one is unknown or they are
  /// reals.
  std::optional<llvm::SmallVector<int64_t, 8>> integers() const;
};

/// Integers and booleans.
bool isIntegerType(int32_t type);
/// f64, f32, f16, bf16.
bool isRealType(int32_t type);

/// Number of elements; std::nullopt on overflow, a negative dimension or more
/// than kMaxElements.
std::optional<int64_t> boundedCount(llvm::ArrayRef<int64_t> dims);

/// A tensor of `dims` filled with `fill`; std::nullopt if it would be too
/// large.
std::optional<KnownTensor> makeTensor(int32_t type,
                                      llvm::ArrayRef<int64_t> dims,
                                      Element fill = Element::unknown());

/// Wraps integers to the width of the type and rounds reals to its precision.
void normalise(Element &element, int32_t type);

/// Row-major strides.
llvm::SmallVector<int64_t, 4> stridesOf(llvm::ArrayRef<int64_t> dims);

/// True if `tensor` holds its data and is small and of a type we evaluate.
bool isDecodable(const onnx::TensorProto &tensor);
/// True if `tensor` holds all elements that its dims promise (none was stripped
/// or lies in another file).
bool holdsData(const onnx::TensorProto &tensor);

std::optional<KnownTensor> decode(const onnx::TensorProto &tensor);
/// Writes a fully known tensor.
void encode(const KnownTensor &tensor, onnx::TensorProto &result);

} // namespace gnomon::shapes

#endif // GNOMON_LIB_TARGET_ONNX_SHAPESTENSOR_H
