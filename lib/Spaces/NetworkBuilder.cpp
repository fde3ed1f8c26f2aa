// SPDX-License-Identifier: Apache-2.0
// Modules, functions, constants and choices of networks.

#include "NetworkBuilder.h"

#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;

namespace gnomon {

NetworkBuilder::NetworkBuilder(MLIRContext &context) : builder(&context) {
  loadONNXDialect(&context);
  context.loadDialect<func::FuncDialect>();
  root = ModuleOp::create(builder.getUnknownLoc());
  NamedAttribute opset(builder.getStringAttr("ai.onnx"),
                       builder.getI64IntegerAttr(17));
  (*root)->setAttr("onnx.opset_imports", builder.getDictionaryAttr(opset));
  (*root)->setAttr("onnx.ir_version", builder.getI64IntegerAttr(8));
  (*root)->setAttr("onnx.producer_name", builder.getStringAttr("gnomon"));
}

NetworkBuilder::Scope::Scope(NetworkBuilder &network, const Twine &name)
    : network(network), length(network.prefix.size()) {
  if (length)
    network.prefix += '.';
  network.prefix += name.str();
}

Location NetworkBuilder::location(const Twine &name) {
  if (prefix.empty())
    return NameLoc::get(builder.getStringAttr(name));
  return NameLoc::get(builder.getStringAttr(Twine(prefix) + "." + name));
}

RankedTensorType NetworkBuilder::tensor(ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, builder.getF32Type());
}

ArrayRef<int64_t> NetworkBuilder::shapeOf(Value x) {
  return cast<RankedTensorType>(x.getType()).getShape();
}

static DictionaryAttr named(Builder &builder, StringRef name) {
  return builder.getDictionaryAttr(
      builder.getNamedAttr("onnx.name", builder.getStringAttr(name)));
}

Value NetworkBuilder::beginFunction(StringRef symbol,
                                    ArrayRef<int64_t> imageShape) {
  builder.setInsertionPointToEnd(root->getBody());
  function = func::FuncOp::create(
      builder, builder.getUnknownLoc(), symbol,
      builder.getFunctionType(tensor(imageShape), TypeRange()));
  function.setArgAttrs(0, named(builder, "input").getValue());
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  weights.clear();
  lastWeight = nullptr;
  return entry->getArgument(0);
}

void NetworkBuilder::endFunction(Value result) {
  func::ReturnOp::create(builder, builder.getUnknownLoc(), result);
  function.setType(
      builder.getFunctionType(function.getArgumentTypes(), result.getType()));
  function.setResultAttrs(0, named(builder, "output"));
}

//===- Constants ----------------------------------------------------------===//

Value NetworkBuilder::declare(const Twine &name, Type type,
                              ArrayRef<NamedAttribute> attributes) {
  Location where = location(name);
  Value &known = weights[{cast<NameLoc>(where).getName(), type}];
  if (known)
    return known;
  OpBuilder::InsertionGuard guard(builder);
  if (lastWeight)
    builder.setInsertionPointAfter(lastWeight);
  else
    builder.setInsertionPointToStart(&function.front());
  OperationState state(where, "onnx.Constant");
  state.addAttributes(attributes);
  state.addTypes(type);
  lastWeight = builder.create(state);
  return known = lastWeight->getResult(0);
}

Value NetworkBuilder::weight(const Twine &name, ArrayRef<int64_t> shape,
                             Init init) {
  static constexpr StringLiteral names[] = {"kaiming_uniform", "ones", "zeros",
                                            "small"};
  SmallVector<NamedAttribute, 1> attributes;
  if (init != Init::KaimingUniform)
    attributes.push_back(builder.getNamedAttr(
        "gnomon.init", builder.getStringAttr(names[unsigned(init)])));
  return declare(name, tensor(shape), attributes);
}

Value NetworkBuilder::constant(const Twine &name, DenseElementsAttr value) {
  return declare(name, value.getType(), builder.getNamedAttr("value", value));
}

void NetworkBuilder::markBlock(Value x, StringRef key) {
  x.getDefiningOp()->setAttr("gnomon.block", builder.getStringAttr(key));
}

} // namespace gnomon
