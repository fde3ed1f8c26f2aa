// SPDX-License-Identifier: Apache-2.0
// Builds the kernel graph of a function and keeps its use lists.

#include "KernelGraph.h"

#include "gnomon/Features/Extract.h"
#include "mlir/IR/Block.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

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

NodeId Graph::addNode(Node node) {
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
  nodes[producer].fused.push_back({slot.str(), nodes[consumer].anchor, folded});
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
  nodes[consumer].fused.push_back({slot.str(), nodes[producer].anchor, folded});
  absorb(consumer, producer);
  setOperands(consumer, operands);
}

std::vector<NodeId> Graph::schedule() const {
  std::vector<NodeId> order;
  for (NodeId id = 0, end = nodes.size(); id < end; ++id)
    if (!nodes[id].dead && !nodes[id].loadTime)
      order.push_back(id);
  llvm::stable_sort(order, [&](NodeId a, NodeId b) {
    return std::pair(nodes[a].order, nodes[a].rank) <
           std::pair(nodes[b].order, nodes[b].rank);
  });
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

namespace {

/// Names onnx-mlir has for operators whose optional results are not used.
llvm::StringRef withoutVariant(llvm::StringRef name) {
  return llvm::StringSwitch<llvm::StringRef>(name)
      .Case("MaxPoolSingleOut", "MaxPool")
      .Case("BatchNormalizationInferenceMode", "BatchNormalization")
      .Default(name);
}

/// `onnx.ClipV6` and `onnx.Clip` are one operator; an `onnx.Custom` goes by its
/// function's name.
llvm::StringRef ruleName(mlir::Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  if (!name.consume_front("onnx."))
    return name;
  if (name == "Custom")
    if (auto function = op->getAttrOfType<mlir::StringAttr>("function_name"))
      return function.getValue();
  size_t digits = name.find_last_not_of("0123456789");
  if (digits != llvm::StringRef::npos && digits + 1 < name.size() &&
      digits > 0 && name[digits] == 'V')
    name = name.take_front(digits);
  return withoutVariant(name);
}

/// True if nobody knows the elements: another constant that prints the same
/// need not hold them.
bool isOpaque(mlir::Operation *constant) {
  mlir::Attribute value = constant->getAttr("value");
  auto resource =
      mlir::dyn_cast_or_null<mlir::DenseResourceElementsAttr>(value);
  return !value || (resource && !resource.getRawHandle().getBlob());
}

bool isNameOfNode(mlir::NamedAttribute attribute) {
  return attribute.getName() == "onnx_node_name" ||
         attribute.getName() == "onnx.result_names";
}

/// Numbers values in one pass over the operations.
class GraphBuilder {
public:
  GraphBuilder(const RuntimeRules &rules) : rules(rules) {
    for (const EliminateRule &rule : rules.eliminate)
      eliminated[rule.op] = &rule;
  }

  Graph build(mlir::func::FuncOp function) {
    graph.opset = operatorSet(function);
    for (mlir::Region &region : function->getRegions())
      addRegion(region, 1, true);
    return std::move(graph);
  }

private:
  static int64_t operatorSet(mlir::func::FuncOp function) {
    mlir::Operation *parent = function->getParentOp();
    auto imports =
        parent
            ? parent->getAttrOfType<mlir::DictionaryAttr>("onnx.opset_imports")
            : mlir::DictionaryAttr();
    for (llvm::StringRef domain : {"", "ai.onnx"})
      if (auto set = llvm::dyn_cast_or_null<mlir::IntegerAttr>(
              imports ? imports.get(domain) : mlir::Attribute()))
        return set.getValue().getSExtValue();
    return 0;
  }

  void addRegion(mlir::Region &region, int64_t runs, bool runsKnown) {
    for (mlir::Block &block : region)
      for (mlir::Operation &op : block)
        addOperation(&op, runs, runsKnown);
  }

  ValueId idOf(mlir::Value value) {
    auto [entry, inserted] = ids.try_emplace(value, none);
    if (inserted)
      entry->second = graph.addValue(value, none);
    return entry->second;
  }

  void addOperation(mlir::Operation *op, int64_t runs, bool runsKnown) {
    Node node;
    node.op = ruleName(op);
    node.anchor = op;
    node.ops.push_back(op);
    node.order = order++;
    node.runs = runs;
    node.runsKnown = runsKnown;
    for (mlir::Value operand : op->getOperands()) {
      mlir::Operation *source = operand.getDefiningOp();
      bool absent = source && ruleName(source) == "NoValue";
      node.in.push_back(absent ? none : idOf(operand));
    }
    if (op->hasTrait<mlir::OpTrait::IsTerminator>() || node.op == "Return" ||
        node.op == "Yield") {
      for (ValueId operand : node.in)
        if (operand != none)
          graph.values[operand].escapes = true;
      return;
    }
    if (node.op == "NoValue" || node.op == "EntryPoint")
      return;
    if (stepsAside(op, node) || isRepeated(op, node))
      return;
    node.loadTime = isLoadTime(op, node);
    for (mlir::Value result : op->getResults()) {
      ValueId id = idOf(result);
      graph.values[id].constant = node.loadTime;
      node.out.push_back(id);
    }
    graph.addNode(std::move(node));
    addBodies(op, runs, runsKnown);
  }

  /// Which operand stands for the result, if the operation vanishes.
  int standIn(mlir::Operation *op, const Node &node,
              const EliminateRule &rule) const {
    if (rule.when == "always")
      return 0;
    auto stands = [&](int operand) {
      return op->getOperand(operand).getType() == op->getResult(0).getType();
    };
    if (rule.when == "same_type")
      return stands(0) ? 0 : none;
    if (rule.when == "open_end")
      return stands(0) && hasOpenEnd(node) ? 0 : none;
    bool swaps = rules.commutative.contains(node.op);
    for (int operand : {0, 1}) {
      if (node.in.size() != 2 || (operand == 1 && !swaps))
        return none;
      auto other = graph.constantOf(node.in[1 - operand]);
      if (other && other->size() == 1 && stands(operand) &&
          other->front() == (rule.when == "zero" ? 0.0 : 1.0))
        return operand;
    }
    return none;
  }

  /// A slice up to the largest number there is.
  bool hasOpenEnd(const Node &node) const {
    auto ends = integersOf(graph, node, "ends", 2);
    return ends && llvm::all_of(*ends, [](int64_t end) {
             return end >= std::numeric_limits<int32_t>::max();
           });
  }

  bool stepsAside(mlir::Operation *op, const Node &node) {
    auto rule = eliminated.find(node.op);
    if (rule == eliminated.end() || node.in.empty() || op->getNumResults() == 0)
      return false;
    int operand = standIn(op, node, *rule->second);
    if (operand == none || node.in[operand] == none)
      return false;
    for (mlir::Value other : llvm::drop_begin(op->getResults()))
      if (!other.use_empty())
        return false;
    ids[op->getResult(0)] = node.in[operand];
    return true;
  }

  /// Load-time operations take part: constants of equal contents are one.
  bool isRepeated(mlir::Operation *op, const Node &node) {
    bool opaque = node.op == "Constant" && isOpaque(op);
    if (opaque || op->getNumRegions() || rules.impure.contains(node.op))
      return false;
    llvm::hash_code hash = llvm::hash_combine(
        op->getName().getAsOpaquePointer(),
        llvm::hash_combine_range(node.in.begin(), node.in.end()));
    for (mlir::NamedAttribute attribute : op->getAttrs())
      if (!isNameOfNode(attribute))
        hash = llvm::hash_combine(hash, attribute.getValue());
    llvm::SmallVector<mlir::Operation *, 1> &bucket = seen[hash];
    for (mlir::Operation *other : bucket) {
      if (!isSame(op, other))
        continue;
      for (auto [mine, theirs] :
           llvm::zip(op->getResults(), other->getResults()))
        ids[mine] = ids[theirs];
      shareKernel(op, other);
      return true;
    }
    bucket.push_back(op);
    return false;
  }

  /// The kernel of `other` does the work of `op` too.
  void shareKernel(mlir::Operation *op, mlir::Operation *other) {
    if (other->getNumResults() == 0)
      return;
    NodeId producer = graph.values[idOf(other->getResult(0))].producer;
    if (producer != none && !graph.nodes[producer].loadTime) {
      graph.nodes[producer].ops.push_back(op);
      graph.nodes[producer].fused.push_back({"shared", op, true});
    }
  }

  bool isSame(mlir::Operation *a, mlir::Operation *b) {
    auto sameAttributes = [](mlir::Operation *a, mlir::Operation *b) {
      return llvm::all_of(a->getAttrs(), [&](mlir::NamedAttribute attribute) {
        return isNameOfNode(attribute) ||
               b->getAttr(attribute.getName()) == attribute.getValue();
      });
    };
    if (a->getName() != b->getName() || a->getBlock() != b->getBlock() ||
        a->getNumOperands() != b->getNumOperands() ||
        a->getResultTypes() != b->getResultTypes())
      return false;
    for (auto [mine, theirs] : llvm::zip(a->getOperands(), b->getOperands()))
      if (idOf(mine) != idOf(theirs))
        return false;
    return sameAttributes(a, b) && sameAttributes(b, a);
  }

  bool isLoadTime(mlir::Operation *op, const Node &node) {
    if (node.op == "Constant" || node.op == "ConstantOfShape")
      return llvm::all_of(node.in, [&](ValueId id) {
        return id == none || graph.isConstant(id);
      });
    if (op->getNumRegions() || rules.impure.contains(node.op) ||
        node.in.empty())
      return false;
    if (node.op == "Shape" || node.op == "Size")
      if (auto shape = graph.type(node.in[0]); shape && shape.hasStaticShape())
        return true;
    return llvm::all_of(node.in, [&](ValueId id) {
      return id == none || graph.isConstant(id);
    });
  }

  /// Bodies of a loop run as often as its trip count says, if that is known;
  /// those of a branch, once.
  void addBodies(mlir::Operation *op, int64_t runs, bool runsKnown) {
    if (op->getNumRegions() == 0)
      return;
    bool repeats = ruleName(op) != "If";
    std::optional<int64_t> trips = tripCount(op);
    bool known = runsKnown && (trips || !repeats);
    int64_t total = trips && runs < (int64_t(1) << 32) ? runs * *trips : runs;
    for (mlir::Region &region : op->getRegions()) {
      pendingEscapes(region);
      addRegion(region, total, known);
    }
  }

  /// What a body reads from outside must exist under its own name.
  void pendingEscapes(mlir::Region &region) {
    for (mlir::Block &block : region)
      for (mlir::Operation &op : block)
        for (mlir::Value operand : op.getOperands())
          if (operand.getParentRegion() != &region)
            graph.values[idOf(operand)].escapes = true;
  }

  const RuntimeRules &rules;
  Graph graph;
  unsigned order = 0;
  llvm::DenseMap<mlir::Value, ValueId> ids;
  llvm::StringMap<const EliminateRule *> eliminated;
  llvm::DenseMap<size_t, llvm::SmallVector<mlir::Operation *, 1>> seen;
};

} // namespace

Graph kernels::buildGraph(mlir::func::FuncOp function,
                          const RuntimeRules &rules) {
  return GraphBuilder(rules).build(function);
}

/// The first part reads what the operation read, each further one its
/// predecessor, the last one the first operand too.
static void expandNode(Graph &graph, NodeId id,
                       llvm::ArrayRef<std::string> into) {
  ValueId input = graph.nodes[id].in.front(), previous = none;
  mlir::Value result = graph.values[graph.nodes[id].out.front()].value;
  for (size_t i = 0; i + 1 < into.size(); ++i) {
    Node part = graph.nodes[id];
    part.op = into[i];
    part.fused.clear();
    part.rank = i;
    if (previous != none)
      part.in = {previous};
    previous = graph.addValue(result, none);
    part.out = {previous};
    graph.addNode(std::move(part));
  }
  graph.setOperands(id, {input, previous});
  graph.nodes[id].op = into.back();
  graph.nodes[id].rank = into.size();
}

void kernels::expandOperations(Graph &graph, llvm::ArrayRef<ExpandRule> rules) {
  llvm::StringMap<const ExpandRule *> byName;
  for (const ExpandRule &rule : rules)
    byName[rule.op] = &rule;
  for (NodeId id = 0, end = graph.nodes.size(); id < end; ++id) {
    const Node &node = graph.nodes[id];
    auto rule = byName.find(node.op);
    if (rule != byName.end() && !node.dead && !node.loadTime &&
        !node.in.empty() && node.in.front() != none && node.out.size() == 1)
      expandNode(graph, id, rule->second->into);
  }
}
