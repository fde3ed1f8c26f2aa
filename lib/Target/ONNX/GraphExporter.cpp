// SPDX-License-Identifier: Apache-2.0
// Turns a function of onnx operations into an ONNX graph.

#include "GraphExporter.h"

#include "Attributes.h"
#include "Metadata.h"
#include "Types.h"
#include "onnx/defs/schema.h"

using namespace mlir;

namespace gnomon {

std::string GraphExporter::unique(StringRef wanted, StringRef otherwise,
                                  llvm::StringSet<> &taken) {
  std::string name = wanted.str();
  while (name.empty() || !taken.insert(name).second)
    name = (wanted.empty() ? otherwise : wanted).str() + "_" +
           std::to_string(counter++);
  return name;
}

void GraphExporter::nameValue(Value value, StringRef wanted) {
  names[value] = unique(wanted);
}

static StringRef nameInside(DictionaryAttr attributes) {
  auto name =
      attributes ? attributes.getAs<StringAttr>("onnx.name") : StringAttr();
  return name ? name.getValue() : StringRef();
}

/// Symbolic dimensions, `index:name,...`, back into the type.
static void applyDimParams(DictionaryAttr attributes, onnx::TypeProto &type) {
  auto params = attributes ? attributes.getAs<StringAttr>("onnx.dim_params")
                           : StringAttr();
  if (!params || !type.has_tensor_type())
    return;
  SmallVector<StringRef> entries;
  params.getValue().split(entries, ',');
  auto &shape = *type.mutable_tensor_type()->mutable_shape();
  for (StringRef entry : entries) {
    auto [index, name] = entry.split(':');
    int number;
    if (!index.getAsInteger(10, number) && number >= 0 &&
        number < shape.dim_size() && !shape.dim(number).has_dim_value())
      shape.mutable_dim(number)->set_dim_param(name.str());
  }
}

/// func.return or onnx.Return with one operand for each result.
static LogicalResult checkReturn(func::FuncOp function) {
  Operation &last = function.front().back();
  StringRef name = last.getName().getStringRef();
  if (name != "func.return" && name != "onnx.Return")
    return last.emitError("func.return or onnx.Return was expected at the end "
                          "of the function, found '")
           << name << "'";
  if (last.getNumOperands() != function.getNumResults())
    return last.emitError("returns ")
           << last.getNumOperands() << " values, the function has "
           << function.getNumResults() << " results";
  return success();
}

/// Results of the function name the values that no import has named.
void GraphExporter::nameOutputs(func::FuncOp function) {
  for (auto [index, value] :
       llvm::enumerate(function.front().back().getOperands())) {
    Operation *op = value.getDefiningOp();
    StringRef wanted = nameInside(function.getResultAttrDict(index));
    if (op && !op->hasAttr("onnx.result_names") && !wanted.empty() &&
        taken.insert(wanted).second)
      names.try_emplace(value, wanted);
  }
}

LogicalResult GraphExporter::exportFunction(func::FuncOp function,
                                            onnx::GraphProto &graph) {
  if (!function.getBody().hasOneBlock() || function.front().empty())
    return function.emitError("a body of one block was expected");
  if (failed(checkReturn(function)))
    return failure();
  for (BlockArgument argument : function.getArguments()) {
    DictionaryAttr attributes =
        function.getArgAttrDict(argument.getArgNumber());
    nameValue(argument, nameInside(attributes));
    onnx::ValueInfoProto *input = graph.add_input();
    input->set_name(names[argument]);
    typeToProto(argument.getType(), *input->mutable_type());
    applyDimParams(attributes, *input->mutable_type());
  }
  nameOutputs(function);
  if (failed(exportBlock(function.front(), graph)))
    return failure();
  return exportOutputs(&function.front().back(), function.getAllResultAttrs(),
                       graph);
}

LogicalResult GraphExporter::exportBlock(Block &block,
                                         onnx::GraphProto &graph) {
  // An unregistered terminator is not known to be one: take all but the last.
  for (Operation &op : llvm::drop_end(block))
    if (failed(exportOperation(op, graph)))
      return failure();
  return success();
}

/// Outputs keep the names of their values; one that is an input or is returned
/// twice passes through an Identity, as does one the function calls otherwise.
LogicalResult GraphExporter::exportOutputs(Operation *terminator,
                                           ArrayAttr attributes,
                                           onnx::GraphProto &graph) {
  llvm::StringSet<> seen;
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    DictionaryAttr described = attributes
                                   ? dyn_cast<DictionaryAttr>(attributes[index])
                                   : DictionaryAttr();
    std::string name = names.lookup(value);
    StringRef wanted = nameInside(described);
    bool isRenamed = !wanted.empty() && wanted != name;
    if (isRenamed || isa<BlockArgument>(value) ||
        value.getParentBlock() != terminator->getBlock() ||
        !seen.insert(name).second) {
      onnx::NodeProto *identity = graph.add_node();
      identity->set_op_type("Identity");
      identity->add_input(name);
      name = isRenamed ? unique(wanted) : unique(name);
      identity->add_output(name);
    }
    onnx::ValueInfoProto *output = graph.add_output();
    output->set_name(name);
    typeToProto(value.getType(), *output->mutable_type());
    applyDimParams(described, *output->mutable_type());
  }
  return success();
}

