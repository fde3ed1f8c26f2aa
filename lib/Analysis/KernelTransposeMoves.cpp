// SPDX-License-Identifier: Apache-2.0
// How a transpose moves through each kind of operation, and what that does to
// the graph.

#include "Permutation.h"
#include "TransposePusher.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace gnomon;
using namespace gnomon::kernels;

bool TransposePusher::moveThrough(NodeId id, Way way, const Integers &perm) {
  switch (way) {
  case TransposeRule::Same:
  case TransposeRule::Broadcast:
    return alignRanks(id, way, perm.size()) && moveAll(id, way, perm, perm);
  case TransposeRule::Concat:
  case TransposeRule::Axis:
    return moveAxis(id, way, perm,
                    way == TransposeRule::Axis ? std::optional<int64_t>(0)
                                               : std::nullopt);
  case TransposeRule::Softmax:
    return graph.opset >= 13 ? moveAxis(id, way, perm, -1)
                             : moveGroups(id, way, perm);
  case TransposeRule::Reduce:
    return moveReduce(id, perm);
  case TransposeRule::Squeeze:
    return moveAxes(id, way, perm, 1, false);
  case TransposeRule::Unsqueeze:
    return moveUnsqueeze(id, perm);
  case TransposeRule::Slice:
    return moveAxes(id, way, perm, 3, true);
  case TransposeRule::Gather:
    return moveGather(id, perm);
  case TransposeRule::Reshape:
    return moveReshape(id, perm);
  }
  return false;
}

bool TransposePusher::moveAxis(NodeId id, Way way, const Integers &perm,
                               std::optional<int64_t> otherwise) {
  auto axes = integersOf(graph, graph.nodes[id], "axis");
  int64_t rank = perm.size();
  if (!(axes && axes->size() == 1) && !otherwise)
    return false;
  int64_t axis = axes && axes->size() == 1 ? axes->front() : *otherwise;
  axis += axis < 0 ? rank : 0;
  if (axis < 0 || axis >= rank)
    return false;
  graph.nodes[id].restate("axis", {perm[axis]});
  return moveAll(id, way, perm, perm);
}

bool TransposePusher::moveGroups(NodeId id, Way way, const Integers &perm) {
  auto axes = integersOf(graph, graph.nodes[id], "axis");
  int64_t rank = perm.size(), axis = axes && !axes->empty() ? (*axes)[0] : 1;
  axis += axis < 0 ? rank : 0;
  for (int64_t i = 0; i < rank; ++i)
    if ((i < axis) != (perm[i] < axis))
      return false;
  return moveAll(id, way, perm, perm);
}

std::optional<Integers> TransposePusher::axesOf(NodeId id, int operand,
                                                int64_t rank) const {
  std::optional<Integers> axes =
      integersOf(graph, graph.nodes[id], "axes", operand);
  if (!axes)
    return std::nullopt;
  for (int64_t &axis : *axes) {
    axis += axis < 0 ? rank : 0;
    if (axis < 0 || axis >= rank)
      return std::nullopt;
  }
  return axes;
}

Integers TransposePusher::moved(llvm::ArrayRef<int64_t> axes,
                                llvm::ArrayRef<int64_t> perm) {
  Integers result;
  for (int64_t axis : axes)
    result.push_back(perm[axis]);
  return result;
}

bool TransposePusher::moveReduce(NodeId id, const Integers &perm) {
  const Node &node = graph.nodes[id];
  auto keep = integersOf(graph, node, "keepdims");
  bool keeps = !keep || keep->empty() || keep->front() != 0;
  bool given = node.in.size() > 1 && node.in[1] != none;
  std::optional<Integers> axes = axesOf(id, 1, perm.size());
  if (!axes && (given || node.anchor->hasAttr("axes")))
    return false;
  if (!axes || axes->empty())
    return keeps && moveAll(id, TransposeRule::Reduce, perm, perm);
  Integers reduced = moved(*axes, perm);
  llvm::sort(reduced);
  graph.nodes[id].restate("axes", reduced);
  return moveAll(id, TransposeRule::Reduce, perm,
                 keeps ? perm : withoutAxes(perm, reduced));
}

bool TransposePusher::moveAxes(NodeId id, Way way, const Integers &perm,
                               int operand, bool keeps) {
  std::optional<Integers> axes = axesOf(id, operand, perm.size());
  if (!axes && keeps)
    if (auto starts = integersOf(graph, graph.nodes[id], "starts", 1);
        starts && starts->size() <= perm.size())
      axes = llvm::to_vector<4>(llvm::seq<int64_t>(0, starts->size()));
  if (!axes)
    return false;
  Integers after = moved(*axes, perm);
  graph.nodes[id].restate("axes", after);
  return moveAll(id, way, perm, keeps ? perm : withoutAxes(perm, after));
}

bool TransposePusher::moveUnsqueeze(NodeId id, const Integers &perm) {
  mlir::RankedTensorType result = graph.type(graph.nodes[id].out[0]);
  std::optional<Integers> axes =
      result ? axesOf(id, 1, result.getRank()) : std::nullopt;
  if (!axes || result.getRank() != int64_t(perm.size() + axes->size()))
    return false;
  return moveAll(id, TransposeRule::Unsqueeze, perm, withAxes(perm, *axes));
}

bool TransposePusher::moveGather(NodeId id, const Integers &perm) {
  const Node &node = graph.nodes[id];
  if (node.in.size() != 2 || !graph.isScalar(node.in[1]))
    return false;
  int64_t index = graph.type(node.in[1]).getRank(), rank = perm.size();
  auto axes = integersOf(graph, node, "axis");
  int64_t axis = axes && axes->size() == 1 ? axes->front() : 0;
  axis += axis < 0 ? rank : 0;
  if (axis < 0 || axis >= rank || index > 1)
    return false;
  graph.nodes[id].restate("axis", {perm[axis]});
  return moveAll(id, TransposeRule::Gather, perm,
                 index ? perm : withoutAxes(perm, {perm[axis]}));
}

