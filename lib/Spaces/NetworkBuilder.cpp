// SPDX-License-Identifier: Apache-2.0
// Modules, functions, constants and choices of networks.

#include "NetworkBuilder.h"

#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Spaces/Space.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;

namespace gnomon {

NetworkBuilder::NetworkBuilder(MLIRContext &context) : builder(&context) {
  loadONNXDialect(&context);
  context.loadDialect<func::FuncDialect, GnomonDialect>();
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

Value NetworkBuilder::beginFunction(StringRef symbol, StringRef resolution,
                                    ArrayRef<int64_t> imageShape) {
  builder.setInsertionPointToEnd(root->getBody());
  function = func::FuncOp::create(
      builder, builder.getUnknownLoc(), symbol,
      builder.getFunctionType(tensor(imageShape), TypeRange()));
  function.setArgAttrs(0, named(builder, "input").getValue());
  auto decision =
      FlatSymbolRefAttr::get(builder.getContext(), kResolutionDecision);
  function->setAttr(
      alternativeAttrName,
      AlternativeAttr::get(builder.getContext(), decision, resolution));
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

//===- Choices ------------------------------------------------------------===//

void NetworkBuilder::decision(StringRef name, ArrayRef<std::string> options) {
  SmallVector<StringRef> names(options.begin(), options.end());
  ArrayAttr list = builder.getStrArrayAttr(names);
  builder.setInsertionPointToEnd(root->getBody());
  DecisionOp::create(builder, builder.getUnknownLoc(),
                     builder.getStringAttr(name), list, StringAttr());
  decisions[name] = list;
}

/// The most exact type that both refine; null: the first of several.
static Type join(Type a, Type b) {
  if (!a || a == b)
    return b;
  auto left = cast<RankedTensorType>(a), right = cast<RankedTensorType>(b);
  SmallVector<int64_t> shape(left.getShape());
  for (auto [mine, theirs] : llvm::zip_equal(shape, right.getShape()))
    if (mine != theirs)
      mine = ShapedType::kDynamic;
  return RankedTensorType::get(shape, left.getElementType());
}

Type NetworkBuilder::fillRegion(Region &region, StringRef option,
                                ValueRange operands, OptionBody body,
                                ArgumentTypes types) {
  Block &block = region.emplaceBlock();
  SmallVector<Type> arguments =
      types ? types(option) : llvm::to_vector(operands.getTypes());
  for (Type type : arguments)
    block.addArgument(type, builder.getUnknownLoc());
  builder.setInsertionPointToStart(&block);
  Value result = body(option, block.getArguments());
  YieldOp::create(builder, builder.getUnknownLoc(), result);
  return result.getType();
}

Value NetworkBuilder::choice(StringRef decision, ValueRange operands,
                             OptionBody body, ArgumentTypes types) {
  ArrayAttr options = decisions.at(decision);
  SmallVector<std::unique_ptr<Region>> regions;
  Type result;
  {
    OpBuilder::InsertionGuard guard(builder);
    for (auto option : options.getAsRange<StringAttr>()) {
      Region &region = *regions.emplace_back(std::make_unique<Region>());
      result = join(
          result, fillRegion(region, option.getValue(), operands, body, types));
    }
  }
  auto choice =
      ChoiceOp::create(builder, location(decision),
                       FlatSymbolRefAttr::get(builder.getContext(), decision),
                       options, operands, result);
  for (auto [target, source] :
       llvm::zip_equal(choice.getAlternatives(), regions))
    target.takeBody(*source);
  return choice.getResult(0);
}

//===- Constants ----------------------------------------------------------===//

Value NetworkBuilder::declare(Location where, Type type,
                              ArrayRef<NamedAttribute> attributes) {
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
  return declare(location(name), tensor(shape), attributes);
}

Value NetworkBuilder::constant(const Twine &name, DenseElementsAttr value) {
  return declare(NameLoc::get(builder.getStringAttr(name)), value.getType(),
                 builder.getNamedAttr("value", value));
}

void NetworkBuilder::markBlock(Value x, StringRef key) {
  x.getDefiningOp()->setAttr("gnomon.block", builder.getStringAttr(key));
}

} // namespace gnomon
