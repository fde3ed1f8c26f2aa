// SPDX-License-Identifier: Apache-2.0
// The elements of ONNX tensors as dense attributes.

#include "Tensors.h"

#include "Types.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypeInterfaces.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using onnx::TensorProto;

namespace gnomon {

unsigned packedBits(Type elementType) {
  if (auto complex = dyn_cast<ComplexType>(elementType))
    return 2 * packedBits(complex.getElementType());
  if (elementType.isInteger(1))
    return 8;
  return elementType.isIntOrFloat() ? elementType.getIntOrFloatBitWidth() : 0;
}

llvm::Expected<RankedTensorType> typeOfTensor(const TensorProto &tensor,
                                              MLIRContext *context) {
  Type element = elementTypeOf(tensor.data_type(), context);
  if (!element)
    return llvm::createStringError(
        "tensor '%s' has element type %d, which ONNX 1.23 does not have",
        tensor.name().c_str(), tensor.data_type());
  SmallVector<int64_t> sizes(tensor.dims().begin(), tensor.dims().end());
  int64_t elements = 1;
  for (int64_t size : sizes) {
    if (size < 0 || llvm::MulOverflow(elements, size, elements) ||
        elements > INT64_MAX / 128)
      return llvm::createStringError("tensor '%s' has a size of %lld, which is "
                                     "below zero or makes it too big to hold",
                                     tensor.name().c_str(),
                                     static_cast<long long>(size));
  }
  return RankedTensorType::get(sizes, element);
}

/// Elements of the typed fields as the bytes that raw_data would hold.
static std::string bytesOfTypedData(const TensorProto &tensor) {
  std::string bytes;
  auto append = [&](const auto &values, unsigned width) {
    for (auto value : values)
      bytes.append(reinterpret_cast<const char *>(&value), width);
  };
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
  case TensorProto::COMPLEX64:
    append(tensor.float_data(), 4);
    break;
  case TensorProto::DOUBLE:
  case TensorProto::COMPLEX128:
    append(tensor.double_data(), 8);
    break;
  case TensorProto::INT64:
    append(tensor.int64_data(), 8);
    break;
  case TensorProto::UINT32:
    append(tensor.uint64_data(), 4);
    break;
  case TensorProto::UINT64:
    append(tensor.uint64_data(), 8);
    break;
  case TensorProto::INT32:
    append(tensor.int32_data(), 4);
    break;
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    append(tensor.int32_data(), 2);
    break;
  default:
    append(tensor.int32_data(), 1);
    break;
  }
  return bytes;
}

/// One byte an element, from a stream of `bits` wide elements, lowest bits
/// first.
static std::string unpack(StringRef packed, unsigned bits, int64_t elements) {
  std::string bytes(elements, 0);
  for (int64_t i = 0; i < elements; ++i) {
    uint64_t bit = static_cast<uint64_t>(i) * bits;
    unsigned pair = static_cast<uint8_t>(packed[bit / 8]);
    if (bit / 8 + 1 < packed.size())
      pair |= static_cast<uint8_t>(packed[bit / 8 + 1]) << 8;
    bytes[i] = static_cast<char>((pair >> (bit % 8)) & ((1u << bits) - 1));
  }
  return bytes;
}

/// The inverse of unpack.
static std::string pack(StringRef bytes, unsigned bits) {
  std::string packed(llvm::divideCeil(bytes.size() * bits, 8), 0);
  for (size_t i = 0; i < bytes.size(); ++i) {
    uint64_t bit = i * bits;
    unsigned value = (static_cast<uint8_t>(bytes[i]) & ((1u << bits) - 1))
                     << (bit % 8);
    packed[bit / 8] |= static_cast<char>(value);
    if (value >> 8)
      packed[bit / 8 + 1] |= static_cast<char>(value >> 8);
  }
  return packed;
}

static llvm::Error wrongCount(const TensorProto &tensor, const char *unit,
                              uint64_t got, uint64_t expected) {
  return llvm::createStringError(
      "tensor '%s' holds %llu %s, its shape asks for %llu",
      tensor.name().c_str(), static_cast<unsigned long long>(got), unit,
      static_cast<unsigned long long>(expected));
}

static llvm::Expected<TypedAttr> stringsOf(const TensorProto &tensor,
                                           RankedTensorType type) {
  if (tensor.string_data_size() != type.getNumElements())
    return wrongCount(tensor, "strings", tensor.string_data_size(),
                      type.getNumElements());
  SmallVector<StringRef> strings(tensor.string_data().begin(),
                                 tensor.string_data().end());
  return TypedAttr(DenseStringElementsAttr::get(type, strings));
}

