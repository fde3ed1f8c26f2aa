// SPDX-License-Identifier: Apache-2.0
// Multiply-accumulates, parameters and layers, as papers count them.

#include "gnomon/Analysis/NetworkCounts.h"

#include "gnomon/Features/LoadTime.h"

using namespace gnomon;
using namespace mlir;

using SelectionMap = std::map<std::string, std::string>;

//===- One operation ------------------------------------------------------===//

/// The type of a value if all its sizes are known.
static RankedTensorType sized(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() ? type : RankedTensorType();
}

/// Elements of operands from `first` on; absent ones have none.
static int64_t elements(Operation *op, unsigned first, unsigned count) {
  int64_t sum = 0;
  unsigned end = std::min(op->getNumOperands(), first + count);
  for (unsigned i = first; i < end; ++i)
    if (RankedTensorType type = sized(op->getOperand(i)))
      sum += type.getNumElements();
  return sum;
}

/// Every element of the result takes as many products as a filter has taps.
static NetworkCounts countConvolution(Operation *op) {
  RankedTensorType filter = sized(op->getOperand(1));
  RankedTensorType result = sized(op->getResult(0));
  if (!filter || !result || filter.getNumElements() == 0)
    return {};
  int64_t taps = filter.getNumElements() / filter.getDimSize(0);
  return {result.getNumElements() * taps, elements(op, 1, 2), 1};
}

/// Every weight is used once a row of the input.
static NetworkCounts countLinear(Operation *op, unsigned operands) {
  RankedTensorType weight = sized(op->getOperand(1));
  RankedTensorType result = sized(op->getResult(0));
  Operation *source = op->getOperand(1).getDefiningOp();
  if (!weight || !result || !source || !isConstant(source) ||
      result.getRank() == 0 || result.getShape().back() == 0)
    return {};
  int64_t rows = result.getNumElements() / result.getShape().back();
  return {rows * weight.getNumElements(), elements(op, 1, operands), 1};
}

NetworkCounts gnomon::countOperation(Operation *op) {
  StringRef name = op->getName().getStringRef();
  if (!name.consume_front("onnx.") || op->getNumOperands() < 2 ||
      op->getNumResults() == 0)
    return {};
  if (name == "Conv")
    return countConvolution(op);
  if (name == "Gemm")
    return countLinear(op, 2);
  if (name == "MatMul")
    return countLinear(op, 1);
  if (name == "BatchNormalization")
    return {0, elements(op, 1, 2), 0};
  return {};
}

//===- A selection --------------------------------------------------------===//

static llvm::Expected<StringRef> optionOf(StringRef decision,
                                          const SelectionMap &selection) {
  auto found = selection.find(decision.str());
  if (found == selection.end())
    return llvm::createStringError(
        "the decision @" + decision +
        " is asked, but the selection holds no option for it");
  return StringRef(found->second);
}

llvm::Expected<Block *> gnomon::selectedBlock(ChoiceOp choice,
                                              const SelectionMap &selection) {
  llvm::Expected<StringRef> option = optionOf(choice.getDecision(), selection);
  if (!option)
    return option.takeError();
  for (auto [name, region] :
       llvm::zip(choice.getOptions().getAsRange<StringAttr>(),
                 choice.getAlternatives()))
    if (name.getValue() == *option)
      return &region.front();
  return llvm::createStringError("the decision @" + choice.getDecision() +
                                 " has no option '" + *option + "'");
}

llvm::Error gnomon::walkSelected(Block &block, const SelectionMap &selection,
                                 llvm::function_ref<void(Operation *)> visit) {
  for (Operation &op : block) {
    if (isa<YieldOp>(op))
      continue;
    auto choice = dyn_cast<ChoiceOp>(op);
    if (!choice) {
      visit(&op);
      continue;
    }
    llvm::Expected<Block *> inner = selectedBlock(choice, selection);
    if (!inner)
      return inner.takeError();
    if (llvm::Error error = walkSelected(**inner, selection, visit))
      return error;
  }
  return llvm::Error::success();
}

llvm::Expected<func::FuncOp>
gnomon::selectedFunction(ModuleOp module, const SelectionMap &selection) {
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  for (func::FuncOp function : functions) {
    auto alternative =
        function->getAttrOfType<AlternativeAttr>(alternativeAttrName);
    if (!alternative && functions.size() == 1)
      return function;
    if (!alternative)
      continue;
    llvm::Expected<StringRef> option =
        optionOf(alternative.getDecision().getValue(), selection);
    if (!option)
      return option.takeError();
    if (*option == alternative.getOption())
      return function;
  }
  return llvm::createStringError("no function of the module is an alternative "
                                 "that the selection picks");
}

llvm::Expected<NetworkCounts>
gnomon::countNetwork(func::FuncOp function, const SelectionMap &selection) {
  NetworkCounts counts;
  for (Block &block : function.getBody())
    if (llvm::Error error = walkSelected(block, selection, [&](Operation *op) {
          counts += countOperation(op);
        }))
      return error;
  return counts;
}
