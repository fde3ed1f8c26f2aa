// SPDX-License-Identifier: Apache-2.0
// Decides which kernels work on blocks of channels, and inserts the layout
// changes between.

#include "KernelGraph.h"

#include "llvm/ADT/STLExtras.h"

using namespace gnomon;
using namespace gnomon::kernels;

namespace {

class BlockAssigner {
public:
  BlockAssigner(Graph &graph, const BlockRule &rule, int64_t block)
      : graph(graph), rule(rule), block(block) {
    if (!isPresent(rule.convolutions) && !isPresent(rule.pools))
      return;
    blockedConvolution = graph.names.get(rule.blockedConvolution);
    blockedResize = graph.names.get(rule.blockedResize);
    toBlocked = graph.names.get(rule.toBlocked);
    toPlain = graph.names.get(rule.toPlain);
  }

  void run() {
    if (!blockedConvolution)
      return;
    std::vector<NodeId> order = graph.schedule();
    for (NodeId id : order)
      if (!graph.nodes[id].dead)
        visit(id);
    if (llvm::none_of(graph.nodes, [](const Node &n) { return n.blocked; }))
      return;
    // Conversions are kernels too and go into the graph last.
    for (NodeId id : order)
      if (!graph.nodes[id].dead)
        convertOperands(id);
    for (NodeId id : order)
      if (!graph.nodes[id].dead && graph.nodes[id].blocked)
        convertEscaping(id);
  }

private:
  bool isPresent(const llvm::StringSet<> &operations) const {
    return llvm::any_of(operations.keys(), [&](llvm::StringRef name) {
      return bool(graph.names.find(name));
    });
  }

  bool isBlocked(ValueId value) const {
    NodeId producer = value == none ? none : graph.values[value].producer;
    return producer != none && graph.nodes[producer].blocked;
  }

  bool isConvolution(const Node &node) const {
    return node.blocked && node.op == blockedConvolution;
  }

  mlir::RankedTensorType imageType(ValueId value) const {
    mlir::RankedTensorType type = graph.type(value);
    bool image = type && type.getRank() == 4 && type.getElementType().isF32() &&
                 !type.isDynamicDim(1);
    return image ? type : mlir::RankedTensorType();
  }

  int64_t channels(ValueId value) const {
    return imageType(value).getDimSize(1);
  }

  void visit(NodeId id) {
    Node &node = graph.nodes[id];
    if (node.in.empty() || node.out.empty() || !imageType(node.in[0]) ||
        !imageType(node.out[0]))
      return;
    llvm::StringRef op = node.op;
    if (rule.convolutions.contains(op)) {
      visitConvolution(id);
      if (node.blocked)
        node.op = blockedConvolution;
    } else if (rule.pools.contains(op))
      node.blocked = channels(node.in[0]) % block == 0 && node.out.size() == 1;
    else if (!isBlocked(node.in[0]) &&
             !(node.in.size() > 1 && isBlocked(node.in[1])))
      return;
    else if (rule.globalPools.contains(op))
      node.blocked = channels(node.in[0]) % block == 0;
    else if (rule.normalization.contains(op))
      asDepthwise(node);
    else if (rule.concat.contains(op))
      visitConcat(node);
    else if (rule.resize.contains(op))
      visitResize(node);
    else if (rule.transpose.contains(op))
      visitTranspose(id);
    else if (rule.binary.contains(op))
      visitBinary(id);
    else if (rule.elementwise.contains(op) && isBlocked(node.in[0]))
      visitElementwise(id);
  }

  void visitConvolution(NodeId id) {
    Node &node = graph.nodes[id];
    mlir::RankedTensorType filter =
        node.in.size() > 1 ? graph.type(node.in[1]) : nullptr;
    if (!filter || filter.getRank() != 4 || !filter.hasStaticShape() ||
        !graph.isConstant(node.in[1]))
      return;
    auto group = integersOf(graph, node, "group");
    int64_t groups = group && group->size() == 1 ? group->front() : 1;
    int64_t inputs = filter.getDimSize(1), outputs = filter.getDimSize(0);
    if (groups > 1) {
      bool depthwise = inputs == 1 && outputs == groups;
      node.blocked = depthwise ? outputs % rule.alignment == 0
                               : inputs % block == 0 && outputs % groups == 0 &&
                                     outputs / groups % block == 0;
      return;
    }
    node.blocked = inputs < block || inputs % rule.alignment == 0;
    if (inputs < block)
      direct.insert(id);
  }

