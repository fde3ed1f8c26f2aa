// SPDX-License-Identifier: Apache-2.0
// Slices that together cover one axis of a tensor run as one Split.

#include "KernelGraph.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

using namespace gnomon;
using namespace gnomon::kernels;

namespace {

/// The part of an axis that one node takes.
struct Part {
  NodeId node;
  int64_t axis, size;
  std::optional<int64_t> start;
  /// Values that say where it starts and ends, computed at load time.
  ValueId startValue = none, endValue = none;
  bool squeezed = false; ///< the axis is dropped afterwards
};

class SplitFinder {
public:
  SplitFinder(Graph &graph, const SplitRule &rule) : graph(graph), rule(rule) {}

  void run() {
    if (graph.opset && graph.opset < rule.sinceOpset)
      return;
    if (!graph.names.find(rule.slice) && !graph.names.find(rule.gather))
      return;
    for (const Node &node : graph.nodes)
      if (!node.dead && node.out.size() > 1)
        siblings.insert(node.out.begin(), node.out.end());
    for (ValueId value = 0, end = graph.values.size(); value < end; ++value)
      if (graph.values[value].users.size() > 1 && !graph.isConstant(value) &&
          !siblings.contains(value))
        visit(value);
  }

private:
  void visit(ValueId value) {
    mlir::RankedTensorType type = graph.type(value);
    if (!type)
      return;
    std::map<int64_t, llvm::SmallVector<Part, 4>> byAxis;
    for (NodeId user : graph.values[value].users)
      if (std::optional<Part> part = partOf(user, value, type))
        byAxis[part->axis].push_back(*part);
    for (auto &[axis, parts] : byAxis)
      if (parts.size() > 1 && cover(parts, type.getDimSize(axis)))
        return merge(value, parts);
  }

  std::optional<Part> partOf(NodeId id, ValueId value,
                             mlir::RankedTensorType type) const {
    const Node &node = graph.nodes[id];
    if (node.dead || node.loadTime || node.in.empty() || node.in[0] != value ||
        node.out.size() != 1)
      return std::nullopt;
    std::optional<Part> part;
    if (node.op == rule.slice)
      part = slicePart(id, type);
    else if (node.op == rule.gather)
      part = gatherPart(id, type);
    return part && !type.isDynamicDim(part->axis) ? part : std::nullopt;
  }

  /// An axis counted from the back, too; nullopt if it is none of `type`.
  static std::optional<int64_t> axisOf(int64_t axis,
                                       mlir::RankedTensorType type) {
    axis += axis < 0 ? type.getRank() : 0;
    return axis >= 0 && axis < type.getRank() ? std::optional(axis)
                                              : std::nullopt;
  }

  std::optional<Part> slicePart(NodeId id, mlir::RankedTensorType type) const {
    const Node &node = graph.nodes[id];
    auto starts = integersOf(graph, node, "starts", 1);
    auto axes = integersOf(graph, node, "axes", 3);
    bool stepped = node.in.size() > 4 && node.in[4] != none;
    auto steps = integersOf(graph, node, "steps", 4);
    mlir::RankedTensorType result = graph.type(node.out[0]);
    if (!axes || axes->size() != 1 || (starts && starts->size() != 1) ||
        !result || result.getRank() != type.getRank() ||
        (stepped && (!steps || steps->size() != 1 || steps->front() != 1)))
      return std::nullopt;
    auto axis = axisOf(axes->front(), type);
    if (!axis || type.isDynamicDim(*axis) || result.isDynamicDim(*axis))
      return std::nullopt;
    Part part{id, *axis, result.getDimSize(*axis)};
    if (starts)
      part.start =
          starts->front() + (starts->front() < 0 ? type.getDimSize(*axis) : 0);
    if (node.in.size() > 2 && graph.isConstant(node.in[1]) &&
        graph.isConstant(node.in[2])) {
      part.startValue = node.in[1];
      part.endValue = node.in[2];
    }
    return part;
  }

  std::optional<Part> gatherPart(NodeId id, mlir::RankedTensorType type) const {
    const Node &node = graph.nodes[id];
    if (node.in.size() != 2)
      return std::nullopt;
    auto index = graph.constantOf(node.in[1]);
    auto axes = integersOf(graph, node, "axis");
    auto axis = axisOf(axes && axes->size() == 1 ? axes->front() : 0, type);
    mlir::RankedTensorType indexType = graph.type(node.in[1]);
    if (!index || index->size() != 1 || !axis || !indexType ||
        type.isDynamicDim(*axis))
      return std::nullopt;
    int64_t start = int64_t(index->front());
    start += start < 0 ? type.getDimSize(*axis) : 0;
    Part part{id, *axis, 1};
    part.start = start;
    part.squeezed = indexType.getRank() == 0;
    return part;
  }

  /// Puts the parts in order: each starts where the one before it ends.
  static bool cover(llvm::SmallVectorImpl<Part> &parts, int64_t size) {
    int64_t at = 0;
    ValueId end = none;
    for (Part *next = parts.begin(); next != parts.end(); ++next) {
      Part *part = std::find_if(next, parts.end(), [&](const Part &other) {
        return other.start ? *other.start == at
                           : end != none && other.startValue == end;
      });
      if (part == parts.end() || part->size <= 0)
        return false;
      std::swap(*next, *part);
      at += next->size;
      end = next->endValue;
    }
    return at == size;
  }

  void merge(ValueId value, llvm::ArrayRef<Part> parts) {
    Node split = graph.nodes[parts.front().node];
    split.op = graph.names.get(rule.op);
    split.restate("axis", {parts.front().axis});
    split.in = {value};
    split.out.clear();
    split.ops.clear();
    for (const Part &part : parts) {
      Node &node = graph.nodes[part.node];
      split.order = std::min(split.order, node.order);
      split.ops.append(node.ops.begin(), node.ops.end());
      if (!part.squeezed) {
        split.out.push_back(node.out.front());
        graph.remove(part.node);
        continue;
      }
      mlir::Value result = graph.values[node.out.front()].value;
      ValueId piece = graph.addValue(result, none, pieceType(value, part));
      split.out.push_back(piece);
      graph.setOperands(part.node, {piece});
      graph.nodes[part.node].op = graph.names.get(rule.squeeze);
      graph.nodes[part.node].restate("axes", {part.axis});
      graph.nodes[part.node].rank = 2;
    }
    graph.addNode(std::move(split));
  }

  /// What is cut off before its axis of one element is dropped.
  mlir::RankedTensorType pieceType(ValueId value, const Part &part) const {
    mlir::RankedTensorType type = graph.type(value);
    llvm::SmallVector<int64_t> shape(type.getShape());
    shape[part.axis] = 1;
    return mlir::RankedTensorType::get(shape, type.getElementType());
  }

  Graph &graph;
  const SplitRule &rule;
  /// Results of operations with several: the runtime leaves them alone.
  llvm::DenseSet<ValueId> siblings;
};

} // namespace

void kernels::mergeSplits(Graph &graph, const SplitRule &rule) {
  SplitFinder(graph, rule).run();
}
