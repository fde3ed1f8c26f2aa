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
  int64_t axis, start, end;
  bool squeezed; ///< the axis is dropped afterwards
};

class SplitFinder {
public:
  SplitFinder(Graph &graph, const SplitRule &rule) : graph(graph), rule(rule) {}

  void run() {
    for (ValueId value = 0, end = graph.values.size(); value < end; ++value)
      if (graph.values[value].users.size() > 1 && !graph.isConstant(value))
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
    auto ends = integersOf(graph, node, "ends", 2);
    auto axes = integersOf(graph, node, "axes", 3);
    bool stepped = node.in.size() > 4 && node.in[4] != none;
    auto steps = integersOf(graph, node, "steps", 4);
    if (!starts || !ends || !axes || starts->size() != 1 || ends->size() != 1 ||
        axes->size() != 1 ||
        (stepped && (!steps || steps->size() != 1 || steps->front() != 1)))
      return std::nullopt;
    auto axis = axisOf(axes->front(), type);
    if (!axis || type.isDynamicDim(*axis))
      return std::nullopt;
    int64_t size = type.getDimSize(*axis);
    auto clamped = [&](int64_t index) {
      return std::clamp<int64_t>(index < 0 ? index + size : index, 0, size);
    };
    return Part{id, *axis, clamped(starts->front()), clamped(ends->front()),
                false};
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
    return Part{id, *axis, start, start + 1, indexType.getRank() == 0};
  }

  static bool cover(llvm::SmallVectorImpl<Part> &parts, int64_t size) {
    llvm::stable_sort(
        parts, [](const Part &a, const Part &b) { return a.start < b.start; });
    int64_t at = 0;
    for (const Part &part : parts) {
      if (part.start != at || part.end <= at)
        return false;
      at = part.end;
    }
    return at == size;
  }

  void merge(ValueId value, llvm::ArrayRef<Part> parts) {
    Node split = graph.nodes[parts.front().node];
    split.op = rule.op;
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
      ValueId piece =
          graph.addValue(graph.values[node.out.front()].value, none);
      split.out.push_back(piece);
      graph.setOperands(part.node, {piece});
      graph.nodes[part.node].op = rule.squeeze;
      graph.nodes[part.node].rank = 2;
    }
    graph.addNode(std::move(split));
  }

  Graph &graph;
  const SplitRule &rule;
};

} // namespace

void kernels::mergeSplits(Graph &graph, const SplitRule &rule) {
  SplitFinder(graph, rule).run();
}
