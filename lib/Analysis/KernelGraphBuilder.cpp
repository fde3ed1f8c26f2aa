// SPDX-License-Identifier: Apache-2.0
// Builds the kernel graph of a function in one pass over its operations.

#include "KernelGraph.h"

#include "gnomon/Features/Extract.h"
#include "mlir/IR/Block.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace gnomon;
using namespace gnomon::kernels;

namespace {

/// Names onnx-mlir has for operators whose optional results are not used.
llvm::StringRef withoutVariant(llvm::StringRef name) {
  return llvm::StringSwitch<llvm::StringRef>(name)
      .Case("MaxPoolSingleOut", "MaxPool")
      .Case("BatchNormalizationInferenceMode", "BatchNormalization")
      .Default(name);
}

/// `onnx.ClipV6` and `onnx.Clip` are one operator.
llvm::StringRef ruleName(llvm::StringRef name) {
  if (!name.consume_front("onnx."))
    return name;
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

/// What all operations of one name have in common.
struct OpClass {
  OpName name;
  const EliminateRule *eliminate = nullptr;
  bool absent = false;  ///< its result stands for an operand that is not there
  bool ends = false;    ///< hands values out of its block
  bool nothing = false; ///< no computation
  bool constant = false;
  bool impure = false;
  bool custom = false; ///< named by an attribute
};

/// Numbers values in one pass over the operations.
class GraphBuilder {
public:
  GraphBuilder(const RuntimeRules &rules) : rules(rules) {
    for (const EliminateRule &rule : rules.eliminate)
      eliminated[rule.op] = &rule;
  }

  Graph build(mlir::func::FuncOp function) {
    graph.opset = operatorSet(function);
    mlir::MLIRContext *context = function.getContext();
    nodeName = mlir::StringAttr::get(context, "onnx_node_name");
    resultNames = mlir::StringAttr::get(context, "onnx.result_names");
    reserve(function);
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

  /// Room for the operations of the body; those of inner bodies are few.
  void reserve(mlir::func::FuncOp function) {
    size_t operations = 0;
    for (mlir::Block &block : function.getBody())
      operations += block.getOperations().size();
    graph.nodes.reserve(operations);
    graph.values.reserve(operations + operations / 2);
    ids.reserve(operations + operations / 2);
    firstReader.reserve(operations);
  }

  OpClass makeClass(llvm::StringRef name, mlir::OperationName operation) {
    OpClass made;
    made.name = graph.names.get(name);
    if (auto rule = eliminated.find(name); rule != eliminated.end())
      made.eliminate = rule->second;
    made.absent = name == "NoValue";
    made.nothing = made.absent || name == "EntryPoint";
    made.ends = operation.hasTrait<mlir::OpTrait::IsTerminator>() ||
                name == "Return" || name == "Yield";
    made.constant = name == "Constant";
    made.impure = rules.impure.contains(name);
    return made;
  }

  /// An `onnx.Custom` goes by its function's name.
  const OpClass &classOf(mlir::Operation *op) {
    mlir::OperationName operation = op->getName();
    const void *key = operation.getAsOpaquePointer();
    auto [entry, inserted] = classes.try_emplace(key);
    if (inserted) {
      entry->second = makeClass(ruleName(operation.getStringRef()), operation);
      entry->second.custom = operation.getStringRef() == "onnx.Custom";
    }
    auto function = entry->second.custom
                        ? op->getAttrOfType<mlir::StringAttr>("function_name")
                        : mlir::StringAttr();
    if (!function)
      return entry->second;
    auto own = classes.try_emplace(function.getAsOpaquePointer());
    if (own.second)
      own.first->second = makeClass(function.getValue(), operation);
    return own.first->second;
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
    const OpClass known = classOf(op);
    Node node;
    node.op = known.name;
    node.anchor = op;
    node.ops.push_back(op);
    node.order = order++;
    node.runs = runs;
    node.runsKnown = runsKnown;
    for (mlir::Value operand : op->getOperands()) {
      mlir::Operation *source = operand.getDefiningOp();
      bool absent = source && classOf(source).absent;
      node.in.push_back(absent ? none : idOf(operand));
    }
    if (known.ends) {
      for (ValueId operand : node.in)
        if (operand != none)
          graph.values[operand].escapes = true;
      return;
    }
    if (known.nothing || stepsAside(op, node, known) ||
        isRepeated(op, node, known))
      return;
    node.loadTime = isLoadTime(op, node, known);
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

  bool stepsAside(mlir::Operation *op, const Node &node, const OpClass &known) {
    if (!known.eliminate || node.in.empty() || op->getNumResults() == 0)
      return false;
    int operand = standIn(op, node, *known.eliminate);
    if (operand == none || node.in[operand] == none)
      return false;
    for (mlir::Value other : llvm::drop_begin(op->getResults()))
      if (!other.use_empty())
        return false;
    ids[op->getResult(0)] = node.in[operand];
    return true;
  }

  /// Load-time operations take part: constants of equal contents are one.
  bool isRepeated(mlir::Operation *op, const Node &node, const OpClass &known) {
    bool opaque = known.constant && isOpaque(op);
    if (opaque || op->getNumRegions() || known.impure)
      return false;
    size_t hash = llvm::hash_combine(
        op->getName().getAsOpaquePointer(),
        llvm::hash_combine_range(node.in.begin(), node.in.end()));
    auto [first, inserted] = firstReader.try_emplace(hash >> 2, op);
    if (inserted)
      return false;
    if (isSame(op, first->second)) {
      share(op, first->second);
      return true;
    }
    for (mlir::NamedAttribute attribute : attributesOf(op))
      if (!isNameOfNode(attribute))
        hash = llvm::hash_combine(hash, attribute.getValue());
    llvm::SmallVector<mlir::Operation *, 1> &others = seen[hash >> 2];
    for (mlir::Operation *other : others) {
      if (!isSame(op, other))
        continue;
      share(op, other);
      return true;
    }
    others.push_back(op);
    return false;
  }

  void share(mlir::Operation *op, mlir::Operation *other) {
    for (auto [mine, theirs] : llvm::zip(op->getResults(), other->getResults()))
      ids[mine] = ids[theirs];
    shareKernel(op, other);
  }

  bool isNameOfNode(mlir::NamedAttribute attribute) const {
    return attribute.getName() == nodeName ||
           attribute.getName() == resultNames;
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
    auto sameAttributes = [&](mlir::Operation *a, mlir::Operation *b) {
      return llvm::all_of(attributesOf(a), [&](mlir::NamedAttribute attribute) {
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

  bool isLoadTime(mlir::Operation *op, const Node &node, const OpClass &known) {
    if (known.constant || node.op == "ConstantOfShape")
      return llvm::all_of(node.in, [&](ValueId id) {
        return id == none || graph.isConstant(id);
      });
    if (op->getNumRegions() || known.impure || node.in.empty())
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
    bool repeats = classOf(op).name != "If";
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
  /// By OperationName, and by function_name of custom operations.
  llvm::DenseMap<const void *, OpClass> classes;
  mlir::StringAttr nodeName, resultNames;
  /// The first operation by the hash of its name and operands, and the others
  /// by that of their attributes, too.
  llvm::DenseMap<size_t, mlir::Operation *> firstReader;
  llvm::DenseMap<size_t, llvm::SmallVector<mlir::Operation *, 1>> seen;
};

} // namespace

Graph kernels::buildGraph(mlir::func::FuncOp function,
                          const RuntimeRules &rules) {
  return GraphBuilder(rules).build(function);
}
