// SPDX-License-Identifier: Apache-2.0
// Operations of imported networks as the rules see them.

#include "NetworkOps.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gnomon::rules {

StringRef kindOf(Operation *op) {
  StringRef name = op->getName().getStringRef();
  return name.consume_front("onnx.") ? name : StringRef();
}

bool isSum(Operation *op) {
  StringRef kind = kindOf(op);
  return (kind == "Add" || kind == "Sum") && op->getNumOperands() == 2;
}

static bool isConstant(Operation *op, unsigned steps) {
  StringRef kind = kindOf(op);
  if (kind == "Constant" || kind == "NoValue")
    return true;
  if (!steps || kind.empty() || kind.starts_with("Random") ||
      kind == "Bernoulli" || op->getNumRegions() || !op->getNumOperands())
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    Operation *source = operand.getDefiningOp();
    return source && isConstant(source, steps - 1);
  });
}

bool isConstant(Operation *op) {
  constexpr unsigned steps = 3;
  return isConstant(op, steps);
}

bool isConstant(Value value) {
  Operation *op = value.getDefiningOp();
  return op && isConstant(op);
}

StringRef nodeName(Operation *op) {
  auto name = dyn_cast<NameLoc>(op->getLoc());
  return name ? name.getName().getValue() : StringRef();
}

RankedTensorType tensorOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() ? type : RankedTensorType();
}

std::optional<int64_t> channelsOf(Value value) {
  RankedTensorType type = tensorOf(value);
  if (!type || type.getRank() < 3)
    return std::nullopt;
  return type.getDimSize(1);
}

bool isActivation(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      isConstant(op->getOperand(0)) ||
      op->getOperand(0).getType() != op->getResult(0).getType())
    return false;
  bool isKnown =
      llvm::StringSwitch<bool>(kindOf(op).split("V").first)
          .Cases({"Relu", "Clip", "HardSwish", "HardSigmoid", "Sigmoid"}, true)
          .Cases({"LeakyRelu", "Elu", "Selu", "Celu", "Gelu", "Mish"}, true)
          .Cases({"Softplus", "Softsign", "Tanh", "Erf", "PRelu"}, true)
          .Default(false);
  return isKnown && llvm::all_of(op->getOperands().drop_front(),
                                 [](Value v) { return isConstant(v); });
}

std::string shortNumber(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

bool isPerChannel(Value constant, Value x) {
  RankedTensorType type = tensorOf(constant), tensor = tensorOf(x);
  if (!type || !tensor || type.getRank() > tensor.getRank())
    return false;
  if (type.getNumElements() == 1)
    return true;
  int64_t place = type.getRank() - (tensor.getRank() - 1);
  return place >= 0 && type.getDimSize(place) == type.getNumElements() &&
         type.getDimSize(place) == tensor.getDimSize(1);
}

//===- Convolutions -------------------------------------------------------===//

std::optional<ConvView> ConvView::of(Operation *op) {
  if (kindOf(op) != "Conv" || op->getNumOperands() < 2 ||
      op->getNumResults() != 1)
    return std::nullopt;
  ConvView view{op, tensorOf(op->getOperand(0)), tensorOf(op->getOperand(1)),
                tensorOf(op->getResult(0)), 1};
  if (!view.input || !view.weight || !view.output || view.input.getRank() < 3 ||
      view.weight.getRank() != view.input.getRank() ||
      view.output.getRank() != view.input.getRank())
    return std::nullopt;
  for (Value operand : op->getOperands().drop_front())
    if (!isConstant(operand))
      return std::nullopt;
  if (auto groups = op->getAttrOfType<IntegerAttr>("group"))
    view.groups = groups.getValue().getSExtValue();
  bool fits =
      view.groups >= 1 &&
      view.weight.getDimSize(0) == view.output.getDimSize(1) &&
      view.weight.getDimSize(1) * view.groups == view.input.getDimSize(1);
  return fits ? std::optional(view) : std::nullopt;
}

bool ConvView::isDepthwise() const {
  return groups > 1 && groups == input.getDimSize(1) &&
         groups == output.getDimSize(1);
}

bool ConvView::isPointwise() const {
  return isFull() && llvm::all_of(weight.getShape().drop_front(2),
                                  [](int64_t size) { return size == 1; });
}

std::optional<int64_t> ConvView::kernel() const {
  auto sizes = weight.getShape().drop_front(2);
  return llvm::all_equal(sizes) ? std::optional(sizes.front()) : std::nullopt;
}

std::optional<SmallVector<int64_t>> integersOf(Operation *op, StringRef name,
                                               size_t count, int64_t fallback) {
  SmallVector<int64_t> values(count, fallback);
  Attribute attribute = op->getAttr(name);
  if (!attribute)
    return values;
  auto list = dyn_cast<ArrayAttr>(attribute);
  if (!list || list.size() != count)
    return std::nullopt;
  for (auto [value, element] : llvm::zip_equal(values, list)) {
    auto integer = dyn_cast<IntegerAttr>(element);
    if (!integer)
      return std::nullopt;
    value = integer.getValue().getSExtValue();
  }
  return values;
}

std::optional<SmallVector<int64_t>> padsFor(const ConvView &conv,
                                            int64_t kernel) {
  size_t rank = size_t(conv.weight.getRank()) - 2;
  auto dilations = integersOf(conv.op, "dilations", rank, 1);
  auto pads = integersOf(conv.op, "pads", 2 * rank, 0);
  if (!dilations || !pads || !conv.kernel())
    return std::nullopt;
  auto automatic = conv.op->getAttrOfType<StringAttr>("auto_pad");
  if (automatic && automatic.getValue().starts_with("SAME"))
    return SmallVector<int64_t>();
  int64_t larger = kernel - *conv.kernel();
  for (size_t i = 0; i < 2 * rank; ++i) {
    int64_t grows = (*dilations)[i % rank] * larger;
    (*pads)[i] += grows / 2;
    if (grows % 2 || (*pads)[i] < 0)
      return std::nullopt;
  }
  return pads;
}

} // namespace gnomon::rules
