// SPDX-License-Identifier: Apache-2.0
// The walk that moves transposes towards the results: where a move is worth it
// (KernelTransposes.cpp), and what it does to each operation
// (KernelTransposeMoves.cpp).

#ifndef GNOMON_LIB_ANALYSIS_TRANSPOSEPUSHER_H
#define GNOMON_LIB_ANALYSIS_TRANSPOSEPUSHER_H

#include "KernelGraph.h"

namespace gnomon::kernels {

class TransposePusher {
public:
  TransposePusher(Graph &graph, const TransposeRule &rule);
  /// One walk over the graph, as the runtime does it.
  void run();

private:
  using Way = TransposeRule::Through;

  /// The transpose that yields `value`, if `node` may swallow it.
  NodeId transposeOf(ValueId value) const;
  std::optional<Integers> permOf(NodeId id) const;
  std::optional<Way> wayThrough(const Node &node) const;
  /// Operands that a move through `node` transposes.
  llvm::SmallVector<size_t, 4> movable(const Node &node, Way way) const;
  void findLeading(llvm::ArrayRef<NodeId> order);
  void visit(NodeId id);
  /// A reshape to the shape that is there already.
  bool isNothing(NodeId id) const;
  bool sameBody(NodeId a, NodeId b) const;
  /// Dimensions of more than one element.
  int64_t extent(ValueId value) const;
  bool mayVanish(NodeId transpose) const;
  int64_t operandCost(ValueId value, llvm::ArrayRef<int64_t> perm) const;
  bool isWorthIt(NodeId id, Way way, llvm::ArrayRef<int64_t> perm) const;
  /// A transpose of a transpose is one transpose, or none.
  void meet(NodeId source, NodeId id, llvm::ArrayRef<int64_t> first);
  void dropUnused(NodeId id);

  // Moves through an operation by its kind; whether they could be made.
  bool moveThrough(NodeId id, Way way, const Integers &perm);
  bool moveAxis(NodeId id, Way way, const Integers &perm,
                std::optional<int64_t> otherwise);
  /// Before operator set 13, everything from the axis on is one group.
  bool moveGroups(NodeId id, Way way, const Integers &perm);
  /// Attribute or operand `axes`, counted from the front.
  std::optional<Integers> axesOf(NodeId id, int operand, int64_t rank) const;
  static Integers moved(llvm::ArrayRef<int64_t> axes,
                        llvm::ArrayRef<int64_t> perm);
  bool moveReduce(NodeId id, const Integers &perm);
  /// Squeezes and slices: the axes go along; `keeps`: the result has them.
  bool moveAxes(NodeId id, Way way, const Integers &perm, int operand,
                bool keeps);
  bool moveUnsqueeze(NodeId id, const Integers &perm);
  bool moveGather(NodeId id, const Integers &perm);
  /// Where each dimension stays whole or is split, the parts of a dimension
  /// move as it does.
  bool moveReshape(NodeId id, const Integers &perm);
  /// Operands of a lower rank get the rank of the transpose.
  bool alignRanks(NodeId id, Way way, int64_t rank);
  bool moveAll(NodeId id, Way way, llvm::ArrayRef<int64_t> perm,
               llvm::ArrayRef<int64_t> results);

  // What the moves do to the graph.
  void replaceOperand(NodeId id, size_t i, ValueId value);
  /// A new node in front of `id`; work on constants is done at load time.
  ValueId before(NodeId id, llvm::StringRef op, ValueId value,
                 mlir::RankedTensorType type,
                 std::optional<Integers> perm = std::nullopt);
  Node inserted(NodeId id, llvm::StringRef op) const;
  /// Takes the transpose `perm` from an operand, or puts its inverse on it.
  void moveOperand(NodeId id, size_t i, llvm::ArrayRef<int64_t> perm);
  /// A transpose of `value` that somebody else needs, too.
  ValueId existing(NodeId id, ValueId value, llvm::ArrayRef<int64_t> perm);
  void moveResult(NodeId id, size_t i, llvm::ArrayRef<int64_t> perm);

  Graph &graph;
  const TransposeRule &rule;
  const OpName transpose;
  OpTable<std::optional<Way>> ways; ///< by the operations that occur
  bool reshapes = false;            ///< one of them is a reshape
  mlir::Operation *mover = nullptr; ///< the transpose that moves
  llvm::DenseSet<ValueId> leading;  ///< values that lead to a transpose
};

} // namespace gnomon::kernels

#endif // GNOMON_LIB_ANALYSIS_TRANSPOSEPUSHER_H
