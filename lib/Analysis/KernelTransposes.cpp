// SPDX-License-Identifier: Apache-2.0
// Moves transposes towards the results where that saves some of them.
//
// A move through an operation is worth it if fewer dimensions are transposed
// after it than before, dimensions of one element not counted: transposes of
// its operands that vanish, against those that others of its operands and its
// results need. A result that leads to another transpose costs nothing, for the
// two will meet.

#include "KernelGraph.h"
#include "Permutation.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace gnomon;
using namespace gnomon::kernels;

namespace {

using Way = TransposeRule::Through;

class TransposePusher {
public:
  TransposePusher(Graph &graph, const TransposeRule &rule)
      : graph(graph), rule(rule), transpose(graph.names.find(rule.op)) {
    if (transpose)
      graph.names.get(rule.unsqueeze);
    for (const auto &way : rule.through)
      if (OpName name = graph.names.find(way.getKey())) {
        ways[name] = way.getValue();
        reshapes |= way.getValue() == TransposeRule::Reshape;
      }
  }

  /// One walk over the graph, as the runtime does it.
  void run() {
    if (!transpose && !reshapes)
      return;
    std::vector<NodeId> order = graph.schedule();
    findLeading(order);
    for (NodeId id : order)
      if (!graph.nodes[id].dead)
        visit(id);
  }

private:
  /// The transpose that yields `value`, if `node` may swallow it.
  NodeId transposeOf(ValueId value) const {
    NodeId id = value == none ? none : graph.values[value].producer;
    return id != none && permOf(id) ? id : none;
  }

