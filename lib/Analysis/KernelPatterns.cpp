// SPDX-License-Identifier: Apache-2.0
// Finds sub-graphs that the runtime runs as one kernel.

#include "KernelGraph.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace gnomon;
using namespace gnomon::kernels;

namespace {

bool closeTo(double a, double b) {
  return std::fabs(a - b) <= 1e-3 * std::fabs(b) + 1e-9;
}

/// The first dimension becomes a matrix dimension, the others stay in order.
bool swapsBatch(llvm::ArrayRef<int64_t> perm) {
  int64_t rank = perm.size();
  if (rank < 3)
    return false;
  for (int64_t i = 0; i < rank - 2; ++i)
    if (perm[i] != i + 1)
      return false;
  return perm[rank - 2] == 0 || perm[rank - 1] == 0;
}

/// One attempt at one root. Backtracking cuts the bindings back to a mark.
class Match {
public:
  Match(const Graph &graph, const RuntimeRules &rules)
      : graph(graph), rules(rules) {}

  bool at(const Pattern &pattern, NodeId root) {
    return matchNode(pattern, root) && staysInside(root);
  }

  ValueId operator[](llvm::StringRef name) const {
    for (const auto &[bound, value] : bindings)
      if (bound == name)
        return value;
    return none;
  }

  llvm::ArrayRef<NodeId> matched() const { return found; }

private:
  bool matchValue(const Pattern &pattern, ValueId value) {
    if (!pattern.name.empty()) {
      for (const auto &[bound, other] : bindings)
        if (bound == pattern.name)
          return other == value;
    }
    if (!matchKind(pattern, value))
      return false;
    if (!pattern.name.empty())
      bindings.emplace_back(pattern.name, value);
    return true;
  }

  bool matchKind(const Pattern &pattern, ValueId value) {
    switch (pattern.kind) {
    case Pattern::Any:
      return value != none;
    case Pattern::Constant:
      return graph.isConstant(value);
    case Pattern::Scalar: {
      if (!graph.isScalar(value))
        return false;
      auto number = graph.constantOf(value);
      return !pattern.value || !number ||
             closeTo(number->front(), *pattern.value);
    }
    case Pattern::Operation: {
      NodeId producer = value == none ? none : graph.values[value].producer;
      return producer != none && matchNode(pattern, producer);
    }
    }
    return false;
  }

  bool matchNode(const Pattern &pattern, NodeId id) {
    const Node &node = graph.nodes[id];
    if (node.dead || node.loadTime || node.op != pattern.op ||
        !conditionsHold(pattern, node))
      return false;
    size_t given = node.in.size();
    while (given && node.in[given - 1] == none)
      --given;
    if (pattern.open ? given < pattern.operands.size()
                     : given != pattern.operands.size())
      return false;
    size_t bindingMark = bindings.size(), foundMark = found.size();
    if (matchOperands(pattern, node, false))
      return remember(id);
    bindings.truncate(bindingMark);
    found.truncate(foundMark);
    if (given == 2 && rules.commutative.contains(node.op) &&
        matchOperands(pattern, node, true))
      return remember(id);
    bindings.truncate(bindingMark);
    found.truncate(foundMark);
    return false;
  }

  bool remember(NodeId id) {
    if (!llvm::is_contained(found, id))
      found.push_back(id);
    return true;
  }

  bool matchOperands(const Pattern &pattern, const Node &node, bool swapped) {
    for (size_t i = 0; i < pattern.operands.size(); ++i)
      if (!matchValue(pattern.operands[i], node.in[swapped ? 1 - i : i]))
        return false;
    return true;
  }

  bool conditionsHold(const Pattern &pattern, const Node &node) const {
    return llvm::all_of(pattern.conditions, [&](const auto &condition) {
      return holds(condition.first, condition.second, node);
    });
  }

  bool holds(llvm::StringRef key, llvm::StringRef wanted,
             const Node &node) const {
    if (key == "swaps_last") {
      auto perm = integersOf(graph, node, "perm");
      int64_t rank = perm ? perm->size() : 0;
      for (int64_t i = 0; i < rank; ++i)
        if ((*perm)[i] != (i < rank - 2 ? i : 2 * rank - 3 - i))
          return false;
      return rank >= 2;
    }
    if (key == "swaps_batch") {
      auto perm = integersOf(graph, node, "perm");
      return perm && swapsBatch(*perm);
    }
    if (key == "last_axis") {
      auto axes = integersOf(graph, node, "axes", 1);
      if (!axes)
        axes = integersOf(graph, node, "axis");
      auto shape = graph.type(node.in[0]);
      return axes && axes->size() == 1 &&
             (axes->front() == -1 ||
              (shape && axes->front() == shape.getRank() - 1));
    }
    if (auto text = node.anchor
                        ? node.anchor->getAttrOfType<mlir::StringAttr>(key)
                        : mlir::StringAttr())
      return text.getValue() == wanted;
    auto numbers = integersOf(graph, node, key);
    std::string printed;
    if (numbers)
      printed =
          llvm::join(llvm::map_range(
                         *numbers, [](int64_t n) { return std::to_string(n); }),
                     " ");
    return printed == wanted;
  }

