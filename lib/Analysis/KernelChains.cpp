// SPDX-License-Identifier: Apache-2.0
// Joins a producer and its only consumer where the runtime runs them as one
// kernel.

#include "KernelGraph.h"

#include "llvm/ADT/STLExtras.h"

using namespace gnomon;
using namespace gnomon::kernels;

namespace {

/// Shape of a constant that holds one number for each channel (or, in the
/// last-axis form, for each column) of `result`.
bool isPerAxis(mlir::RankedTensorType type, mlir::RankedTensorType result,
               int64_t axis) {
  if (!type || !result || !type.hasStaticShape() ||
      type.getRank() > result.getRank())
    return false;
  int64_t offset = result.getRank() - type.getRank();
  for (auto [i, size] : llvm::enumerate(type.getShape()))
    if (size != (int64_t(i) + offset == axis ? result.getDimSize(axis) : 1))
      return false;
  return axis >= offset;
}

class ChainMatcher {
public:
  explicit ChainMatcher(Graph &graph) : graph(graph) {}

  /// `rule` is one for the operation of `producer`.
  bool tryRule(const ChainRule &rule, NodeId producer) {
    Node &node = graph.nodes[producer];
    if (node.blocked || node.out.empty())
      return false;
    NodeId consumer = graph.onlyUser(node.out.front());
    if (consumer == none || graph.nodes[consumer].dead ||
        graph.nodes[consumer].blocked ||
        !llvm::is_contained(rule.consumer, graph.nodes[consumer].op) ||
        graph.nodes[consumer].out.size() != 1)
      return false;
    const Node &anchor = graph.nodes[rule.intoConsumer ? consumer : producer];
    if (llvm::any_of(rule.unless,
                     [&](const std::string &slot) { return anchor.has(slot); }))
      return false;
    if (hasAny(rule.without, producer) || hasAny(rule.without, consumer) ||
        !isBefore(rule.before, consumer) ||
        !othersFit(rule, producer, consumer))
      return false;
    merge(rule, producer, consumer);
    return true;
  }

private:
  bool isBefore(llvm::ArrayRef<std::string> readers, NodeId id) const {
    if (readers.empty())
      return true;
    NodeId reader = graph.onlyUser(graph.nodes[id].out.front());
    return reader != none &&
           llvm::is_contained(readers, graph.nodes[reader].op);
  }

  bool hasAny(llvm::ArrayRef<std::string> attributes, NodeId id) const {
    return llvm::any_of(attributes, [&](const std::string &name) {
      auto numbers = integersOf(graph, graph.nodes[id], name);
      return numbers && !numbers->empty() && numbers->front() != 0;
    });
  }

  bool othersFit(const ChainRule &rule, NodeId producer,
                 NodeId consumer) const {
    const Node &judged = graph.nodes[rule.intoConsumer ? producer : consumer];
    ValueId link = graph.nodes[producer].out.front();
    ValueId keep = rule.intoConsumer ? graph.dataOperand(producer) : link;
    llvm::SmallVector<ValueId, 3> others;
    for (ValueId operand : judged.in)
      if (operand != keep && operand != none)
        others.push_back(operand);
    mlir::RankedTensorType result = graph.type(judged.out.front());
    llvm::StringRef demand = rule.other;
    if (demand == "any")
      return true;
    if (demand == "same_shape" || demand == "same_image")
      return others.size() == 1 && result && graph.type(others[0]) == result &&
             graph.type(keep) == result &&
             (demand == "same_shape" || result.getRank() == 4);
    if (!llvm::all_of(others, [&](ValueId id) { return graph.isConstant(id); }))
      return false;
    if (demand == "constants")
      return true;
    if (demand == "zero_pad")
      return !others.empty() && isZeroPad(judged);
    if (others.size() != 1)
      return false;
    if (demand == "scalar")
      return graph.isScalar(others[0]) && graph.type(keep) == result;
    mlir::RankedTensorType type = graph.type(others[0]);
    if (demand == "channel")
      return isPerAxis(type, result, 1) && graph.type(keep) == result;
    if (demand == "channel_or_scalar")
      return (graph.isScalar(others[0]) || isPerAxis(type, result, 1)) &&
             graph.type(keep) == result;
    return demand == "column" && result && type && type.getRank() == 1 &&
           isPerAxis(type, result, result.getRank() - 1);
  }