LogicalResult GraphExporter::exportInitializer(Operation &op, Attribute value,
                                               onnx::GraphProto &graph) {
  onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(names[op.getResult(0)]);
  if (llvm::Error error = attributeToTensor(value, read, *tensor))
    return op.emitError() << llvm::toString(std::move(error));
  return success();
}

/// Attributes that say how the IR came to be rather than what a node does.
static bool isBookkeeping(StringRef name) {
  return name.starts_with("onnx.") || name == "onnx_node_name" ||
         name.starts_with("gnomon.") || name == "domain_name" ||
         name == "function_name";
}

/// The kind of an attribute by the operator's schema: for lists without items.
static onnx::AttributeProto::AttributeType kindOf(const onnx::NodeProto &node,
                                                  StringRef name) {
  const onnx::OpSchema *schema =
      onnx::OpSchemaRegistry::Schema(node.op_type(), node.domain());
  if (schema)
    if (auto it = schema->attributes().find(name.str());
        it != schema->attributes().end())
      return it->second.type;
  return onnx::AttributeProto::INTS;
}

LogicalResult GraphExporter::exportAttributes(Operation &op,
                                              onnx::NodeProto &node) {
  for (NamedAttribute attribute : op.getAttrs()) {
    StringRef name = attribute.getName();
    if (isBookkeeping(name))
      continue;
    onnx::AttributeProto *proto = node.add_attribute();
    proto->set_name(name.str());
    if (llvm::Error error = exportAttribute(attribute.getValue(),
                                            kindOf(node, name), read, *proto))
      return op.emitError() << "attribute '" << name
                            << "': " << llvm::toString(std::move(error));
  }
  return success();
}

static bool endsInYield(Block &block) {
  return !block.empty() &&
         block.back().getName().getStringRef() == "onnx.Yield";
}

LogicalResult GraphExporter::exportRegions(Operation &op,
                                           onnx::NodeProto &node) {
  if (op.getNumRegions() == 0)
    return success();
  auto regionNames = op.getAttrOfType<ArrayAttr>("onnx.region_names");
  SmallVector<StringRef> wanted;
  if (regionNames && llvm::all_of(regionNames, llvm::IsaPred<StringAttr>))
    for (auto name : regionNames.getAsRange<StringAttr>())
      wanted.push_back(name.getValue());
  else
    wanted = op.getNumRegions() == 2
                 ? SmallVector<StringRef>{"then_branch", "else_branch"}
                 : SmallVector<StringRef>{"body"};
  if (wanted.size() != op.getNumRegions())
    return op.emitError("onnx.region_names names ")
           << wanted.size() << " regions, there are " << op.getNumRegions();
  for (auto [name, region] : llvm::zip(wanted, op.getRegions())) {
    if (!region.hasOneBlock() || !endsInYield(region.front()))
      return op.emitError(
          "a region of one block that ends in onnx.Yield was expected");
    bool isList = name.consume_back("[]");
    onnx::AttributeProto *proto = nullptr;
    if (isList)
      for (onnx::AttributeProto &other : *node.mutable_attribute())
        if (StringRef(other.name()) == name)
          proto = &other;
    if (!proto)
      proto = node.add_attribute();
    proto->set_name(name.str());
    proto->set_type(isList ? onnx::AttributeProto::GRAPHS
                           : onnx::AttributeProto::GRAPH);
    onnx::GraphProto *graph = isList ? proto->add_graphs() : proto->mutable_g();
    graph->set_name(unique(name));
    for (BlockArgument argument : region.getArguments()) {
      nameValue(argument, name.str() + "_in");
      onnx::ValueInfoProto *input = graph->add_input();
      input->set_name(names[argument]);
      typeToProto(argument.getType(), *input->mutable_type());
    }
    if (failed(exportBlock(region.front(), *graph)) ||
        failed(exportOutputs(&region.front().back(), {}, *graph)))
      return failure();
  }
  return success();
}

