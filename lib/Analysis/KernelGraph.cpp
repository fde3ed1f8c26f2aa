// SPDX-License-Identifier: Apache-2.0
// The kernel graph: its use lists, its constants and its attributes.

#include "KernelGraph.h"

#include "llvm/ADT/STLExtras.h"

using namespace gnomon;
using namespace gnomon::kernels;

bool Node::has(llvm::StringRef slot) const {
  return llvm::any_of(fused,
                      [&](const FusedSlot &f) { return f.slot == slot; });
}

void Node::restate(llvm::StringRef attribute, Integers numbers) {
  for (auto &[name, value] : restated)
    if (name == attribute) {
      value = std::move(numbers);
      return;
    }
  restated.emplace_back(attribute, std::move(numbers));
}

mlir::RankedTensorType Graph::type(ValueId value) const {
  if (value == none || !values[value].value)
    return {};
  if (values[value].restated)
    return values[value].restated;
  return llvm::dyn_cast<mlir::RankedTensorType>(values[value].value.getType());
}

bool Graph::isConstant(ValueId value) const {
  return value != none && values[value].constant;
}

std::optional<llvm::SmallVector<double, 4>>
Graph::constantOf(ValueId value) const {
  if (!isConstant(value) || !values[value].value)
    return std::nullopt;
  mlir::Operation *op = values[value].value.getDefiningOp();
  if (!op)
    return std::nullopt;
  auto elements = op->getAttrOfType<mlir::DenseElementsAttr>("value");
  if (!elements || elements.getNumElements() > 64)
    return std::nullopt;
  llvm::SmallVector<double, 4> numbers;
  if (llvm::isa<mlir::FloatType>(elements.getElementType())) {
    for (const llvm::APFloat &number : elements.getValues<llvm::APFloat>())
      numbers.push_back(number.convertToDouble());
    return numbers;
  }
  if (auto type = llvm::dyn_cast<mlir::IntegerType>(elements.getElementType());
      type && type.getWidth() <= 64) {
    for (const llvm::APInt &number : elements.getValues<llvm::APInt>())
      numbers.push_back(type.isUnsigned() || type.getWidth() == 1
                            ? double(number.getZExtValue())
                            : double(number.getSExtValue()));
    return numbers;
  }
  return std::nullopt;
}

bool Graph::isScalar(ValueId value) const {
  mlir::RankedTensorType shape = type(value);
  return isConstant(value) && shape && shape.hasStaticShape() &&
         shape.getNumElements() == 1;
}

ValueId Graph::dataOperand(NodeId node) const {
  for (ValueId operand : nodes[node].in)
    if (operand != none && !isConstant(operand))
      return operand;
  return nodes[node].in.front();
}

NodeId Graph::onlyUser(ValueId value) const {
  const ValueInfo &info = values[value];
  if (info.escapes || info.users.empty() || !llvm::all_equal(info.users))
    return none;
  return info.users.front();
}

ValueId Graph::addValue(mlir::Value value, NodeId producer,
                        mlir::RankedTensorType restated) {
  values.push_back({value, restated, producer, {}, false, false});
  return values.size() - 1;
}

NodeId Graph::addNode(Node &&node) {
  NodeId id = nodes.size();
  // Work at load time, like that on shapes, needs nothing at run time.
  for (ValueId operand : node.in)
    if (operand != none && !node.loadTime)
      values[operand].users.push_back(id);
  for (ValueId result : node.out)
    values[result].producer = id;
  nodes.push_back(std::move(node));
  return id;
}

static void dropUser(ValueInfo &info, NodeId node) {
  if (auto *use = llvm::find(info.users, node); use != info.users.end())
    info.users.erase(use);
}

void Graph::setOperands(NodeId id, llvm::ArrayRef<ValueId> operands) {
  llvm::SmallVector<ValueId, 4> kept(operands);
  for (ValueId operand : nodes[id].in)
    if (operand != none)
      dropUser(values[operand], id);
  for (ValueId operand : kept)
    if (operand != none)
      values[operand].users.push_back(id);
  nodes[id].in = std::move(kept);
}

void Graph::replaceUses(ValueId from, ValueId to) {
  for (NodeId user : values[from].users) {
    std::replace(nodes[user].in.begin(), nodes[user].in.end(), from, to);
    values[to].users.push_back(user);
  }
  values[from].users.clear();
  values[to].escapes |= values[from].escapes;
}

void Graph::absorb(NodeId into, NodeId id) {
  Node &target = nodes[into];
  Node &node = nodes[id];
  target.ops.append(node.ops.begin(), node.ops.end());
  target.fused.append(node.fused.begin(), node.fused.end());
  target.order = std::max(target.order, node.order);
  remove(id);
}

void Graph::remove(NodeId id) {
  setOperands(id, {});
  nodes[id].dead = true;
}

