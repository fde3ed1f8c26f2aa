// SPDX-License-Identifier: Apache-2.0
// Small partially known tensors: reading from and writing to ONNX tensors.
#include "ShapesTensor.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

namespace gnomon::shapes {
using onnx::TensorProto;

bool KnownTensor::fullyKnown() const {
  return llvm::all_of(elements, [](const Element &e) { return e.known; });
}

std::optional<llvm::SmallVector<int64_t, 8>> KnownTensor::integers() const {
  if (!isIntegerType(type) || !fullyKnown())
    return std::nullopt;
  llvm::SmallVector<int64_t, 8> result;
  for (const Element &e : elements)
    result.push_back(e.integer);
  return result;
}

/// Bytes of an element in raw_data; 0 for types we do not evaluate.
static size_t elementBytes(int32_t type) {
  switch (type) {
  case TensorProto::BOOL:
  case TensorProto::INT8:
  case TensorProto::UINT8:
    return 1;
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return 2;
  case TensorProto::INT32:
  case TensorProto::UINT32:
  case TensorProto::FLOAT:
    return 4;
  case TensorProto::INT64:
  case TensorProto::UINT64:
  case TensorProto::DOUBLE:
    return 8;
  default:
    return 0;
  }
}

bool isRealType(int32_t type) {
  return type == TensorProto::FLOAT || type == TensorProto::DOUBLE ||
         type == TensorProto::FLOAT16 || type == TensorProto::BFLOAT16;
}

bool isIntegerType(int32_t type) {
  return elementBytes(type) != 0 && !isRealType(type);
}

std::optional<int64_t> boundedCount(llvm::ArrayRef<int64_t> dims) {
  int64_t count = 1;
  for (int64_t dim : dims) {
    if (dim < 0 || llvm::MulOverflow(count, dim, count))
      return std::nullopt;
  }
  if (count > kMaxElements || dims.size() > 64)
    return std::nullopt;
  return count;
}

std::optional<KnownTensor>
makeTensor(int32_t type, llvm::ArrayRef<int64_t> dims, Element fill) {
  std::optional<int64_t> count = boundedCount(dims);
  if (!count)
    return std::nullopt;
  KnownTensor result;
  result.type = type;
  result.dims.assign(dims.begin(), dims.end());
  result.elements.assign(*count, fill);
  return result;
}

llvm::SmallVector<int64_t, 4> stridesOf(llvm::ArrayRef<int64_t> dims) {
  llvm::SmallVector<int64_t, 4> strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;)
    strides[i - 1] = strides[i] * dims[i];
  return strides;
}

static const llvm::fltSemantics &halfSemantics(int32_t type) {
  return type == TensorProto::FLOAT16 ? llvm::APFloat::IEEEhalf()
                                      : llvm::APFloat::BFloat();
}

static double roundReal(double value, int32_t type) {
  if (type == TensorProto::FLOAT)
    return static_cast<float>(value);
  if (type == TensorProto::DOUBLE)
    return value;
  llvm::APFloat number(value);
  bool lossy;
  number.convert(halfSemantics(type), llvm::APFloat::rmNearestTiesToEven,
                 &lossy);
  number.convert(llvm::APFloat::IEEEdouble(),
                 llvm::APFloat::rmNearestTiesToEven, &lossy);
  return number.convertToDouble();
}

static int64_t wrapInteger(int64_t value, int32_t type) {
  switch (type) {
  case TensorProto::BOOL:
    return value != 0;
  case TensorProto::INT8:
    return static_cast<int8_t>(value);
  case TensorProto::UINT8:
    return static_cast<uint8_t>(value);
  case TensorProto::INT16:
    return static_cast<int16_t>(value);
  case TensorProto::UINT16:
    return static_cast<uint16_t>(value);
  case TensorProto::INT32:
    return static_cast<int32_t>(value);
  case TensorProto::UINT32:
    return static_cast<uint32_t>(value);
  default:
    return value;
  }
}

void normalise(Element &element, int32_t type) {
  if (isRealType(type))
    element.real = roundReal(element.real, type);
  else
    element.integer = wrapInteger(element.integer, type);
}

/// Number of elements held in the typed field that ONNX prescribes for the
/// type.
static int64_t typedCount(const TensorProto &tensor) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return tensor.float_data_size();
  case TensorProto::DOUBLE:
    return tensor.double_data_size();
  case TensorProto::INT64:
    return tensor.int64_data_size();
  case TensorProto::UINT32:
  case TensorProto::UINT64:
    return tensor.uint64_data_size();
  case TensorProto::STRING:
    return tensor.string_data_size();
  default:
    return tensor.int32_data_size();
  }
}

