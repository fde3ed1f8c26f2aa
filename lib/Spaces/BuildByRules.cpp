// SPDX-License-Identifier: Apache-2.0
// Turns a network into a supernet: the matches of rules become choices.

#include "RuleMatches.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Spaces/Space.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace gnomon::rules;
using Kind = gnomon::SpaceRule::Kind;

namespace gnomon {

namespace {

/// Writes the function's body again, with choices where matches are.
class Rewriter {
public:
  Rewriter(func::FuncOp function, const ChannelClasses &classes,
           ArrayRef<std::unique_ptr<Match>> matches)
      : function(function), classes(classes), builder(function.getContext()) {
    for (const auto &match : matches)
      for (Operation *op : match->part.ops)
        inner[{match->parent, op}] = match.get();
  }

  void run() {
    Region fresh;
    Block &block = fresh.emplaceBlock();
    entry = &block;
    for (BlockArgument argument : function.getArguments())
      map.map(argument,
              block.addArgument(argument.getType(), argument.getLoc()));
    builder.setInsertionPointToStart(&block);
    for (Operation &op : function.front())
      emit(&op, nullptr);
    function.getBody().takeBody(fresh);
    for (Operation &op :
         llvm::make_early_inc_range(llvm::reverse(function.front())))
      if (isConstant(&op) && op.use_empty())
        op.erase();
  }

private:
  /// Emits an operation; one inside of a match with the last of that match.
  void emit(Operation *op, Match *around) {
    Match *match = inner.lookup({around, op});
    if (!match)
      clone(op);
    else if (op == match->part.ops.back())
      emitChoice(*match);
  }

  void emitChoice(Match &match) {
    SmallVector<std::unique_ptr<Region>> regions;
    SmallVector<Value> inputs;
    for (Value input : match.part.inputs)
      inputs.push_back(map.lookup(input));
    SmallVector<Type> types;
    for (size_t option = 0; option < match.options.size(); ++option) {
      OpBuilder::InsertionGuard guard(builder);
      Region &region = *regions.emplace_back(std::make_unique<Region>());
      emitOption(match, option, region, inputs);
      types =
          llvm::to_vector(region.front().getTerminator()->getOperandTypes());
    }
    SmallVector<StringRef> names(match.options.begin(), match.options.end());
    auto choice = ChoiceOp::create(
        builder, match.anchor->getLoc(),
        FlatSymbolRefAttr::get(builder.getContext(), match.decision),
        builder.getStrArrayAttr(names), inputs, types);
    for (auto [target, source] :
         llvm::zip_equal(choice.getAlternatives(), regions))
      target.takeBody(*source);
    map.map(match.part.inputs, inputs);
    map.map(match.part.outputs, choice.getResults());
  }

  void emitOption(Match &match, size_t option, Region &region,
                  ArrayRef<Value> inputs) {
    Block &block = region.emplaceBlock();
    for (auto [input, value] : llvm::zip_equal(match.part.inputs, inputs))
      map.map(input, block.addArgument(value.getType(), input.getLoc()));
    builder.setInsertionPointToStart(&block);
    bool isSkip = match.rule->kind == Kind::DropResidual && option == 1;
    if (isSkip) {
      YieldOp::create(builder, match.anchor->getLoc(), block.getArguments());
      return;
    }
    if (!match.kernels.empty())
      kernels[match.anchor] = match.kernels[option];
    if (!match.widths.empty())
      for (auto [number, channels] : match.widths[option])
        widths[number] = channels;
    for (Operation *op : match.part.ops)
      emit(op, &match);
    kernels.erase(match.anchor);
    if (!match.widths.empty())
      for (auto [number, channels] : match.widths[option])
        widths.erase(number);
    SmallVector<Value> results;
    for (Value output : match.part.outputs)
      results.push_back(map.lookup(output));
    YieldOp::create(builder, match.anchor->getLoc(), results);
  }

