// SPDX-License-Identifier: Apache-2.0
// ONNX node attributes (all but graphs) as MLIR attributes, and back.

#include "Attributes.h"

#include "Types.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using onnx::AttributeProto;

namespace gnomon {

llvm::Expected<Attribute> importSparse(const onnx::SparseTensorProto &sparse,
                                       MLIRContext *context) {
  Builder builder(context);
  llvm::Expected<Attribute> values =
      tensorToAttribute(sparse.values(), context);
  if (!values)
    return values.takeError();
  llvm::Expected<Attribute> indices =
      tensorToAttribute(sparse.indices(), context);
  if (!indices)
    return indices.takeError();
  SmallVector<int64_t> dims(sparse.dims().begin(), sparse.dims().end());
  return Attribute(builder.getDictionaryAttr(
      {builder.getNamedAttr("dims", builder.getI64ArrayAttr(dims)),
       builder.getNamedAttr("indices", *indices),
       builder.getNamedAttr("values", *values)}));
}

/// Convert each item of a repeated field into one array.
template <typename Items, typename Convert>
static llvm::Expected<Attribute>
importList(const Items &items, MLIRContext *context, Convert convert) {
  SmallVector<Attribute> attributes;
  for (const auto &item : items) {
    llvm::Expected<Attribute> attribute = convert(item, context);
    if (!attribute)
      return attribute.takeError();
    attributes.push_back(*attribute);
  }
  return Attribute(ArrayAttr::get(context, attributes));
}

llvm::Expected<Attribute> importAttribute(const AttributeProto &proto,
                                          MLIRContext *context) {
  Builder builder(context);
  if (!proto.ref_attr_name().empty())
    return llvm::createStringError("attribute '%s' refers to '%s' of a "
                                   "function, but the node is in no function",
                                   proto.name().c_str(),
                                   proto.ref_attr_name().c_str());
  switch (proto.type()) {
  case AttributeProto::INT:
    return Attribute(
        builder.getIntegerAttr(builder.getIntegerType(64, true), proto.i()));
  case AttributeProto::FLOAT:
    return Attribute(builder.getF32FloatAttr(proto.f()));
  case AttributeProto::STRING:
    return Attribute(builder.getStringAttr(proto.s()));
  case AttributeProto::INTS:
    return Attribute(builder.getI64ArrayAttr(
        SmallVector<int64_t>(proto.ints().begin(), proto.ints().end())));
  case AttributeProto::FLOATS:
    return Attribute(builder.getF32ArrayAttr(
        SmallVector<float>(proto.floats().begin(), proto.floats().end())));
  case AttributeProto::STRINGS:
    return Attribute(builder.getStrArrayAttr(SmallVector<StringRef>(
        proto.strings().begin(), proto.strings().end())));
  case AttributeProto::TENSOR:
    return tensorToAttribute(proto.t(), context);
  case AttributeProto::TENSORS:
    return importList(proto.tensors(), context, tensorToAttribute);
  case AttributeProto::SPARSE_TENSOR:
    return importSparse(proto.sparse_tensor(), context);
  case AttributeProto::SPARSE_TENSORS:
    return importList(proto.sparse_tensors(), context, importSparse);
  case AttributeProto::TYPE_PROTO:
    return Attribute(TypeAttr::get(valueTypeOf(proto.tp(), context)));
  case AttributeProto::TYPE_PROTOS:
    return importList(proto.type_protos(), context,
                      [](const onnx::TypeProto &type, MLIRContext *context) {
                        return llvm::Expected<Attribute>(
                            TypeAttr::get(valueTypeOf(type, context)));
                      });
  default:
    return llvm::createStringError(
        "attribute '%s' is of kind %d, which cannot be read",
        proto.name().c_str(), static_cast<int>(proto.type()));
  }
}

//===----------------------------------------------------------------------===//
// Export
//===----------------------------------------------------------------------===//

static bool isSparse(DictionaryAttr dictionary) {
  return dictionary.contains("dims") && dictionary.contains("indices") &&
         dictionary.contains("values");
}

static llvm::Error exportSparse(DictionaryAttr dictionary,
                                const WeightReader &read,
                                onnx::SparseTensorProto &proto) {
  if (auto dims = dictionary.getAs<ArrayAttr>("dims"))
    for (Attribute size : dims)
      if (auto integer = dyn_cast<IntegerAttr>(size))
        proto.add_dims(integer.getValue().getSExtValue());
  if (llvm::Error error = attributeToTensor(dictionary.get("values"), read,
                                            *proto.mutable_values()))
    return error;
  return attributeToTensor(dictionary.get("indices"), read,
                           *proto.mutable_indices());
}

/// Append one item of a list; its kind must be that of the items before it.
static llvm::Error exportItem(Attribute item, const WeightReader &read,
                              AttributeProto &proto) {
  AttributeProto::AttributeType kind;
  if (auto integer = dyn_cast<IntegerAttr>(item)) {
    proto.add_ints(integer.getValue().getSExtValue());
    kind = AttributeProto::INTS;
  } else if (auto number = dyn_cast<FloatAttr>(item)) {
    proto.add_floats(static_cast<float>(number.getValueAsDouble()));
    kind = AttributeProto::FLOATS;
  } else if (auto text = dyn_cast<StringAttr>(item)) {
    proto.add_strings(text.getValue().str());
    kind = AttributeProto::STRINGS;
  } else if (auto type = dyn_cast<TypeAttr>(item)) {
    typeToProto(type.getValue(), *proto.add_type_protos());
    kind = AttributeProto::TYPE_PROTOS;
  } else if (auto dictionary = dyn_cast<DictionaryAttr>(item);
             dictionary && isSparse(dictionary)) {
    if (llvm::Error error =
            exportSparse(dictionary, read, *proto.add_sparse_tensors()))
      return error;
    kind = AttributeProto::SPARSE_TENSORS;
  } else {
    if (llvm::Error error = attributeToTensor(item, read, *proto.add_tensors()))
      return error;
    kind = AttributeProto::TENSORS;
  }
  if (proto.has_type() && proto.type() != kind)
    return llvm::createStringError("a list must hold items of one kind");
  proto.set_type(kind);
  return llvm::Error::success();
}

static llvm::Error exportType(Type type, AttributeProto &proto) {
  if (int32_t dataType = dataTypeOf(type)) { // as onnx-mlir spells Cast's `to`
    proto.set_type(AttributeProto::INT);
    proto.set_i(dataType);
    return llvm::Error::success();
  }
  proto.set_type(AttributeProto::TYPE_PROTO);
  typeToProto(type, *proto.mutable_tp());
  return llvm::Error::success();
}

llvm::Error exportAttribute(Attribute attribute,
                            AttributeProto::AttributeType emptyKind,
                            const WeightReader &read, AttributeProto &proto) {
  if (auto integer = dyn_cast<IntegerAttr>(attribute)) {
    proto.set_type(AttributeProto::INT);
    proto.set_i(integer.getType().isInteger(1)
                    ? integer.getValue().getZExtValue()
                    : integer.getValue().getSExtValue());
    return llvm::Error::success();
  }
  if (auto number = dyn_cast<FloatAttr>(attribute)) {
    proto.set_type(AttributeProto::FLOAT);
    proto.set_f(number.getType().isF32()
                    ? number.getValue().convertToFloat()
                    : static_cast<float>(number.getValueAsDouble()));
    return llvm::Error::success();
  }
  if (auto text = dyn_cast<StringAttr>(attribute)) {
    proto.set_type(AttributeProto::STRING);
    proto.set_s(text.getValue().str());
    return llvm::Error::success();
  }
  if (auto type = dyn_cast<TypeAttr>(attribute))
    return exportType(type.getValue(), proto);
  if (auto list = dyn_cast<ArrayAttr>(attribute)) {
    if (list.empty())
      proto.set_type(emptyKind);
    for (Attribute item : list)
      if (llvm::Error error = exportItem(item, read, proto))
        return error;
    return llvm::Error::success();
  }
  if (auto dictionary = dyn_cast<DictionaryAttr>(attribute);
      dictionary && isSparse(dictionary)) {
    proto.set_type(AttributeProto::SPARSE_TENSOR);
    return exportSparse(dictionary, read, *proto.mutable_sparse_tensor());
  }
  proto.set_type(AttributeProto::TENSOR);
  return attributeToTensor(attribute, read, *proto.mutable_t());
}

} // namespace gnomon
