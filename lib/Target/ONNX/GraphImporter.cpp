// SPDX-License-Identifier: Apache-2.0
// Values, constants and regions of an ONNX graph.

#include "GraphImporter.h"

#include "Attributes.h"
#include "Types.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace gnomon {

SmallVector<const onnx::ValueInfoProto *>
GraphImporter::argumentsOf(const onnx::GraphProto &graph) {
  llvm::StringSet<> constants;
  for (const auto &tensor : graph.initializer())
    constants.insert(tensor.name());
  for (const auto &sparse : graph.sparse_initializer())
    constants.insert(sparse.values().name());
  SmallVector<const onnx::ValueInfoProto *> arguments;
  for (const auto &input : graph.input())
    if (!constants.contains(input.name()))
      arguments.push_back(&input);
  return arguments;
}

void GraphImporter::collectTypes(const onnx::GraphProto &graph) {
  auto add = [&](const auto &values) {
    for (const onnx::ValueInfoProto &info : values)
      scope->types[info.name()] =
          valueTypeOf(info.type(), builder.getContext());
  };
  add(graph.input());
  add(graph.output());
  add(graph.value_info());
}

Type GraphImporter::typeOf(StringRef name) {
  auto it = scope->types.find(name);
  return it == scope->types.end()
             ? Type(ONNXUnknownType::get(builder.getContext()))
             : it->second;
}

Value GraphImporter::lookup(StringRef name) {
  for (Scope *at = scope; at; at = at->outer)
    if (auto it = at->values.find(name); it != at->values.end())
      return it->second;
  return {};
}

LogicalResult GraphImporter::define(StringRef name, Value value, Location loc) {
  auto [it, isNew] = scope->values.try_emplace(name, value);
  if (isNew)
    return success();
  InFlightDiagnostic error = emitError(loc) << "the value '" << name
                                            << "' is defined a second time";
  error.attachNote(it->second.getLoc()) << "first here";
  return error;
}

Location GraphImporter::locationOf(const onnx::NodeProto &node) {
  StringRef name = node.name();
  for (const std::string &output : node.output())
    if (name.empty())
      name = output;
  return name.empty()
             ? fileLoc
             : Location(NameLoc::get(builder.getStringAttr(name), fileLoc));
}

Value GraphImporter::absent(Location loc) {
  OperationState state(loc, "onnx.NoValue");
  state.addAttribute("value", builder.getUnitAttr());
  state.addTypes(builder.getNoneType());
  return builder.create(state)->getResult(0);
}

Operation *GraphImporter::constant(Location loc, StringRef name,
                                   StringRef attributeName, Attribute attribute,
                                   Type type) {
  OperationState state(loc, "onnx.Constant");
  state.addAttribute("onnx.result_names", builder.getStrArrayAttr({name}));
  state.addAttribute(attributeName, attribute);
  state.addTypes(type);
  return builder.create(state);
}

LogicalResult GraphImporter::importInitializers(const onnx::GraphProto &graph) {
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    Location loc = NameLoc::get(builder.getStringAttr(tensor.name()), fileLoc);
    llvm::Expected<Attribute> attribute =
        tensorToAttribute(tensor, builder.getContext());
    if (!attribute)
      return emitError(loc) << llvm::toString(attribute.takeError());
    std::optional<WeightReference> reference = toReference(*attribute);
    Type type = reference ? Type(reference->type)
                          : cast<TypedAttr>(*attribute).getType();
    Operation *op = constant(loc, tensor.name(), reference ? "weight" : "value",
                             *attribute, type);
    if (failed(define(tensor.name(), op->getResult(0), loc)))
      return failure();
  }
  return importSparseInitializers(graph);
}

LogicalResult
GraphImporter::importSparseInitializers(const onnx::GraphProto &graph) {
  for (const onnx::SparseTensorProto &sparse : graph.sparse_initializer()) {
    StringRef name = sparse.values().name();
    Location loc = NameLoc::get(builder.getStringAttr(name), fileLoc);
    llvm::Expected<Attribute> attribute =
        importSparse(sparse, builder.getContext());
    if (!attribute)
      return emitError(loc) << llvm::toString(attribute.takeError());
    SmallVector<int64_t> dims(sparse.dims().begin(), sparse.dims().end());
    Type element =
        elementTypeOf(sparse.values().data_type(), builder.getContext());
    if (llvm::any_of(dims, [](int64_t size) { return size < 0; }))
      return emitError(loc) << "a size of the sparse tensor is below zero";
    Operation *op = constant(loc, name, "sparse_value", *attribute,
                             RankedTensorType::get(dims, element));
    if (failed(define(name, op->getResult(0), loc)))
      return failure();
  }
  return success();
}

LogicalResult GraphImporter::importContents(const onnx::GraphProto &graph) {
  if (failed(importInitializers(graph)))
    return failure();
  for (const onnx::NodeProto &node : graph.node())
    if (failed(importNode(node)))
      return failure();
  return success();
}

FailureOr<SmallVector<Value>>
GraphImporter::outputsOf(const onnx::GraphProto &graph, Location loc) {
  SmallVector<Value> values;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Value value = output.name().empty() ? absent(loc) : lookup(output.name());
    if (!value) {
      emitError(loc) << "the output '" << output.name() << "' of graph '"
                     << graph.name() << "' is computed by no node";
      return failure();
    }
    values.push_back(value);
  }
  return values;
}

LogicalResult GraphImporter::importBody(const onnx::GraphProto &graph,
                                        func::FuncOp function) {
  Scope own;
  own.graph = &graph;
  scope = &own;
  collectTypes(graph);
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  for (auto [input, argument] :
       llvm::zip(argumentsOf(graph), entry->getArguments()))
    if (failed(define(input->name(), argument, fileLoc)))
      return failure();
  if (failed(importContents(graph)))
    return failure();
  FailureOr<SmallVector<Value>> outputs = outputsOf(graph, fileLoc);
  if (failed(outputs))
    return failure();
  func::ReturnOp::create(builder, fileLoc, *outputs);
  return success();
}

LogicalResult GraphImporter::importRegion(const onnx::GraphProto &graph,
                                          Region &region, Location loc) {
  OpBuilder::InsertionGuard guard(builder);
  Scope own;
  own.outer = scope;
  own.graph = &graph;
  scope = &own;
  llvm::scope_exit leave([&] { scope = own.outer; });
  collectTypes(graph);
  Block *block = builder.createBlock(&region);
  for (const onnx::ValueInfoProto *input : argumentsOf(graph))
    if (failed(define(input->name(),
                      block->addArgument(typeOf(input->name()), loc), loc)))
      return failure();
  if (failed(importContents(graph)))
    return failure();
  FailureOr<SmallVector<Value>> outputs = outputsOf(graph, loc);
  if (failed(outputs))
    return failure();
  OperationState state(loc, "onnx.Yield");
  state.addOperands(*outputs);
  builder.create(state);
  return success();
}

} // namespace gnomon