  //===- Operations -------------------------------------------------------===//

  std::optional<int64_t> widthOf(Value value) const {
    std::optional<unsigned> number = classes.find(value);
    auto width = number ? widths.find(*number) : widths.end();
    return width == widths.end() ? std::nullopt : std::optional(width->second);
  }

  void clone(Operation *op) {
    Operation *copy = builder.clone(*op, map);
    for (auto [before, after] : llvm::zip(op->getResults(), copy->getResults()))
      if (std::optional<int64_t> width = widthOf(before))
        after.setType(resized(tensorOf(before), 1, *width));
    if (std::optional<ConvView> conv = ConvView::of(op))
      adaptConv(*conv, copy);
    else
      adaptConstants(op, copy);
  }

  static RankedTensorType resized(RankedTensorType type, unsigned place,
                                  int64_t size) {
    SmallVector<int64_t> shape(type.getShape());
    shape[place] = size;
    return type.clone(shape);
  }

  void adaptConv(const ConvView &conv, Operation *copy) {
    RankedTensorType weight = conv.weight;
    std::optional<int64_t> in = widthOf(conv.op->getOperand(0));
    std::optional<int64_t> out = widthOf(conv.op->getResult(0));
    if (out)
      weight = resized(weight, 0, *out);
    if (in && conv.isFull())
      weight = resized(weight, 1, *in);
    if (out && conv.isDepthwise())
      copy->setAttr(
          "group",
          IntegerAttr::get(cast<IntegerAttr>(copy->getAttr("group")).getType(),
                           *out));
    if (auto kernel = kernels.find(conv.op); kernel != kernels.end()) {
      for (int64_t place = 2; place < weight.getRank(); ++place)
        weight = resized(weight, unsigned(place), kernel->second);
      adaptWindow(conv, kernel->second, copy);
    }
    replaceConstant(conv.op, copy, 1, weight);
    if (out && conv.op->getNumOperands() > 2)
      if (RankedTensorType bias = tensorOf(conv.op->getOperand(2)))
        replaceConstant(conv.op, copy, 2, resized(bias, 0, *out), "zeros");
  }

  void adaptWindow(const ConvView &conv, int64_t kernel, Operation *copy) {
    size_t rank = size_t(conv.weight.getRank()) - 2;
    copy->setAttr("kernel_shape",
                  builder.getI64ArrayAttr(SmallVector<int64_t>(rank, kernel)));
    SmallVector<int64_t> pads = *padsFor(conv, kernel);
    if (pads.empty())
      return;
    copy->removeAttr("auto_pad");
    copy->setAttr("pads", builder.getI64ArrayAttr(pads));
  }

  /// Constants with an element for each channel, of normalizations and of
  /// arithmetic.
  void adaptConstants(Operation *op, Operation *copy) {
    if (op->getNumResults() != 1)
      return;
    std::optional<int64_t> width = widthOf(op->getResult(0));
    RankedTensorType result = tensorOf(op->getResult(0));
    if (!width)
      return;
    StringRef kind = kindOf(op);
    bool isNorm = kind.starts_with("BatchNormalization");
    if (!isNorm && !llvm::is_contained(perChannelKinds, kind))
      return;
    for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
      RankedTensorType type = tensorOf(operand);
      if (!isConstant(operand) || !type ||
          (!isNorm && type.getNumElements() == 1))
        continue;
      int64_t place = isNorm ? 0 : type.getRank() - (result.getRank() - 1);
      replaceConstant(op, copy, unsigned(index),
                      resized(type, unsigned(place), *width),
                      initOf(kind, index));
    }
  }

  static constexpr StringLiteral perChannelKinds[] = {"Add", "Sub", "Sum",
                                                      "Mul", "Div", "PRelu"};

  static StringRef initOf(StringRef kind, size_t operand) {
    if (kind.starts_with("BatchNormalization"))
      return operand == 1 || operand == 4 ? "ones" : "zeros";
    if (kind == "Mul" || kind == "Div")
      return "ones";
    return kind == "Add" || kind == "Sub" || kind == "Sum" ? "zeros" : "";
  }