llvm::Expected<TypedAttr> denseOf(const TensorProto &tensor,
                                  MLIRContext *context) {
  llvm::Expected<RankedTensorType> type = typeOfTensor(tensor, context);
  if (!type)
    return type.takeError();
  if (tensor.data_type() == TensorProto::STRING)
    return stringsOf(tensor, *type);
  Type element = type->getElementType();
  unsigned bits = packedBits(element);
  int64_t elements = type->getNumElements();
  std::string typed;
  bool isRaw = tensor.has_raw_data() && !tensor.raw_data().empty();
  bool isFloat6 = bits == 6 && !isRaw; // typed fields hold these a byte each
  if (!isRaw)
    typed = bytesOfTypedData(tensor);
  StringRef bytes = isRaw ? StringRef(tensor.raw_data()) : StringRef(typed);
  uint64_t expected =
      isFloat6 ? elements
               : llvm::divideCeil(static_cast<uint64_t>(elements) * bits, 8);
  if (bytes.size() != expected)
    return wrongCount(tensor, "bytes of data", bytes.size(), expected);
  if (element.isInteger(1)) {
    SmallVector<bool> flags;
    for (char byte : bytes)
      flags.push_back(byte != 0);
    return TypedAttr(
        cast<TypedAttr>(Attribute(DenseElementsAttr::get(*type, flags))));
  }
  std::string unpacked;
  if (bits < 8 && !isFloat6)
    bytes = unpacked = unpack(bytes, bits, elements);
  ArrayRef<char> data(bytes.data(), bytes.size());
  return cast<TypedAttr>(
      Attribute(DenseElementsAttr::getFromRawBuffer(*type, data)));
}

llvm::Expected<Attribute> tensorToAttribute(const TensorProto &tensor,
                                            MLIRContext *context) {
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    llvm::Expected<RankedTensorType> type = typeOfTensor(tensor, context);
    if (!type)
      return type.takeError();
    llvm::Expected<WeightReference> reference = referenceOf(tensor, *type);
    if (!reference)
      return reference.takeError();
    return Attribute(toAttribute(*reference));
  }
  llvm::Expected<TypedAttr> dense = denseOf(tensor, context);
  if (!dense)
    return dense.takeError();
  return Attribute(*dense);
}

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

DictionaryAttr toAttribute(const WeightReference &reference) {
  Builder builder(reference.type.getContext());
  NamedAttrList list;
  list.append("type", TypeAttr::get(reference.type));
  list.append("offset", builder.getI64IntegerAttr(reference.offset));
  if (reference.length)
    list.append("length", builder.getI64IntegerAttr(*reference.length));
  list.append("encoding", builder.getStringAttr(reference.encoding));
  if (!reference.location.empty())
    list.append("location", builder.getStringAttr(reference.location));
  return list.getDictionary(builder.getContext());
}

std::optional<WeightReference> toReference(Attribute attribute) {
  auto dictionary = dyn_cast<DictionaryAttr>(attribute);
  if (!dictionary)
    return std::nullopt;
  auto type = dictionary.getAs<TypeAttr>("type");
  auto offset = dictionary.getAs<IntegerAttr>("offset");
  auto encoding = dictionary.getAs<StringAttr>("encoding");
  if (!type || !offset || !encoding || !offset.getType().isSignlessInteger(64))
    return std::nullopt;
  WeightReference reference;
  reference.type = dyn_cast<RankedTensorType>(type.getValue());
  if (!reference.type || !reference.type.hasStaticShape())
    return std::nullopt;
  reference.offset = offset.getInt();
  if (auto length = dictionary.getAs<IntegerAttr>("length");
      length && length.getType().isSignlessInteger(64))
    reference.length = length.getInt();
  reference.encoding = encoding.getValue().str();
  if (auto location = dictionary.getAs<StringAttr>("location"))
    reference.location = location.getValue().str();
  return reference;
}

