// SPDX-License-Identifier: Apache-2.0
// Moves transposes towards the results where that saves some of them.
//
// A move through an operation is worth it if fewer dimensions are transposed
// after it than before, dimensions of one element not counted: transposes of
// its operands that vanish, against those that others of its operands and its
// results need. A result that leads to another transpose costs nothing, for the
// two will meet.

#include "Permutation.h"
#include "TransposePusher.h"

#include "llvm/ADT/STLExtras.h"

using namespace gnomon;
using namespace gnomon::kernels;

TransposePusher::TransposePusher(Graph &graph, const TransposeRule &rule)
    : graph(graph), rule(rule), transpose(graph.names.find(rule.op)) {
  if (transpose)
    graph.names.get(rule.unsqueeze);
  for (const auto &way : rule.through)
    if (OpName name = graph.names.find(way.getKey())) {
      ways[name] = way.getValue();
      reshapes |= way.getValue() == TransposeRule::Reshape;
    }
}

void TransposePusher::run() {
  if (!transpose && !reshapes)
    return;
  std::vector<NodeId> order = graph.schedule();
  findLeading(order);
  for (NodeId id : order)
    if (!graph.nodes[id].dead)
      visit(id);
}

NodeId TransposePusher::transposeOf(ValueId value) const {
  NodeId id = value == none ? none : graph.values[value].producer;
  return id != none && permOf(id) ? id : none;
}

std::optional<Integers> TransposePusher::permOf(NodeId id) const {
  const Node &node = graph.nodes[id];
  if (!transpose || node.op != transpose || node.dead || node.loadTime ||
      node.in.empty() || node.in[0] == none)
    return std::nullopt;
  mlir::RankedTensorType type = graph.type(node.in[0]);
  if (!type)
    return std::nullopt;
  Integers perm = integersOf(graph, node, "perm").value_or(Integers());
  if (perm.empty())
    for (int64_t axis = type.getRank(); axis-- > 0;)
      perm.push_back(axis);
  Integers sorted(perm);
  llvm::sort(sorted);
  return isIdentity(sorted) && int64_t(perm.size()) == type.getRank()
             ? std::optional(perm)
             : std::nullopt;
}

std::optional<TransposeRule::Through>
TransposePusher::wayThrough(const Node &node) const {
  const std::optional<Way> *way = ways.find(node.op);
  return way && !node.loadTime ? *way : std::nullopt;
}

llvm::SmallVector<size_t, 4> TransposePusher::movable(const Node &node,
                                                      Way way) const {
  if (way != TransposeRule::Broadcast && way != TransposeRule::Concat)
    return {0};
  llvm::SmallVector<size_t, 4> operands;
  for (size_t i = 0; i < node.in.size(); ++i) {
    mlir::RankedTensorType type = graph.type(node.in[i]);
    if (node.in[i] != none && !(type && type.getRank() == 0))
      operands.push_back(i);
  }
  return operands;
}

void TransposePusher::findLeading(llvm::ArrayRef<NodeId> order) {
  leading.clear();
  for (NodeId id : llvm::reverse(order)) {
    const Node &node = graph.nodes[id];
    if (node.dead || node.in.empty())
      continue;
    std::optional<Way> way = wayThrough(node);
    if (permOf(id))
      leading.insert(node.in[0]);
    else if (way && *way != TransposeRule::Reshape &&
             llvm::any_of(node.out, [&](ValueId result) {
               return leading.contains(result);
             }))
      for (size_t i : movable(node, *way))
        leading.insert(node.in[i]);
  }
}

void TransposePusher::visit(NodeId id) {
  if (isNothing(id)) {
    graph.replaceUses(graph.nodes[id].out[0], graph.nodes[id].in[0]);
    graph.remove(id);
    return;
  }
  for (size_t i = 0; i < graph.nodes[id].in.size(); ++i) {
    NodeId source = transposeOf(graph.nodes[id].in[i]);
    if (source == none || !sameBody(source, id))
      continue;
    Integers perm = *permOf(source);
    if (i == 0 && permOf(id))
      return meet(source, id, perm);
    std::optional<Way> way = wayThrough(graph.nodes[id]);
    if (way && llvm::is_contained(movable(graph.nodes[id], *way), i) &&
        isWorthIt(id, *way, perm)) {
      mover = graph.nodes[source].anchor;
      if (moveThrough(id, *way, perm))
        return;
    }
  }
}

bool TransposePusher::isNothing(NodeId id) const {
  const Node &node = graph.nodes[id];
  if (wayThrough(node) != TransposeRule::Reshape || node.in.empty() ||
      node.in[0] == none || graph.values[node.out[0]].escapes)
    return false;
  mlir::RankedTensorType type = graph.type(node.in[0]);
  return type && type.hasStaticShape() && type == graph.type(node.out[0]);
}

bool TransposePusher::sameBody(NodeId a, NodeId b) const {
  mlir::Operation *x = graph.nodes[a].anchor, *y = graph.nodes[b].anchor;
  return !x || !y || x->getBlock() == y->getBlock();
}

int64_t TransposePusher::extent(ValueId value) const {
  mlir::RankedTensorType type = graph.type(value);
  return type ? llvm::count_if(type.getShape(),
                               [](int64_t size) { return size != 1; })
              : 5;
}

bool TransposePusher::mayVanish(NodeId transpose) const {
  const ValueInfo &info = graph.values[graph.nodes[transpose].out[0]];
  return !info.escapes && llvm::all_of(info.users, [&](NodeId user) {
    return permOf(user) || wayThrough(graph.nodes[user]);
  });
}

int64_t TransposePusher::operandCost(ValueId value,
                                     llvm::ArrayRef<int64_t> perm) const {
  if (graph.isConstant(value))
    return 0;
  NodeId source = transposeOf(value);
  if (source == none)
    return extent(value);
  bool cancels = llvm::equal(*permOf(source), perm) && mayVanish(source);
  return cancels ? -extent(value) : 0;
}

bool TransposePusher::isWorthIt(NodeId id, Way way,
                                llvm::ArrayRef<int64_t> perm) const {
  const Node &node = graph.nodes[id];
  int64_t cost = 0, results = 0;
  for (size_t i : movable(node, way))
    cost += operandCost(node.in[i], perm);
  bool meets = way == TransposeRule::Reshape;
  for (ValueId result : node.out) {
    results = std::max(results, extent(result));
    meets |= leading.contains(result);
  }
  return cost < 0 && (meets || cost + results < 0);
}

void TransposePusher::meet(NodeId source, NodeId id,
                           llvm::ArrayRef<int64_t> first) {
  Integers both = composed(first, *permOf(id));
  ValueId origin = graph.nodes[source].in[0];
  if (isIdentity(both)) {
    graph.replaceUses(graph.nodes[id].out[0], origin);
    graph.remove(id);
  } else {
    graph.nodes[id].restate("perm", both);
    graph.setOperands(id, {origin});
  }
  dropUnused(source);
}

void TransposePusher::dropUnused(NodeId id) {
  const ValueInfo &info = graph.values[graph.nodes[id].out[0]];
  if (info.users.empty() && !info.escapes)
    graph.remove(id);
}

void kernels::pushTransposes(Graph &graph, const TransposeRule &rule) {
  TransposePusher(graph, rule).run();
}