  void asDepthwise(Node &node) {
    node.op = blockedConvolution;
    node.blocked = true;
  }

  void visitConcat(Node &node) {
    auto axis = integersOf(graph, node, "axis");
    node.blocked = axis && axis->size() == 1 &&
                   (axis->front() == 1 || axis->front() == -3) &&
                   llvm::all_of(node.in, [&](ValueId value) {
                     return isBlocked(value) && channels(value) % block == 0;
                   });
  }

  void visitResize(Node &node) {
    node.blocked = resizesInBlocks(node);
    if (node.blocked)
      node.op = blockedResize;
  }

  bool resizesInBlocks(const Node &node) const {
    mlir::RankedTensorType from = imageType(node.in[0]),
                           to = imageType(node.out[0]);
    for (int64_t axis : {2, 3})
      if (from.isDynamicDim(axis) || to.isDynamicDim(axis) ||
          from.getDimSize(axis) == 0 ||
          to.getDimSize(axis) % from.getDimSize(axis))
        return false;
    auto text = [&](llvm::StringRef name, llvm::StringRef fallback) {
      auto attr = node.anchor->getAttrOfType<mlir::StringAttr>(name);
      return attr ? attr.getValue() : fallback;
    };
    bool upsample = node.op == "Upsample";
    llvm::StringRef mode = text("mode", "nearest");
    llvm::StringRef coordinates = text("coordinate_transformation_mode",
                                       upsample ? "asymmetric" : "half_pixel");
    if (mode == "nearest")
      return coordinates == "asymmetric" &&
             (upsample ||
              text("nearest_mode", "round_prefer_floor") == "floor");
    return mode == "linear" &&
           (coordinates == "half_pixel" || coordinates == "asymmetric" ||
            coordinates == "align_corners");
  }

  /// Blocked to channels-last is a layout change of its own.
  void visitTranspose(NodeId id) {
    Node &node = graph.nodes[id];
    auto perm = integersOf(graph, node, "perm");
    if (!perm || *perm != llvm::SmallVector<int64_t, 4>{0, 2, 3, 1} ||
        !isBlocked(node.in[0]))
      return;
    node.op = toPlain;
    readsBlocked.insert(id);
  }

  NodeId fusableConvolution(ValueId value) const {
    NodeId producer = graph.values[value].producer;
    const Node &node = graph.nodes[producer];
    bool free =
        isConvolution(node) && !node.has("activation") && !node.has("sum");
    return free && graph.onlyUser(value) != none &&
                   graph.values[value].users.size() == 1
               ? producer
               : none;
  }

  void visitBinary(NodeId id) {
    Node &node = graph.nodes[id];
    if (node.op == "Mul" && visitScale(id))
      return;
    if (!llvm::all_of(node.in, [&](ValueId value) {
          return isBlocked(value) &&
                 graph.type(value) == graph.type(node.in[0]);
        }))
      return;
    if (node.op != "Mul" && node.in.size() == 2)
      for (ValueId value : node.in)
        if (NodeId convolution = fusableConvolution(value);
            convolution != none) {
          graph.mergeIntoProducer(convolution, id, "sum");
          return;
        }
    node.blocked = true;
  }

  /// A factor for each channel is a depthwise convolution.
  bool visitScale(NodeId id) {
    Node &node = graph.nodes[id];
    if (node.in.size() != 2)
      return false;
    ValueId factor = isBlocked(node.in[0]) ? node.in[1] : node.in[0];
    mlir::RankedTensorType type = graph.type(factor);
    if (!graph.isConstant(factor) || !type || !type.hasStaticShape())
      return false;
    int64_t axis = type.getRank() - 3;
    bool perChannel = axis >= 0 &&
                      type.getDimSize(axis) == channels(node.out[0]) &&
                      type.getNumElements() == type.getDimSize(axis);
    if (perChannel)
      asDepthwise(node);
    return perChannel;
  }

