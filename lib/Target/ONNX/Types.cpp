// SPDX-License-Identifier: Apache-2.0
// ONNX element and value types as MLIR types, and back.

#include "Types.h"

#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using onnx::TensorProto;

namespace gnomon {

static Type integerTypeOf(int32_t dataType, MLIRContext *context) {
  auto make = [&](unsigned width, IntegerType::SignednessSemantics sign) {
    return IntegerType::get(context, width, sign);
  };
  switch (dataType) {
  case TensorProto::BOOL:
    return make(1, IntegerType::Signless);
  case TensorProto::INT2:
    return make(2, IntegerType::Signless);
  case TensorProto::INT4:
    return make(4, IntegerType::Signless);
  case TensorProto::INT8:
    return make(8, IntegerType::Signless);
  case TensorProto::INT16:
    return make(16, IntegerType::Signless);
  case TensorProto::INT32:
    return make(32, IntegerType::Signless);
  case TensorProto::INT64:
    return make(64, IntegerType::Signless);
  case TensorProto::UINT2:
    return make(2, IntegerType::Unsigned);
  case TensorProto::UINT4:
    return make(4, IntegerType::Unsigned);
  case TensorProto::UINT8:
    return make(8, IntegerType::Unsigned);
  case TensorProto::UINT16:
    return make(16, IntegerType::Unsigned);
  case TensorProto::UINT32:
    return make(32, IntegerType::Unsigned);
  case TensorProto::UINT64:
    return make(64, IntegerType::Unsigned);
  default:
    return {};
  }
}

Type elementTypeOf(int32_t dataType, MLIRContext *context) {
  switch (dataType) {
  case TensorProto::FLOAT:
    return Float32Type::get(context);
  case TensorProto::DOUBLE:
    return Float64Type::get(context);
  case TensorProto::FLOAT16:
    return Float16Type::get(context);
  case TensorProto::BFLOAT16:
    return BFloat16Type::get(context);
  case TensorProto::COMPLEX64:
    return ComplexType::get(Float32Type::get(context));
  case TensorProto::COMPLEX128:
    return ComplexType::get(Float64Type::get(context));
  case TensorProto::FLOAT8E4M3FN:
    return Float8E4M3FNType::get(context);
  case TensorProto::FLOAT8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case TensorProto::FLOAT8E5M2:
    return Float8E5M2Type::get(context);
  case TensorProto::FLOAT8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case TensorProto::FLOAT8E8M0:
    return Float8E8M0FNUType::get(context);
  case TensorProto::FLOAT6E2M3:
    return Float6E2M3FNType::get(context);
  case TensorProto::FLOAT6E3M2:
    return Float6E3M2FNType::get(context);
  case TensorProto::FLOAT4E2M1:
    return Float4E2M1FNType::get(context);
  case TensorProto::STRING:
    return ONNXStringType::get(context);
  default:
    return integerTypeOf(dataType, context);
  }
}

int32_t dataTypeOf(Type elementType) {
  for (int32_t dataType = onnx::TensorProto_DataType_DataType_MIN;
       dataType <= onnx::TensorProto_DataType_DataType_MAX; ++dataType)
    if (elementTypeOf(dataType, elementType.getContext()) == elementType)
      return dataType;
  // Signed integers are how other front ends may spell them.
  if (auto integer = dyn_cast<IntegerType>(elementType);
      integer && integer.isSigned())
    return dataTypeOf(
        IntegerType::get(elementType.getContext(), integer.getWidth()));
  return TensorProto::UNDEFINED;
}

template <typename TensorTypeProto>
static Type tensorTypeOf(const TensorTypeProto &proto, MLIRContext *context) {
  Type element = elementTypeOf(proto.elem_type(), context);
  if (!element)
    return ONNXUnknownType::get(context);
  if (!proto.has_shape())
    return UnrankedTensorType::get(element);
  SmallVector<int64_t> sizes;
  for (const auto &dim : proto.shape().dim())
    sizes.push_back(dim.has_dim_value() && dim.dim_value() >= 0
                        ? dim.dim_value()
                        : ShapedType::kDynamic);
  return RankedTensorType::get(sizes, element);
}

Type valueTypeOf(const onnx::TypeProto &proto, MLIRContext *context) {
  switch (proto.value_case()) {
  case onnx::TypeProto::kTensorType:
    return tensorTypeOf(proto.tensor_type(), context);
  case onnx::TypeProto::kSparseTensorType:
    return ONNXSparseType::get(
        context, tensorTypeOf(proto.sparse_tensor_type(), context));
  case onnx::TypeProto::kSequenceType:
    return ONNXSeqType::get(
        context, valueTypeOf(proto.sequence_type().elem_type(), context));
  case onnx::TypeProto::kOptionalType:
    return ONNXOptType::get(
        context, valueTypeOf(proto.optional_type().elem_type(), context));
  case onnx::TypeProto::kMapType: {
    Type key = elementTypeOf(proto.map_type().key_type(), context);
    if (!key)
      key = ONNXUnknownType::get(context);
    return ONNXMapType::get(
        context, key, valueTypeOf(proto.map_type().value_type(), context));
  }
  default:
    return ONNXUnknownType::get(context);
  }
}

template <typename TensorTypeProto>
static void tensorToProto(Type type, TensorTypeProto &proto) {
  auto tensor = dyn_cast<TensorType>(type);
  if (!tensor)
    return;
  proto.set_elem_type(dataTypeOf(tensor.getElementType()));
  if (!tensor.hasRank())
    return;
  proto.mutable_shape();
  for (int64_t size : tensor.getShape()) {
    auto *dim = proto.mutable_shape()->add_dim();
    if (!ShapedType::isDynamic(size))
      dim->set_dim_value(size);
  }
}

void typeToProto(Type type, onnx::TypeProto &proto) {
  llvm::TypeSwitch<Type>(type)
      .Case<TensorType>(
          [&](auto t) { tensorToProto(t, *proto.mutable_tensor_type()); })
      .Case<ONNXSparseType>([&](auto t) {
        tensorToProto(t.getDenseType(), *proto.mutable_sparse_tensor_type());
      })
      .Case<ONNXSeqType>([&](auto t) {
        typeToProto(t.getElementType(),
                    *proto.mutable_sequence_type()->mutable_elem_type());
      })
      .Case<ONNXOptType>([&](auto t) {
        typeToProto(t.getElementType(),
                    *proto.mutable_optional_type()->mutable_elem_type());
      })
      .Case<ONNXMapType>([&](auto t) {
        proto.mutable_map_type()->set_key_type(dataTypeOf(t.getKeyType()));
        typeToProto(t.getValueType(),
                    *proto.mutable_map_type()->mutable_value_type());
      })
      .Default([](Type) {});
}

} // namespace gnomon