/// The name in a location; of several places the first that has one.
static StringRef nameOf(Location location) {
  if (auto name = dyn_cast<NameLoc>(location))
    return name.getName();
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return nameOf(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (StringRef name = nameOf(part); !name.empty())
        return name;
  return {};
}

/// The names that were imported, else ones after the location.
void GraphExporter::nameResults(Operation &op) {
  auto resultNames = op.getAttrOfType<ArrayAttr>("onnx.result_names");
  bool isConstant = op.getName().getStringRef() == "onnx.Constant";
  for (OpResult result : op.getResults()) {
    unsigned index = result.getResultNumber();
    std::string wanted;
    if (resultNames && index < resultNames.size()) {
      if (auto name = dyn_cast<StringAttr>(resultNames[index]))
        wanted = name.str();
    } else if (StringRef name = nameOf(op.getLoc()); !name.empty()) {
      wanted = name.str() + (isConstant ? "" : "_output");
    }
    if (isa<NoneType>(result.getType()))
      names[result] = "";
    else if (!names.contains(result))
      nameValue(result, wanted);
  }
}

/// A node that was imported without a name stays without one.
void GraphExporter::nameNode(Operation &op, onnx::NodeProto &node) {
  StringRef wanted;
  if (auto name = op.getAttrOfType<StringAttr>("onnx_node_name"))
    wanted = name;
  else if (!op.hasAttr("onnx.result_names"))
    wanted = nameOf(op.getLoc());
  if (!wanted.empty())
    node.set_name(unique(wanted, "node", takenNodes));
}

LogicalResult GraphExporter::exportUnsourced(Operation &op,
                                             onnx::GraphProto &graph) {
  auto type = dyn_cast<RankedTensorType>(op.getResult(0).getType());
  if (!type)
    return op.emitError("a weight without a source needs a ranked tensor as "
                        "type, found ")
           << op.getResult(0).getType();
  std::optional<InitKind> init = defaultInitKind(type);
  if (Attribute attribute = op.getAttr("gnomon.init")) {
    auto text = dyn_cast<StringAttr>(attribute);
    init = text ? parseInitKind(text) : std::nullopt;
    if (!init)
      return op.emitError("gnomon.init: one of zeros, ones, kaiming_uniform "
                          "and small was expected, found ")
             << attribute;
  }
  UnsourcedWeight weight{names[op.getResult(0)], type, *init};
  onnx::TensorProto *tensor = graph.add_initializer();
  tensor->set_name(weight.name);
  if (llvm::Error error = make(weight, *tensor))
    return op.emitError() << "weight '" << weight.name << "' has no source: "
                          << llvm::toString(std::move(error));
  return success();
}

/// Whether a constant says its elements, or where they lie.
static bool hasSource(Operation &op) {
  return llvm::any_of(op.getAttrs(), [](NamedAttribute attribute) {
    StringRef name = attribute.getName();
    return name.starts_with("value") || name == "weight" ||
           name == "sparse_value";
  });
}

LogicalResult GraphExporter::exportConstant(Operation &op,
                                            onnx::GraphProto &graph,
                                            bool &isDone) {
  isDone = true;
  if (!hasSource(op)) // one that nobody reads belongs to an option not taken
    return op.use_empty() ? success() : exportUnsourced(op, graph);
  if (!op.hasAttr("onnx_node_name"))
    for (StringRef name : {"value", "weight"})
      if (Attribute value = op.getAttr(name))
        return exportInitializer(op, value, graph);
  isDone = false;
  return success();
}

LogicalResult GraphExporter::exportOperation(Operation &op,
                                             onnx::GraphProto &graph) {
  StringRef type = op.getName().getStringRef();
  if (!type.consume_front("onnx."))
    return op.emitError("an operation of the onnx dialect was expected");
  if (type == "NoValue") {
    names[op.getResult(0)] = "";
    return success();
  }
  nameResults(op);
  if (type == "Constant" && op.getNumResults() == 1) {
    bool isDone = false;
    if (failed(exportConstant(op, graph, isDone)))
      return failure();
    if (isDone)
      return success();
  }
  onnx::NodeProto *node = graph.add_node();
  auto text = [&](StringRef name) {
    auto attribute = op.getAttrOfType<StringAttr>(name);
    return attribute ? attribute.getValue().str() : std::string();
  };
  nameNode(op, *node);
  node->set_op_type(type == "Custom" ? text("function_name") : type.str());
  node->set_domain(type == "Custom" ? text("domain_name")
                                    : text("onnx.domain"));
  if (std::string overload = text("onnx.overload"); !overload.empty())
    node->set_overload(overload);
  for (Value operand : op.getOperands())
    node->add_input(names.lookup(operand));
  for (Value result : op.getResults())
    node->add_output(names.lookup(result));
  addNodeMetadata(op, *node);
  if (failed(exportAttributes(op, *node)))
    return failure();
  for (onnx::AttributeProto &attribute : *node->mutable_attribute())
    if (type == "Constant" && attribute.name() == "weight")
      attribute.set_name("value");
  return exportRegions(op, *node);
}

} // namespace gnomon