llvm::Expected<WeightReference> referenceOf(const TensorProto &tensor,
                                            RankedTensorType type) {
  WeightReference reference;
  reference.type = type;
  bool isOwn = false;
  for (const auto &entry : tensor.external_data()) {
    StringRef value = entry.value();
    uint64_t number = 0;
    if (entry.key() == "offset" || entry.key() == "length") {
      if (value.getAsInteger(10, number))
        return llvm::createStringError(
            "tensor '%s' has the %s '%s' in its file, which is not a number of "
            "bytes",
            tensor.name().c_str(), entry.key().c_str(), entry.value().c_str());
      if (entry.key() == "offset")
        reference.offset = number;
      else
        reference.length = number;
    } else if (entry.key() == "location") {
      reference.location = entry.value();
    } else if (entry.key() == "gnomon.encoding") {
      isOwn = true;
      reference.encoding = entry.value();
    }
  }
  if (isOwn == !reference.location.empty())
    return llvm::createStringError(
        "tensor '%s' is kept outside the model, but its location is not said",
        tensor.name().c_str());
  uint64_t expected =
      llvm::divideCeil(static_cast<uint64_t>(type.getNumElements()) *
                           packedBits(type.getElementType()),
                       8);
  if (reference.encoding == "raw" && reference.length &&
      *reference.length != expected)
    return wrongCount(tensor, "bytes of data", *reference.length, expected);
  return reference;
}

//===----------------------------------------------------------------------===//
// Export
//===----------------------------------------------------------------------===//

/// The bytes of raw_data for dense elements.
static std::string rawBytesOf(DenseElementsAttr dense) {
  Type element = dense.getElementType();
  std::string bytes;
  if (element.isInteger(1)) {
    for (bool flag : dense.getValues<bool>())
      bytes.push_back(flag ? 1 : 0);
    return bytes;
  }
  ArrayRef<char> raw = dense.getRawData();
  if (dense.isSplat())
    for (int64_t i = 0; i < dense.getNumElements(); ++i)
      bytes.append(raw.begin(), raw.end());
  else
    bytes.assign(raw.begin(), raw.end());
  unsigned bits = packedBits(element);
  return bits < 8 ? pack(bytes, bits) : bytes;
}

void setShape(ShapedType type, TensorProto &tensor) {
  tensor.set_data_type(dataTypeOf(type.getElementType()));
  for (int64_t size : type.getShape())
    tensor.add_dims(size);
}

/// Give `tensor` the bytes of a reference.
static llvm::Error setBytes(const WeightReference &reference, StringRef bytes,
                            TensorProto &tensor) {
  if (reference.encoding == "raw") {
    tensor.set_raw_data(bytes.data(), bytes.size());
    return llvm::Error::success();
  }
  TensorProto data;
  unsigned field =
      reference.encoding == "int32_data"   ? TensorProto::kInt32DataFieldNumber
      : reference.encoding == "int64_data" ? TensorProto::kInt64DataFieldNumber
      : reference.encoding == "uint64_data"
          ? TensorProto::kUint64DataFieldNumber
          : 0;
  std::string wire(1, static_cast<char>(field << 3 | 2));
  for (uint64_t rest = bytes.size(); true; rest >>= 7) {
    wire.push_back(static_cast<char>((rest & 127) | (rest > 127 ? 128 : 0)));
    if (rest <= 127)
      break;
  }
  wire.append(bytes.data(), bytes.size());
  if (!field || !data.ParseFromString(wire))
    return llvm::createStringError(
        "weights at byte %llu are not encoded as '%s'",
        static_cast<unsigned long long>(reference.offset),
        reference.encoding.c_str());
  tensor.MergeFrom(data);
  return llvm::Error::success();
}

llvm::Error attributeToTensor(Attribute attribute, const WeightReader &read,
                              TensorProto &tensor) {
  if (std::optional<WeightReference> reference = toReference(attribute)) {
    setShape(reference->type, tensor);
    llvm::Expected<StringRef> bytes = read(*reference);
    if (!bytes)
      return bytes.takeError();
    return setBytes(*reference, *bytes, tensor);
  }
  auto elements = dyn_cast<ElementsAttr>(attribute);
  if (!elements ||
      dataTypeOf(elements.getElementType()) == TensorProto::UNDEFINED)
    return llvm::createStringError("a tensor that ONNX can hold was expected");
  setShape(elements.getShapedType(), tensor);
  if (auto strings = dyn_cast<DenseStringElementsAttr>(attribute)) {
    for (StringRef text : strings.getValues<StringRef>())
      tensor.add_string_data(text.str());
    return llvm::Error::success();
  }
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || packedBits(elements.getElementType()) < 8)
      return llvm::createStringError(
          "the resource of a tensor holds no data that can be written");
    tensor.set_raw_data(blob->getData().data(), blob->getData().size());
    return llvm::Error::success();
  }
  auto dense = dyn_cast<DenseElementsAttr>(attribute);
  if (!dense)
    return llvm::createStringError(
        "dense elements or a weight reference were expected");
  tensor.set_raw_data(rawBytesOf(dense));
  return llvm::Error::success();
}

} // namespace gnomon