  /// Nothing but the root's results may be seen from outside.
  bool staysInside(NodeId root) const {
    for (NodeId id : found) {
      if (id == root)
        continue;
      for (ValueId result : graph.nodes[id].out) {
        const ValueInfo &info = graph.values[result];
        if (info.escapes || !llvm::all_of(info.users, [&](NodeId user) {
              return llvm::is_contained(found, user);
            }))
          return false;
      }
    }
    return true;
  }

  const Graph &graph;
  const RuntimeRules &rules;
  llvm::SmallVector<std::pair<llvm::StringRef, ValueId>, 8> bindings;
  llvm::SmallVector<NodeId, 12> found;
};

bool whereHolds(const Graph &graph, const Match &match,
                llvm::ArrayRef<std::string> condition) {
  llvm::StringRef predicate = condition[0];
  ValueId a = match[condition[1]];
  ValueId b = condition.size() > 2 ? match[condition[2]] : none;
  if (predicate == "constant")
    return graph.isConstant(a);
  if (predicate == "not_transposed") {
    NodeId producer = a == none ? none : graph.values[a].producer;
    return producer == none || graph.nodes[producer].op != "Transpose";
  }
  if (predicate == "computed")
    return !graph.isConstant(a);
  mlir::RankedTensorType type = graph.type(a);
  if (predicate == "same_type")
    return type && type == graph.type(b);
  if (predicate == "vector")
    return type && graph.isConstant(a) && type.getRank() == 1;
  if (predicate == "matrix")
    return type && type.getRank() == 2;
  return predicate == "rank3" && type && type.getRank() == 3;
}

void rewrite(Graph &graph, const PatternRule &rule, const Match &match,
             NodeId root) {
  llvm::SmallVector<ValueId, 4> inputs;
  for (const std::string &name : rule.inputs)
    inputs.push_back(match[name]);
  for (NodeId id : match.matched()) {
    if (id == root)
      continue;
    graph.nodes[root].fused.push_back({rule.name, graph.nodes[id].anchor});
    graph.absorb(root, id);
  }
  graph.setOperands(root, inputs);
  graph.nodes[root].op = graph.names.get(rule.op);
}

/// True if it joined operations: there may be more to join.
bool tryRule(Graph &graph, const PatternRule &rule, const RuntimeRules &rules,
             NodeId id) {
  for (const Pattern &pattern : rule.match) {
    if (pattern.op != graph.nodes[id].op)
      continue;
    Match match(graph, rules);
    if (!match.at(pattern, id))
      continue;
    if (!llvm::all_of(rule.where, [&](llvm::ArrayRef<std::string> condition) {
          return whereHolds(graph, match, condition);
        }))
      continue;
    bool absorbs = match.matched().size() > 1;
    rewrite(graph, rule, match, id);
    return absorbs;
  }
  return false;
}

} // namespace

/// Whether every operation of the pattern occurs in the graph.
static bool mayMatch(const Graph &graph, const Pattern &pattern) {
  if (pattern.kind == Pattern::Operation && !graph.names.find(pattern.op))
    return false;
  return llvm::all_of(pattern.operands, [&](const Pattern &operand) {
    return mayMatch(graph, operand);
  });
}

/// What the roots of its possible matches are called.
static llvm::SmallVector<OpName, 4> possibleRoots(Graph &graph,
                                                  const PatternRule &rule) {
  auto matches = [&](const Pattern &pattern) {
    return mayMatch(graph, pattern);
  };
  if (llvm::none_of(rule.match, matches))
    return {};
  graph.names.get(rule.op); // what one match makes may be part of the next
  llvm::SmallVector<OpName, 4> roots;
  for (const Pattern &pattern : llvm::make_filter_range(rule.match, matches))
    roots.push_back(graph.names.find(pattern.op));
  return roots;
}

void kernels::applyPatterns(Graph &graph, llvm::ArrayRef<PatternRule> patterns,
                            const RuntimeRules &rules) {
  for (const PatternRule &rule : patterns) {
    if (graph.opset && graph.opset < rule.sinceOpset)
      continue;
    llvm::SmallVector<OpName, 4> roots = possibleRoots(graph, rule);
    if (roots.empty())
      continue;
    for (NodeId id = 0, end = graph.nodes.size(); id < end; ++id)
      if (llvm::is_contained(roots, graph.nodes[id].op) &&
          !graph.nodes[id].dead && !graph.nodes[id].loadTime &&
          !graph.nodes[id].inserted)
        while (tryRule(graph, rule, rules, id))
          continue;
  }
}
