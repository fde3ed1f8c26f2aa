// SPDX-License-Identifier: Apache-2.0
// Which tensors of a network must have the same number of channels.

#include "ChannelClasses.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace gnomon::rules {

ChannelClasses::ChannelClasses(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments())
    fix(argument);
  for (Operation &op : function.front())
    if (!isConstant(&op))
      visit(&op);
  number(function);
}

std::optional<unsigned> ChannelClasses::find(Value value) const {
  auto found = numbers.find(value);
  return found == numbers.end() ? std::nullopt : std::optional(found->second);
}

void ChannelClasses::fix(Value value) {
  if (!channelsOf(value) || isConstant(value))
    return;
  sets.insert(value.getAsOpaquePointer());
  fixed.push_back(value);
}

/// Nothing is known about the operation.
void ChannelClasses::fixAll(Operation *op) {
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      fix(operand);
  });
  for (Value result : op->getResults())
    fix(result);
}

void ChannelClasses::join(Value a, Value b) {
  sets.unionSets(a.getAsOpaquePointer(), b.getAsOpaquePointer());
}

//===- Operations ---------------------------------------------------------===//

/// One tensor in, one out; what happens to a channel depends on it alone.
static bool keepsChannels(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      op->getNumRegions() ||
      !llvm::all_of(op->getOperands().drop_front(),
                    [](Value operand) { return isConstant(operand); }))
    return false;
  Value in = op->getOperand(0), out = op->getResult(0);
  RankedTensorType from = tensorOf(in), to = tensorOf(out);
  if (!from || !to || from.getRank() < 3 || from.getRank() != to.getRank() ||
      from.getShape().take_front(2) != to.getShape().take_front(2))
    return false;
  StringRef kind = kindOf(op);
  if (kind == "PRelu" && !isPerChannel(op->getOperand(1), in))
    return false;
  if (kind.starts_with("ReduceMean") || kind.starts_with("ReduceMax"))
    return from.getDimSize(1) > 1;
  return isActivation(op) ||
         llvm::StringSwitch<bool>(kind)
             .Cases({"Identity", "Dropout", "BatchNormalization"}, true)
             .Cases({"MaxPool", "AveragePool", "GlobalAveragePool",
                     "GlobalMaxPool"},
                    true)
             .Default(false);
}

bool ChannelClasses::visitBinary(Operation *op) {
  StringRef kind = kindOf(op);
  bool isSumOrDifference = isSum(op) || kind == "Sub";
  if (!(isSumOrDifference || kind == "Mul" || kind == "Div") ||
      op->getNumOperands() != 2)
    return false;
  Value a = op->getOperand(0), b = op->getOperand(1), y = op->getResult(0);
  if (isConstant(a))
    std::swap(a, b);
  if (isConstant(a) || !channelsOf(a) || channelsOf(a) != channelsOf(y) ||
      tensorOf(a).getRank() != tensorOf(y).getRank())
    return false;
  if (isConstant(b)) {
    if (!isPerChannel(b, a))
      return false;
    join(a, y);
    return true;
  }
  if (channelsOf(b) != channelsOf(a) ||
      tensorOf(b).getRank() != tensorOf(a).getRank())
    return false;
  join(a, y);
  join(b, y);
  // Sums of branches are what residual blocks have between them.
  if (isSumOrDifference)
    fix(y);
  return true;
}

void ChannelClasses::visitConv(const ConvView &conv) {
  Value in = conv.op->getOperand(0), out = conv.op->getResult(0);
  sets.insert(in.getAsOpaquePointer());
  sets.insert(out.getAsOpaquePointer());
  if (conv.isDepthwise())
    join(in, out);
  else if (!conv.isFull())
    fixAll(conv.op);
}

void ChannelClasses::visit(Operation *op) {
  if (std::optional<ConvView> conv = ConvView::of(op))
    visitConv(*conv);
  else if (keepsChannels(op))
    join(op->getOperand(0), op->getResult(0));
  else if (!visitBinary(op))
    fixAll(op);
}

//===- Classes ------------------------------------------------------------===//

void ChannelClasses::number(func::FuncOp function) {
  llvm::DenseMap<void *, unsigned> ofLeader;
  auto add = [&](Value value) {
    void *pointer = value.getAsOpaquePointer();
    auto leader = sets.findLeader(pointer);
    if (leader == sets.member_end())
      return;
    auto [place, isNew] = ofLeader.try_emplace(*leader, classes.size());
    if (isNew)
      classes.emplace_back().channels = channelsOf(value).value_or(0);
    numbers[value] = place->second;
  };
  for (BlockArgument argument : function.getArguments())
    add(argument);
  for (Operation &op : function.front())
    for (Value result : op.getResults())
      add(result);
  for (Value value : fixed)
    if (std::optional<unsigned> number = find(value))
      classes[*number].isFixed = true;
  for (Operation &op : function.front())
    addTouching(&op);
}

void ChannelClasses::addTouching(Operation *op) {
  std::optional<ConvView> conv = ConvView::of(op);
  llvm::SmallVector<unsigned> seen;
  auto touch = [&](Value value) {
    std::optional<unsigned> number = find(value);
    if (number && !llvm::is_contained(seen, *number)) {
      seen.push_back(*number);
      classes[*number].touching.push_back(op);
    }
    return number;
  };
  for (Value operand : op->getOperands())
    if (std::optional<unsigned> number = touch(operand))
      if (conv && conv->isFull())
        classes[*number].consumers.push_back(op);
  for (Value result : op->getResults())
    if (std::optional<unsigned> number = touch(result)) {
      if (conv && conv->isFull())
        classes[*number].producers.push_back(op);
      if (conv && conv->isDepthwise())
        classes[*number].depthwise.push_back(op);
      classes[*number].hasActivation |= isActivation(op);
    }
}

} // namespace gnomon::rules
