// SPDX-License-Identifier: Apache-2.0
// Parts of networks that a choice can take the place of.

#include "RuleMatches.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace gnomon::rules {

static bool isBefore(Operation *a, Operation *b) {
  return a->isBeforeInBlock(b);
}

/// The operation of `block` in which an operand is read.
static Operation *userIn(Block *block, OpOperand &use) {
  return block->findAncestorOpInBlock(*use.getOwner());
}

using Members = llvm::DenseSet<Operation *>;

/// What crosses the border of `ops`; none if a result is read too early.
static std::optional<Part> partOf(SmallVector<Operation *> ops,
                                  const Members &members) {
  Part part;
  llvm::SetVector<Value> inputs, outputs;
  for (Operation *op : ops) {
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        Operation *source = operand.getDefiningOp();
        Operation *ancestor =
            source ? op->getBlock()->findAncestorOpInBlock(*source) : nullptr;
        bool isArgument = !source && operand.getParentBlock() != op->getBlock();
        if (!isArgument && !isConstant(operand) && !members.contains(ancestor))
          inputs.insert(operand);
      }
    });
    for (Value result : op->getResults())
      for (OpOperand &use : result.getUses()) {
        Operation *user = userIn(op->getBlock(), use);
        if (members.contains(user))
          continue;
        if (isBefore(user, ops.back()))
          return std::nullopt;
        outputs.insert(result);
      }
  }
  part.ops = std::move(ops);
  part.inputs = inputs.takeVector();
  part.outputs = outputs.takeVector();
  return part;
}

std::optional<Part> closePart(ArrayRef<Operation *> seeds) {
  auto [first, last] =
      std::minmax_element(seeds.begin(), seeds.end(), isBefore);
  Members after(seeds.begin(), seeds.end()), before = after, members;
  SmallVector<Operation *> range, ops;
  for (Operation *op = *first;; op = op->getNextNode()) {
    if (!isConstant(op))
      range.push_back(op);
    if (op == *last)
      break;
  }
  for (Operation *op : range)
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (after.contains(operand.getDefiningOp()))
          after.insert(op);
    });
  for (Operation *op : llvm::reverse(range))
    for (Value result : op->getResults())
      for (OpOperand &use : result.getUses())
        if (before.contains(userIn(op->getBlock(), use)))
          before.insert(op);
  for (Operation *op : range)
    if (after.contains(op) && before.contains(op)) {
      ops.push_back(op);
      members.insert(op);
    }
  return partOf(std::move(ops), members);
}

/// Everything between `x` and `y`; none if `y` depends on anything else.
static std::optional<Members> between(Value x, Value y) {
  Operation *start = x.getDefiningOp();
  Members members;
  SmallVector<Value> open = {y};
  bool reached = false;
  while (!open.empty()) {
    Value value = open.pop_back_val();
    if (value == x) {
      reached = true;
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (!op || op->getNumRegions() || (start && isBefore(op, start)))
      return std::nullopt;
    if (members.insert(op).second)
      for (Value operand : op->getOperands())
        if (!isConstant(operand))
          open.push_back(operand);
  }
  if (!reached || members.empty())
    return std::nullopt;
  return members;
}

std::optional<Part> residualBlock(Operation *sum) {
  if (!isSum(sum))
    return std::nullopt;
  for (unsigned side : {0, 1}) {
    Value x = sum->getOperand(side), branch = sum->getOperand(1 - side);
    if (isConstant(x) || isConstant(branch) || x == branch ||
        x.getType() != sum->getResult(0).getType() || !tensorOf(x))
      continue;
    std::optional<Members> members = between(x, branch);
    if (!members)
      continue;
    members->insert(sum);
    Value result = sum->getResult(0);
    if (result.hasOneUse() && isActivation(*result.user_begin()) &&
        result.use_begin()->getOperandNumber() == 0)
      members->insert(*result.user_begin());
    SmallVector<Operation *> ops(members->begin(), members->end());
    llvm::sort(ops, isBefore);
    std::optional<Part> part = partOf(std::move(ops), *members);
    if (part && part->outputs.size() == 1 && part->inputs.size() == 1 &&
        part->inputs[0] == x)
      return part;
  }
  return std::nullopt;
}

} // namespace gnomon::rules
