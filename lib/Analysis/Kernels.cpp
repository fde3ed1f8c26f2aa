// SPDX-License-Identifier: Apache-2.0
// Runs the stages of kernel formation and hands out the kernels.

#include "gnomon/Analysis/Kernels.h"

#include "KernelGraph.h"

#include "mlir/IR/Location.h"

using namespace gnomon;
using namespace gnomon::kernels;

llvm::StringRef gnomon::tensorName(mlir::Value value) {
  if (auto result = llvm::dyn_cast<mlir::OpResult>(value)) {
    auto names =
        result.getOwner()->getAttrOfType<mlir::ArrayAttr>("onnx.result_names");
    if (!names || result.getResultNumber() >= names.size())
      return {};
    auto name =
        llvm::dyn_cast<mlir::StringAttr>(names[result.getResultNumber()]);
    return name ? name.getValue() : llvm::StringRef();
  }
  auto argument = llvm::cast<mlir::BlockArgument>(value);
  auto function = llvm::dyn_cast_or_null<mlir::func::FuncOp>(
      argument.getOwner()->getParentOp());
  if (!function)
    return {};
  auto name = function.getArgAttrOfType<mlir::StringAttr>(
      argument.getArgNumber(), "onnx.name");
  return name ? name.getValue() : llvm::StringRef();
}

/// The attribute or the location's name that names the operation; null: none.
static mlir::StringAttr nodeName(mlir::Operation *op,
                                 mlir::StringAttr attribute) {
  if (auto name = op->getAttrOfType<mlir::StringAttr>(attribute))
    return name;
  auto location = llvm::dyn_cast<mlir::NameLoc>(op->getLoc());
  return location ? location.getName() : mlir::StringAttr();
}

/// What has no operation is named after the tensor it makes, or its maker.
static void nameKernel(Kernel &kernel, const Node &node, const Graph &graph,
                       mlir::StringAttr attribute) {
  auto take = [&](mlir::Operation *op) {
    mlir::StringAttr name = nodeName(op, attribute);
    if (!name || name.empty())
      return false;
    kernel.nameAttr = name;
    kernel.name = name.getValue();
    return true;
  };
  if (node.anchor && take(node.anchor))
    return;
  mlir::Value value =
      node.out.empty() ? mlir::Value() : graph.values[node.out[0]].value;
  if (!value)
    return;
  kernel.name = tensorName(value);
  if (kernel.name.empty() && value.getDefiningOp())
    take(value.getDefiningOp());
}

/// Types of what it computes with, and the attributes that differ.
static std::shared_ptr<const RestatedOperation>
restatedOperation(const Graph &graph, const Node &node) {
  auto made = std::make_shared<RestatedOperation>();
  RestatedOperation &restated = *made;
  restated.op = llvm::StringRef(node.op).str();
  for (ValueId operand : node.in)
    if (operand != none && !graph.isConstant(operand))
      if (mlir::RankedTensorType type = graph.type(operand))
        restated.operands.push_back(type);
  for (ValueId result : node.out)
    if (mlir::RankedTensorType type = graph.type(result))
      restated.results.push_back(type);
  for (const auto &[name, numbers] : node.restated)
    restated.attributes.emplace_back(name.str(), numbers);
  return made;
}

static void fillKernel(Kernel &kernel, const Graph &graph, const Node &node,
                       const RuntimeRules &rules, mlir::StringAttr nameOfNode) {
  kernel.op = llvm::StringRef(node.op).str();
  nameKernel(kernel, node, graph, nameOfNode);
  kernel.blocked = node.blocked;
  kernel.view = rules.views.contains(node.op);
  kernel.ops.assign(node.ops.begin(), node.ops.end());
  if (kernel.ops.size() > 1)
    llvm::sort(kernel.ops, [](mlir::Operation *a, mlir::Operation *b) {
      return a->getBlock() == b->getBlock() && a->isBeforeInBlock(b);
    });
  kernel.anchor = node.inserted ? nullptr : node.anchor;
  kernel.layout = rules.blocks && (node.op == rules.blocks->toBlocked ||
                                   node.op == rules.blocks->toPlain);
  if (kernel.layout || (!node.restated.empty() && !kernel.view))
    kernel.restated = restatedOperation(graph, node);
  kernel.fused.assign(node.fused.begin(), node.fused.end());
  for (ValueId operand : node.in)
    if (operand != none)
      kernel.inputs.push_back(graph.values[operand].value);
  for (ValueId result : node.out)
    kernel.outputs.push_back(graph.values[result].value);
  kernel.runs = node.runs;
  kernel.runsKnown = node.runsKnown;
}

static void applyStage(Graph &graph, const RuntimeRules::Stage &stage,
                       const RuntimeRules &rules) {
  expandOperations(graph, stage.expand);
  applyPatterns(graph, stage.patterns, rules);
  applyChains(graph, stage.chains);
  if (stage.splits)
    mergeSplits(graph, *stage.splits);
  if (stage.transposes)
    pushTransposes(graph, *stage.transposes);
}

std::vector<Kernel> gnomon::formKernels(mlir::func::FuncOp function,
                                        const RuntimeRules &rules,
                                        const KernelOptions &options) {
  Graph graph = buildGraph(function, rules);
  for (const RuntimeRules::Stage &stage : rules.stages)
    applyStage(graph, stage, rules);
  expandOperations(graph, rules.expand);
  if (rules.blocks)
    if (auto size = rules.blocks->sizes.find(std::to_string(options.simdBits));
        size != rules.blocks->sizes.end())
      assignBlocks(graph, *rules.blocks, size->second);
  applyStage(graph, rules.afterBlocks, rules);
  std::vector<Kernel> kernels;
  std::vector<NodeId> order = graph.schedule();
  kernels.reserve(order.size());
  auto nameOfNode =
      mlir::StringAttr::get(function.getContext(), "onnx_node_name");
  for (NodeId id : order)
    fillKernel(kernels.emplace_back(), graph, graph.nodes[id], rules,
               nameOfNode);
  return kernels;
}