  bool isZeroPad(const Node &pad) const {
    auto mode = pad.anchor->getAttrOfType<mlir::StringAttr>("mode");
    if (mode && mode.getValue() != "constant")
      return false;
    if (pad.in.size() < 3 || pad.in[2] == none)
      return true;
    auto value = graph.constantOf(pad.in[2]);
    return value && value->size() == 1 && value->front() == 0;
  }

  void merge(const ChainRule &rule, NodeId producer, NodeId consumer) {
    NodeId anchor = rule.intoConsumer ? consumer : producer;
    if (rule.intoConsumer)
      graph.mergeIntoConsumer(producer, consumer, rule.slot, rule.folded);
    else
      graph.mergeIntoProducer(producer, consumer, rule.slot, rule.folded);
    if (!rule.op.empty())
      graph.nodes[anchor].op = graph.names.get(rule.op);
    mlir::RankedTensorType input = graph.type(graph.nodes[anchor].in[0]);
    if (rule.flatten && input && input.getRank() > 2)
      flatten(anchor);
  }

  /// The runtime reshapes the first operand to a matrix and the result back.
  void flatten(NodeId anchor) {
    ValueId input = graph.nodes[anchor].in[0],
            result = graph.nodes[anchor].out[0];
    ValueId matrix = graph.addValue(graph.values[input].value, none,
                                    flattened(graph.type(input)));
    ValueId product = graph.addValue(graph.values[result].value, anchor,
                                     flattened(graph.type(result)));
    insertReshape(anchor, input, matrix, 0);
    llvm::SmallVector<ValueId, 4> operands(graph.nodes[anchor].in);
    operands[0] = matrix;
    graph.setOperands(anchor, operands);
    graph.nodes[anchor].out = {product};
    insertReshape(anchor, product, result, 2);
  }

  /// All dimensions but the last in one.
  static mlir::RankedTensorType flattened(mlir::RankedTensorType type) {
    if (!type || type.getRank() == 0)
      return type;
    int64_t rows = 1;
    for (int64_t size : type.getShape().drop_back())
      rows =
          mlir::ShapedType::isDynamic(size) || mlir::ShapedType::isDynamic(rows)
              ? mlir::ShapedType::kDynamic
              : rows * size;
    return mlir::RankedTensorType::get({rows, type.getShape().back()},
                                       type.getElementType());
  }

  void insertReshape(NodeId anchor, ValueId from, ValueId to, unsigned rank) {
    Node reshape;
    reshape.op = graph.names.get("Reshape");
    reshape.inserted = true;
    reshape.in = {from};
    reshape.out = {to};
    reshape.order = graph.nodes[anchor].order;
    reshape.rank = rank;
    reshape.runs = graph.nodes[anchor].runs;
    reshape.runsKnown = graph.nodes[anchor].runsKnown;
    graph.addNode(std::move(reshape));
  }

  Graph &graph;
};

} // namespace

using RulesByProducer = OpTable<llvm::SmallVector<const ChainRule *, 4>>;

/// Names of the list that occur in the graph.
static llvm::SmallVector<OpName, 4>
presentNames(const Graph &graph, llvm::ArrayRef<std::string> names) {
  llvm::SmallVector<OpName, 4> present;
  for (const std::string &name : names)
    if (OpName found = graph.names.find(name))
      present.push_back(found);
  return present;
}

/// The rules that may apply, in their order. One rule's result may be what
/// another one looks for.
static RulesByProducer applicableRules(Graph &graph,
                                       llvm::ArrayRef<ChainRule> chains) {
  RulesByProducer rules;
  size_t names;
  do {
    names = graph.names.size();
    rules = {};
    for (const ChainRule &rule : chains) {
      if (presentNames(graph, rule.consumer).empty())
        continue;
      for (OpName producer : presentNames(graph, rule.producer)) {
        rules[producer].push_back(&rule);
        if (!rule.op.empty())
          graph.names.get(rule.op);
        if (rule.flatten)
          graph.names.get("Reshape");
      }
    }
  } while (names != graph.names.size());
  return rules;
}

void kernels::applyChains(Graph &graph, llvm::ArrayRef<ChainRule> chains) {
  RulesByProducer rules = applicableRules(graph, chains);
  if (rules.empty())
    return;
  ChainMatcher matcher(graph);
  for (NodeId id : graph.schedule()) {
    bool changed = true;
    while (changed && !graph.nodes[id].dead) {
      const auto *own = rules.find(graph.nodes[id].op);
      changed = own && llvm::any_of(*own, [&](const ChainRule *rule) {
                  return matcher.tryRule(*rule, id);
                });
    }
  }
}