  std::optional<Integers> permOf(NodeId id) const {
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

  std::optional<Way> wayThrough(const Node &node) const {
    const std::optional<Way> *way = ways.find(node.op);
    return way && !node.loadTime ? *way : std::nullopt;
  }

  /// Operands that a move through `node` transposes.
  llvm::SmallVector<size_t, 4> movable(const Node &node, Way way) const {
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

  void findLeading(llvm::ArrayRef<NodeId> order) {
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

  void visit(NodeId id) {
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

  /// A reshape to the shape that is there already.
  bool isNothing(NodeId id) const {
    const Node &node = graph.nodes[id];
    if (wayThrough(node) != TransposeRule::Reshape || node.in.empty() ||
        node.in[0] == none || graph.values[node.out[0]].escapes)
      return false;
    mlir::RankedTensorType type = graph.type(node.in[0]);
    return type && type.hasStaticShape() && type == graph.type(node.out[0]);
  }

  bool sameBody(NodeId a, NodeId b) const {
    mlir::Operation *x = graph.nodes[a].anchor, *y = graph.nodes[b].anchor;
    return !x || !y || x->getBlock() == y->getBlock();
  }

  /// Dimensions of more than one element.
  int64_t extent(ValueId value) const {
    mlir::RankedTensorType type = graph.type(value);
    return type ? llvm::count_if(type.getShape(),
                                 [](int64_t size) { return size != 1; })
                : 5;
  }

  bool mayVanish(NodeId transpose) const {
    const ValueInfo &info = graph.values[graph.nodes[transpose].out[0]];
    return !info.escapes && llvm::all_of(info.users, [&](NodeId user) {
      return permOf(user) || wayThrough(graph.nodes[user]);
    });
  }

  int64_t operandCost(ValueId value, llvm::ArrayRef<int64_t> perm) const {
    if (graph.isConstant(value))
      return 0;
    NodeId source = transposeOf(value);
    if (source == none)
      return extent(value);
    bool cancels = llvm::equal(*permOf(source), perm) && mayVanish(source);
    return cancels ? -extent(value) : 0;
  }

  bool isWorthIt(NodeId id, Way way, llvm::ArrayRef<int64_t> perm) const {
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

  /// A transpose of a transpose is one transpose, or none.
  void meet(NodeId source, NodeId id, llvm::ArrayRef<int64_t> first) {
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

  void dropUnused(NodeId id) {
    const ValueInfo &info = graph.values[graph.nodes[id].out[0]];
    if (info.users.empty() && !info.escapes)
      graph.remove(id);
  }

  bool moveThrough(NodeId id, Way way, const Integers &perm) {
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

  bool moveAxis(NodeId id, Way way, const Integers &perm,
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

  /// Before operator set 13, everything from the axis on is one group.
  bool moveGroups(NodeId id, Way way, const Integers &perm) {
    auto axes = integersOf(graph, graph.nodes[id], "axis");
    int64_t rank = perm.size(), axis = axes && !axes->empty() ? (*axes)[0] : 1;
    axis += axis < 0 ? rank : 0;
    for (int64_t i = 0; i < rank; ++i)
      if ((i < axis) != (perm[i] < axis))
        return false;
    return moveAll(id, way, perm, perm);
  }

  /// Attribute or operand `axes`, counted from the front.
  std::optional<Integers> axesOf(NodeId id, int operand, int64_t rank) const {
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

  static Integers moved(llvm::ArrayRef<int64_t> axes,
                        llvm::ArrayRef<int64_t> perm) {
    Integers result;
    for (int64_t axis : axes)
      result.push_back(perm[axis]);
    return result;
  }

  bool moveReduce(NodeId id, const Integers &perm) {
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

  /// Squeezes and slices: the axes go along; `keeps`: the result has them.
  bool moveAxes(NodeId id, Way way, const Integers &perm, int operand,
                bool keeps) {
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

  bool moveUnsqueeze(NodeId id, const Integers &perm) {
    mlir::RankedTensorType result = graph.type(graph.nodes[id].out[0]);
    std::optional<Integers> axes =
        result ? axesOf(id, 1, result.getRank()) : std::nullopt;
    if (!axes || result.getRank() != int64_t(perm.size() + axes->size()))
      return false;
    return moveAll(id, TransposeRule::Unsqueeze, perm, withAxes(perm, *axes));
  }

  bool moveGather(NodeId id, const Integers &perm) {
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

  /// Where each dimension stays whole or is split, the parts of a dimension
  /// move as it does.
  bool moveReshape(NodeId id, const Integers &perm) {
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

  /// Operands of a lower rank get the rank of the transpose.
  bool alignRanks(NodeId id, Way way, int64_t rank) {
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

  bool moveAll(NodeId id, Way way, llvm::ArrayRef<int64_t> perm,
               llvm::ArrayRef<int64_t> results) {
    for (size_t i : movable(graph.nodes[id], way))
      moveOperand(id, i, perm);
    if (!isIdentity(results))
      for (size_t i = 0; i < graph.nodes[id].out.size(); ++i)
        moveResult(id, i, results);
    return true;
  }

  void replaceOperand(NodeId id, size_t i, ValueId value) {
    llvm::SmallVector<ValueId, 4> operands(graph.nodes[id].in);
    operands[i] = value;
    graph.setOperands(id, operands);
  }

  /// A new node in front of `id`; work on constants is done at load time.
  ValueId before(NodeId id, llvm::StringRef op, ValueId value,
                 mlir::RankedTensorType type,
                 std::optional<Integers> perm = std::nullopt) {
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

  Node inserted(NodeId id, llvm::StringRef op) const {
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

  /// Takes the transpose `perm` from an operand, or puts its inverse on it.
  void moveOperand(NodeId id, size_t i, llvm::ArrayRef<int64_t> perm) {
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
        result = before(id, rule.op, origin,
                        transposed(graph.type(origin), back), back);
    }
    replaceOperand(id, i, result);
    if (source != none)
      dropUnused(source);
  }

  /// A transpose of `value` that somebody else needs, too.
  ValueId existing(NodeId id, ValueId value, llvm::ArrayRef<int64_t> perm) {
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

  void moveResult(NodeId id, size_t i, llvm::ArrayRef<int64_t> perm) {
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

  Graph &graph;
  const TransposeRule &rule;
  const OpName transpose;
  OpTable<std::optional<Way>> ways; ///< by the operations that occur
  bool reshapes = false;            ///< one of them is a reshape
  mlir::Operation *mover = nullptr; ///< the transpose that moves
  llvm::DenseSet<ValueId> leading;  ///< values that lead to a transpose
};

} // namespace

void kernels::pushTransposes(Graph &graph, const TransposeRule &rule) {
  TransposePusher(graph, rule).run();
}