bool TransposePusher::moveReshape(NodeId id, const Integers &perm) {
  const Node &node = graph.nodes[id];
  mlir::RankedTensorType from = graph.type(node.in[0]),
                         to = graph.type(node.out[0]);
  if (!from || !to || !from.hasStaticShape() || !to.hasStaticShape())
    return false;
  llvm::SmallVector<Integers, 4> parts(perm.size());
  int64_t next = 0;
  for (auto [i, size] : llvm::enumerate(from.getShape())) {
    int64_t product = 1;
    do {
      if (next == to.getRank())
        return false;
      product *= to.getDimSize(next);
      parts[i].push_back(next++);
    } while (product < size);
    if (product != size)
      return false;
  }
  for (; next < to.getRank(); ++next)
    if (to.getDimSize(next) != 1)
      return false;
    else
      parts.back().push_back(next);
  Integers order;
  for (int64_t axis : inverse(perm))
    order.append(parts[axis]);
  return moveAll(id, TransposeRule::Reshape, perm, inverse(order));
}

bool TransposePusher::alignRanks(NodeId id, Way way, int64_t rank) {
  if (way != TransposeRule::Broadcast)
    return true;
  llvm::SmallVector<size_t, 4> operands = movable(graph.nodes[id], way);
  for (size_t i : operands)
    if (mlir::RankedTensorType type = graph.type(graph.nodes[id].in[i]);
        !type || type.getRank() > rank)
      return false;
  for (size_t i : operands) {
    ValueId value = graph.nodes[id].in[i];
    mlir::RankedTensorType type = graph.type(value);
    if (type.getRank() == rank)
      continue;
    llvm::SmallVector<int64_t> shape(rank - type.getRank(), 1);
    llvm::append_range(shape, type.getShape());
    replaceOperand(
        id, i,
        before(id, rule.unsqueeze, value,
               mlir::RankedTensorType::get(shape, type.getElementType())));
  }
  return true;
}

bool TransposePusher::moveAll(NodeId id, Way way, llvm::ArrayRef<int64_t> perm,
                              llvm::ArrayRef<int64_t> results) {
  for (size_t i : movable(graph.nodes[id], way))
    moveOperand(id, i, perm);
  if (!isIdentity(results))
    for (size_t i = 0; i < graph.nodes[id].out.size(); ++i)
      moveResult(id, i, results);
  return true;
}

void TransposePusher::replaceOperand(NodeId id, size_t i, ValueId value) {
  llvm::SmallVector<ValueId, 4> operands(graph.nodes[id].in);
  operands[i] = value;
  graph.setOperands(id, operands);
}

ValueId TransposePusher::before(NodeId id, llvm::StringRef op, ValueId value,
                                mlir::RankedTensorType type,
                                std::optional<Integers> perm) {
  ValueId result = graph.addValue(graph.values[value].value, none, type);
  if (graph.isConstant(value)) {
    graph.values[result].constant = true;
    return result;
  }
  Node node = inserted(id, op);
  node.rank = 0;
  node.in = {value};
  node.out = {result};
  if (perm)
    node.restate("perm", *perm);
  graph.addNode(std::move(node));
  return result;
}

Node TransposePusher::inserted(NodeId id, llvm::StringRef op) const {
  const Node &beside = graph.nodes[id];
  Node node;
  node.op = graph.names.get(op);
  node.anchor = mover;
  node.inserted = true;
  node.order = beside.order;
  node.runs = beside.runs;
  node.runsKnown = beside.runsKnown;
  return node;
}

void TransposePusher::moveOperand(NodeId id, size_t i,
                                  llvm::ArrayRef<int64_t> perm) {
  ValueId value = graph.nodes[id].in[i], origin = value;
  Integers back = inverse(perm);
  NodeId source = transposeOf(value);
  if (source != none) {
    back = composed(*permOf(source), back);
    origin = graph.nodes[source].in[0];
  }
  ValueId result = origin;
  if (!isIdentity(back)) {
    result = existing(id, origin, back);
    if (result == none)
      result = before(id, rule.op, origin, transposed(graph.type(origin), back),
                      back);
  }
  replaceOperand(id, i, result);
  if (source != none)
    dropUnused(source);
}

ValueId TransposePusher::existing(NodeId id, ValueId value,
                                  llvm::ArrayRef<int64_t> perm) {
  for (NodeId user : graph.values[value].users) {
    Node &node = graph.nodes[user];
    if (std::optional<Integers> other = permOf(user);
        other && llvm::equal(*other, perm) && sameBody(user, id)) {
      if (std::pair(graph.nodes[id].order, 0u) <
          std::pair(node.order, node.rank)) {
        node.order = graph.nodes[id].order;
        node.rank = 0;
      }
      return node.out[0];
    }
  }
  return none;
}

void TransposePusher::moveResult(NodeId id, size_t i,
                                 llvm::ArrayRef<int64_t> perm) {
  ValueId result = graph.nodes[id].out[i];
  mlir::RankedTensorType type = graph.type(result);
  ValueId plain = graph.addValue(graph.values[result].value, id,
                                 type ? transposed(type, inverse(perm))
                                      : mlir::RankedTensorType());
  graph.nodes[id].out[i] = plain;
  Node node = inserted(id, rule.op);
  node.rank = graph.nodes[id].rank + 1;
  node.in = {plain};
  node.out = {result};
  node.restate("perm", Integers(perm));
  graph.addNode(std::move(node));
}