bool holdsData(const TensorProto &tensor) {
  if (tensor.data_location() == TensorProto::EXTERNAL)
    return false;
  int64_t count = 1;
  for (int64_t dim : tensor.dims())
    if (dim < 0 || llvm::MulOverflow(count, dim, count))
      return false;
  size_t bytes = elementBytes(tensor.data_type());
  if (tensor.has_raw_data())
    return bytes == 0 ? !tensor.raw_data().empty()
                      : tensor.raw_data().size() / bytes == uint64_t(count);
  return typedCount(tensor) == count || (bytes == 0 && typedCount(tensor) > 0);
}

bool isDecodable(const TensorProto &tensor) {
  return elementBytes(tensor.data_type()) != 0 &&
         boundedCount(
             llvm::ArrayRef(tensor.dims().data(), tensor.dims_size())) &&
         holdsData(tensor);
}

template <typename T>
static T rawElement(const std::string &raw, size_t index) {
  T value;
  std::memcpy(&value, raw.data() + index * sizeof(T), sizeof(T));
  return value;
}

static double halfToDouble(uint16_t bits, int32_t type) {
  llvm::APFloat number(halfSemantics(type), llvm::APInt(16, bits));
  bool lossy;
  number.convert(llvm::APFloat::IEEEdouble(),
                 llvm::APFloat::rmNearestTiesToEven, &lossy);
  return number.convertToDouble();
}

static uint64_t rawBits(const std::string &raw, size_t index, size_t bytes) {
  switch (bytes) {
  case 1:
    return rawElement<uint8_t>(raw, index);
  case 2:
    return rawElement<uint16_t>(raw, index);
  case 4:
    return rawElement<uint32_t>(raw, index);
  default:
    return rawElement<uint64_t>(raw, index);
  }
}

static Element decodeRaw(const TensorProto &tensor, size_t index) {
  int32_t type = tensor.data_type();
  uint64_t bits = rawBits(tensor.raw_data(), index, elementBytes(type));
  switch (type) {
  case TensorProto::FLOAT:
    return Element::ofReal(llvm::bit_cast<float>(static_cast<uint32_t>(bits)));
  case TensorProto::DOUBLE:
    return Element::ofReal(llvm::bit_cast<double>(bits));
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return Element::ofReal(halfToDouble(bits, type));
  default:
    return Element::ofInteger(wrapInteger(bits, type));
  }
}

static Element decodeTyped(const TensorProto &tensor, int index) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return Element::ofReal(tensor.float_data(index));
  case TensorProto::DOUBLE:
    return Element::ofReal(tensor.double_data(index));
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return Element::ofReal(
        halfToDouble(tensor.int32_data(index), tensor.data_type()));
  case TensorProto::INT64:
    return Element::ofInteger(tensor.int64_data(index));
  case TensorProto::UINT32:
  case TensorProto::UINT64:
    return Element::ofInteger(tensor.uint64_data(index));
  default:
    return Element::ofInteger(
        wrapInteger(tensor.int32_data(index), tensor.data_type()));
  }
}

std::optional<KnownTensor> decode(const TensorProto &tensor) {
  if (!isDecodable(tensor))
    return std::nullopt;
  auto result =
      makeTensor(tensor.data_type(),
                 llvm::ArrayRef(tensor.dims().data(), tensor.dims_size()));
  for (auto [index, element] : llvm::enumerate(result->elements))
    element = tensor.has_raw_data() ? decodeRaw(tensor, index)
                                    : decodeTyped(tensor, index);
  return result;
}

static void encodeReal(double value, TensorProto &result) {
  int32_t type = result.data_type();
  if (type == TensorProto::FLOAT)
    return result.add_float_data(value);
  if (type == TensorProto::DOUBLE)
    return result.add_double_data(value);
  llvm::APFloat number(value);
  bool lossy;
  number.convert(halfSemantics(type), llvm::APFloat::rmNearestTiesToEven,
                 &lossy);
  result.add_int32_data(number.bitcastToAPInt().getZExtValue());
}

void encode(const KnownTensor &tensor, TensorProto &result) {
  result.set_data_type(tensor.type);
  for (int64_t dim : tensor.dims)
    result.add_dims(dim);
  for (const Element &element : tensor.elements) {
    if (isRealType(tensor.type))
      encodeReal(element.real, result);
    else if (tensor.type == TensorProto::INT64)
      result.add_int64_data(element.integer);
    else if (tensor.type == TensorProto::UINT32 ||
             tensor.type == TensorProto::UINT64)
      result.add_uint64_data(element.integer);
    else
      result.add_int32_data(element.integer);
  }
}

} // namespace gnomon::shapes