void Graph::mergeIntoProducer(NodeId producer, NodeId consumer,
                              llvm::StringRef slot, bool folded) {
  llvm::SmallVector<ValueId, 4> operands(nodes[producer].in);
  for (ValueId operand : nodes[consumer].in)
    if (!folded && operand != none && values[operand].producer != producer)
      operands.push_back(operand);
  nodes[producer].fused.push_back({slot, nodes[consumer].anchor, folded});
  llvm::SmallVector<ValueId, 2> results = nodes[consumer].out;
  absorb(producer, consumer);
  setOperands(producer, operands);
  nodes[producer].out = results;
  for (ValueId result : results)
    values[result].producer = producer;
}

void Graph::mergeIntoConsumer(NodeId producer, NodeId consumer,
                              llvm::StringRef slot, bool folded) {
  llvm::SmallVector<ValueId, 4> operands(nodes[consumer].in);
  ValueId data = dataOperand(producer);
  for (ValueId &operand : operands)
    if (operand != none && values[operand].producer == producer)
      operand = data;
  if (!folded)
    for (ValueId operand : nodes[producer].in)
      if (operand != data)
        operands.push_back(operand);
  nodes[consumer].fused.push_back({slot, nodes[producer].anchor, folded});
  absorb(consumer, producer);
  setOperands(consumer, operands);
}

std::vector<NodeId> Graph::schedule() const {
  std::vector<NodeId> order;
  order.reserve(nodes.size());
  for (NodeId id = 0, end = nodes.size(); id < end; ++id)
    if (!nodes[id].dead && !nodes[id].loadTime)
      order.push_back(id);
  auto before = [&](NodeId a, NodeId b) {
    return std::pair(nodes[a].order, nodes[a].rank) <
           std::pair(nodes[b].order, nodes[b].rank);
  };
  if (!llvm::is_sorted(order, before))
    llvm::stable_sort(order, before);
  return order;
}

/// "To the end" is written as the largest integer, which no double holds.
static int64_t saturated(double number) {
  constexpr double limit = 9.2e18;
  return int64_t(std::clamp(number, -limit, limit));
}

std::optional<llvm::SmallVector<int64_t, 4>>
kernels::integersOf(const Graph &graph, const Node &node,
                    llvm::StringRef attribute, int operand) {
  for (const auto &[name, restated] : node.restated)
    if (name == attribute)
      return restated;
  Integers numbers;
  mlir::Attribute attr =
      node.anchor ? node.anchor->getAttr(attribute) : nullptr;
  if (auto integer = llvm::dyn_cast_or_null<mlir::IntegerAttr>(attr)) {
    numbers.push_back(integer.getValue().getSExtValue());
    return numbers;
  }
  if (auto dense = llvm::dyn_cast_or_null<mlir::DenseI64ArrayAttr>(attr)) {
    numbers.append(dense.asArrayRef().begin(), dense.asArrayRef().end());
    return numbers;
  }
  if (auto list = llvm::dyn_cast_or_null<mlir::ArrayAttr>(attr)) {
    for (mlir::Attribute element : list) {
      auto integer = llvm::dyn_cast<mlir::IntegerAttr>(element);
      if (!integer)
        return std::nullopt;
      numbers.push_back(integer.getValue().getSExtValue());
    }
    return numbers;
  }
  if (operand < 0 || operand >= int(node.in.size()))
    return std::nullopt;
  auto constant = graph.constantOf(node.in[operand]);
  if (!constant)
    return std::nullopt;
  for (double number : *constant)
    numbers.push_back(saturated(number));
  return numbers;
}

/// The first part reads what the operation read, each further one its
/// predecessor, the last one the first operand too.
static void expandNode(Graph &graph, NodeId id,
                       llvm::ArrayRef<std::string> into) {
  ValueId input = graph.nodes[id].in.front(), previous = none;
  mlir::Value result = graph.values[graph.nodes[id].out.front()].value;
  for (size_t i = 0; i + 1 < into.size(); ++i) {
    Node part = graph.nodes[id];
    part.op = graph.names.get(into[i]);
    part.fused.clear();
    part.rank = i;
    if (previous != none)
      part.in = {previous};
    previous = graph.addValue(result, none);
    part.out = {previous};
    graph.addNode(std::move(part));
  }
  graph.setOperands(id, {input, previous});
  graph.nodes[id].op = graph.names.get(into.back());
  graph.nodes[id].rank = into.size();
}

void kernels::expandOperations(Graph &graph, llvm::ArrayRef<ExpandRule> rules) {
  OpTable<const ExpandRule *> byName;
  for (const ExpandRule &rule : rules)
    if (OpName name = graph.names.find(rule.op))
      byName[name] = &rule;
  if (byName.empty())
    return;
  for (NodeId id = 0, end = graph.nodes.size(); id < end; ++id) {
    const Node &node = graph.nodes[id];
    const ExpandRule *const *rule = byName.find(node.op);
    if (rule && *rule && !node.dead && !node.loadTime && !node.in.empty() &&
        node.in.front() != none && node.out.size() == 1)
      expandNode(graph, id, (*rule)->into);
  }
}