  /// A weight without a source, unless the shape is the one it has.
  void replaceConstant(Operation *op, Operation *copy, unsigned operand,
                       RankedTensorType type, StringRef init = "") {
    Value original = op->getOperand(operand);
    if (original.getType() == type)
      return;
    Value &fresh = weights[{original, type}];
    if (!fresh) {
      OpBuilder::InsertionGuard guard(builder);
      if (lastWeight)
        builder.setInsertionPointAfter(lastWeight);
      else
        builder.setInsertionPointToStart(entry);
      OperationState state(original.getLoc(), "onnx.Constant");
      state.addTypes(type);
      if (!init.empty())
        state.addAttribute(initAttrName, builder.getStringAttr(init));
      lastWeight = builder.create(state);
      fresh = lastWeight->getResult(0);
    }
    copy->setOperand(operand, fresh);
  }

  func::FuncOp function;
  const ChannelClasses &classes;
  OpBuilder builder;
  Block *entry = nullptr;
  Operation *lastWeight = nullptr;
  IRMapping map;
  /// (match around, operation) -> the match inside that holds it.
  llvm::DenseMap<std::pair<Match *, Operation *>, Match *> inner;
  llvm::DenseMap<unsigned, int64_t> widths;
  llvm::DenseMap<Operation *, int64_t> kernels;
  llvm::DenseMap<std::pair<Value, Type>, Value> weights;
};

/// The only function with a body, of a module without decisions.
FailureOr<func::FuncOp> plainNetwork(ModuleOp module) {
  for (auto decision : module.getOps<DecisionOp>())
    return decision.emitError("expected a plain network to apply rules to, "
                              "found a decision");
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  if (functions.size() != 1 || functions[0].isExternal())
    return module.emitError("expected one function to apply rules to, found ")
           << functions.size()
           << (functions.size() == 1 ? " without a body" : "");
  if (functions[0].getSymName() == kResolutionDecision)
    return functions[0].emitError("expected another name: a decision has it");
  if (!functions[0].getBody().hasOneBlock())
    return functions[0].emitError("expected a body of one block");
  return functions[0];
}

/// The height of a square image, or "given".
std::string resolutionOf(func::FuncOp function) {
  if (function.getNumArguments() == 0)
    return "given";
  RankedTensorType image = tensorOf(function.getArgument(0));
  if (!image || image.getRank() != 4 ||
      image.getDimSize(2) != image.getDimSize(3))
    return "given";
  return std::to_string(image.getDimSize(2));
}

void declare(OpBuilder &builder, Location where, StringRef name,
             ArrayRef<std::string> options) {
  SmallVector<StringRef> names(options.begin(), options.end());
  DecisionOp::create(builder, where, builder.getStringAttr(name),
                     builder.getStrArrayAttr(names), StringAttr());
}

} // namespace

LogicalResult buildSpaceByRules(ModuleOp module, ArrayRef<SpaceRule> rules) {
  FailureOr<func::FuncOp> function = plainNetwork(module);
  if (failed(function))
    return failure();
  module.getContext()->loadDialect<GnomonDialect>();
  ChannelClasses classes(*function);
  auto matches = findMatches(*function, classes, rules);
  if (failed(matches))
    return failure();
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  std::string size = resolutionOf(*function);
  declare(builder, function->getLoc(), kResolutionDecision, size);
  for (const auto &match : *matches)
    declare(builder, match->anchor->getLoc(), match->decision, match->options);
  auto resolution =
      FlatSymbolRefAttr::get(module.getContext(), kResolutionDecision);
  (*function)->setAttr(
      alternativeAttrName,
      AlternativeAttr::get(module.getContext(), resolution, size));
  Rewriter(*function, classes, *matches).run();
  return success();
}

} // namespace gnomon
