// SPDX-License-Identifier: Apache-2.0
// The graph that kernel formation rewrites: small nodes beside the IR, which
// stays as it is.

#ifndef GNOMON_LIB_ANALYSIS_KERNELGRAPH_H
#define GNOMON_LIB_ANALYSIS_KERNELGRAPH_H

#include "OpName.h"

#include "gnomon/Analysis/Kernels.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/DenseMap.h"

namespace gnomon::kernels {

using NodeId = int32_t;
using ValueId = int32_t;
constexpr int32_t none = -1;

using Integers = llvm::SmallVector<int64_t, 4>;

/// A kernel in the making.
struct Node {
  OpName op;
  mlir::Operation *anchor = nullptr;
  llvm::SmallVector<mlir::Operation *, 2> ops;
  llvm::SmallVector<ValueId, 4> in; ///< `none` stands for an absent operand
  llvm::SmallVector<ValueId, 2> out;
  llvm::SmallVector<FusedSlot, 1> fused;
  /// Attributes that a rewrite gave a new value; those of `anchor` are past.
  llvm::SmallVector<std::pair<llvm::StringRef, Integers>, 0> restated;
  bool dead = false, loadTime = false, blocked = false, inserted = false;
  unsigned order = 0; ///< of its last operation
  unsigned rank = 1;  ///< among the nodes of one `order`
  int64_t runs = 1;
  bool runsKnown = true;

  bool has(llvm::StringRef slot) const;
  void restate(llvm::StringRef attribute, Integers numbers);
};

struct ValueInfo {
  mlir::Value value;
  mlir::RankedTensorType restated; ///< type, if not that of `value`
  NodeId producer = none;
  llvm::SmallVector<NodeId, 2> users; ///< one entry for each operand use
  bool constant = false;              ///< known at load time
  bool escapes = false; ///< leaves the function or enters a region
};

/// Nodes of one function with use lists that rewrites keep up to date.
class Graph {
public:
  std::vector<Node> nodes;
  std::vector<ValueInfo> values;
  OpNames names;
  int64_t opset = 0; ///< of the ONNX domain; 0: unknown

  mlir::RankedTensorType type(ValueId value) const;
  bool isConstant(ValueId value) const;
  /// Elements of a small integer or float constant; nullopt: unknown.
  std::optional<llvm::SmallVector<double, 4>> constantOf(ValueId value) const;
  /// A constant of one element.
  bool isScalar(ValueId value) const;
  /// The first operand that is computed at run time; the first one if none is.
  ValueId dataOperand(NodeId node) const;
  /// The node that alone reads `value`, if nobody else does.
  NodeId onlyUser(ValueId value) const;

  ValueId addValue(mlir::Value value, NodeId producer,
                   mlir::RankedTensorType restated = {});
  NodeId addNode(Node &&node);
  void setOperands(NodeId node, llvm::ArrayRef<ValueId> operands);
  void replaceUses(ValueId from, ValueId to);
  /// Moves the operations of `node` to `into` and removes it.
  void absorb(NodeId into, NodeId node);
  void remove(NodeId node);
  /// The only user `consumer` becomes part of `producer` in the named slot;
  /// its other operands become operands, unless they are folded.
  void mergeIntoProducer(NodeId producer, NodeId consumer, llvm::StringRef slot,
                         bool folded = false);
  /// `producer` becomes part of its only user in the named slot.
  void mergeIntoConsumer(NodeId producer, NodeId consumer, llvm::StringRef slot,
                         bool folded = false);
  /// Identities of living nodes that run, in the order in which they run.
  std::vector<NodeId> schedule() const;
};

/// Integers of an attribute, or of the constant operand at `operand`.
std::optional<llvm::SmallVector<int64_t, 4>>
integersOf(const Graph &graph, const Node &node, llvm::StringRef attribute,
           int operand = -1);

/// Nodes of a function's body: eliminated operations stand aside, identical
/// pure operations are one, work on constants is marked as load-time work.
Graph buildGraph(mlir::func::FuncOp function, const RuntimeRules &rules);

void applyPatterns(Graph &graph, llvm::ArrayRef<PatternRule> patterns,
                   const RuntimeRules &rules);
void mergeSplits(Graph &graph, const SplitRule &rule);
void pushTransposes(Graph &graph, const TransposeRule &rule);
void applyChains(Graph &graph, llvm::ArrayRef<ChainRule> chains);
void expandOperations(Graph &graph, llvm::ArrayRef<ExpandRule> rules);
void assignBlocks(Graph &graph, const BlockRule &rule, int64_t blockSize);

} // namespace gnomon::kernels

#endif // GNOMON_LIB_ANALYSIS_KERNELGRAPH_H