  void visitElementwise(NodeId id) {
    Node &node = graph.nodes[id];
    if (rule.activations.contains(node.op)) {
      NodeId producer = graph.values[node.in[0]].producer;
      const Node &convolution = graph.nodes[producer];
      if (isConvolution(convolution) && !convolution.has("activation") &&
          graph.onlyUser(node.in[0]) == id) {
        graph.mergeIntoProducer(producer, id, "activation");
        return;
      }
    }
    node.blocked = true;
  }

  bool wantsBlocked(NodeId id, size_t operand) const {
    const Node &node = graph.nodes[id];
    if (readsBlocked.contains(id) && !node.blocked)
      return operand == 0;
    if (!node.blocked)
      return false;
    if (isConvolution(node)) {
      if (operand == 0)
        return !direct.contains(id);
      return node.has("sum") && isBlockedSum(node, operand);
    }
    return operand == 0 || rule.binary.contains(node.op) ||
           rule.concat.contains(node.op);
  }

  bool isBlockedSum(const Node &node, size_t operand) const {
    return isBlocked(node.in[operand]) && operand + 1 == node.in.size();
  }

  void convertOperands(NodeId id) {
    llvm::SmallVector<ValueId, 4> operands(graph.nodes[id].in);
    for (size_t i = 0; i < operands.size(); ++i) {
      ValueId value = operands[i];
      if (value == none || graph.isConstant(value))
        continue;
      bool wanted = wantsBlocked(id, i);
      if (wanted != isBlocked(value))
        operands[i] = converted(value, wanted);
    }
    if (operands != graph.nodes[id].in)
      graph.setOperands(id, operands);
  }

  /// A value's other layout; made once.
  ValueId converted(ValueId value, bool blocks) {
    auto [entry, inserted] = conversions.try_emplace(value, none);
    if (!inserted)
      return entry->second;
    NodeId producer = graph.values[value].producer;
    if (blocks && producer != none && becomesConversion(producer))
      return entry->second = value;
    Node node;
    node.op = blocks ? toBlocked : toPlain;
    node.inserted = true;
    node.blocked = blocks;
    if (producer != none) {
      const Node &source = graph.nodes[producer];
      node.order = source.order;
      node.rank = source.rank + 1;
      node.runs = source.runs;
      node.runsKnown = source.runsKnown;
    }
    node.in = {value};
    ValueId other = graph.addValue(graph.values[value].value, none);
    node.out = {other};
    graph.addNode(std::move(node));
    return conversions[value] = other;
  }

  /// Channels-last to blocked takes the transpose along.
  bool becomesConversion(NodeId producer) {
    Node &node = graph.nodes[producer];
    if (!rule.transpose.contains(node.op) ||
        graph.onlyUser(node.out[0]) == none)
      return false;
    auto perm = integersOf(graph, node, "perm");
    if (!perm || *perm != llvm::SmallVector<int64_t, 4>{0, 3, 1, 2})
      return false;
    node.op = toBlocked;
    node.blocked = true;
    return true;
  }

  void convertEscaping(NodeId id) {
    for (ValueId result : llvm::SmallVector<ValueId, 2>(graph.nodes[id].out))
      if (graph.values[result].escapes)
        converted(result, false);
  }

  Graph &graph;
  const BlockRule &rule;
  int64_t block;
  /// Names of what it makes; empty if there is nothing to do.
  OpName blockedConvolution, blockedResize, toBlocked, toPlain;
  llvm::DenseSet<NodeId> direct, readsBlocked;
  llvm::DenseMap<ValueId, ValueId> conversions;
};

} // namespace

void kernels::assignBlocks(Graph &graph, const BlockRule &rule,
                           int64_t blockSize) {
  BlockAssigner(graph, rule, blockSize).run();
}
