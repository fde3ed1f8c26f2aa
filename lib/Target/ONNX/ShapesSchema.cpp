// SPDX-License-Identifier: Apache-2.0
// ONNX's own inference functions, fed with what the walk knows.
#include "ShapesTypes.h"
#include "ShapesWalker.h"

#include "onnx/defs/function.h"
#include "onnx/defs/schema.h"
#include "onnx/shape_inference/implementation.h"
#include "llvm/ADT/STLExtras.h"
#include <map>

namespace gnomon::shapes {
namespace {

/// Elements as the dimensions of a shape; symbols keep their names.
void encodeShape(const Walker &walker, const KnownTensor &tensor,
                 onnx::TensorShapeProto &shape) {
  for (const Element &element : tensor.elements) {
    auto *dim = shape.add_dim();
    if (element.known)
      dim->set_dim_value(element.integer);
    else if (element.symbol > kNamelessDim)
      dim->set_dim_param(walker.nameOf(element.symbol));
  }
}

/// Runs a nested graph for the schema of Scan or SequenceMap.
class NestedInferencer final : public onnx::GraphInferencer {
public:
  NestedInferencer(NodeVisit &visit, onnx::GraphProto &graph)
      : visit(visit), graph(graph) {}

  std::vector<const onnx::TypeProto *>
  doInferencing(const std::vector<const onnx::TypeProto *> &inputTypes,
                const std::vector<const onnx::TensorProto *> &) override {
    std::vector<GraphResult> inputs(inputTypes.size());
    for (auto [input, type] : llvm::zip_equal(inputs, inputTypes))
      if (type)
        input.type = *type;
    results = visit.walker.walk(graph, &visit.scope, inputs, visit.depth + 1,
                                visit.final);
    std::vector<const onnx::TypeProto *> types;
    for (const GraphResult &result : results)
      types.push_back(&result.type);
    return types;
  }

private:
  NodeVisit &visit;
  onnx::GraphProto &graph;
  std::vector<GraphResult> results;
};

class SchemaContext final : public onnx::InferenceContext {
public:
  SchemaContext(const onnx::OpSchema &schema, NodeVisit &visit)
      : schema(schema), visit(visit) {}

  const onnx::AttributeProto *
  getAttribute(const std::string &name) const override {
    for (const onnx::AttributeProto &attribute : visit.node.attribute())
      if (attribute.name() == name)
        return &attribute;
    return nullptr;
  }
  size_t getNumInputs() const override { return visit.inputs.size(); }
  /// Null for optional inputs only: not every schema looks.
  const onnx::TypeProto *getInputType(size_t index) const override {
    if (index >= visit.inputs.size())
      fail_shape_inference("input ", index, " does not exist");
    if (visit.inputs[index])
      return visit.inputs[index]->type;
    bool absent = visit.node.input(index).empty() && !isRequired(index);
    return absent ? nullptr : &onnx::TypeProto::default_instance();
  }
  bool hasInput(size_t index) const override {
    return index < visit.inputs.size() && !visit.node.input(index).empty();
  }
  const onnx::TensorProto *getInputData(size_t index) const override;
  const onnx::SparseTensorProto *getInputSparseData(size_t) const override {
    return nullptr;
  }
  const onnx::TensorShapeProto *getSymbolicInput(size_t index) const override;
  size_t getNumOutputs() const override { return visit.outputs.size(); }
  onnx::TypeProto *getOutputType(size_t index) override {
    if (index >= visit.outputs.size())
      fail_shape_inference("output ", index, " does not exist");
    return visit.outputs[index] ? visit.outputs[index]->type
                                : &visit.scope.scratchType();
  }
  bool hasOutput(size_t index) override {
    return index < visit.outputs.size() && visit.outputs[index];
  }
  onnx::GraphInferencer *
  getGraphAttributeInferencer(const std::string &name) override;
  std::string getDisplayName() const override {
    return describeNode(visit.node);
  }

private:
  bool isRequired(size_t index) const {
    return index < schema.inputs().size() &&
           schema.inputs()[index].GetOption() == onnx::OpSchema::Single;
  }

  const onnx::OpSchema &schema;
  NodeVisit &visit;
  std::map<std::string, std::unique_ptr<NestedInferencer>> nested;
};

const onnx::TensorProto *SchemaContext::getInputData(size_t index) const {
  Value *value = index < visit.inputs.size() ? visit.inputs[index] : nullptr;
  if (!value)
    return nullptr;
  if (value->tensor)
    return value->tensor;
  if (!value->encoded && value->known && value->known->fullyKnown()) {
    value->encoded = std::make_shared<onnx::TensorProto>();
    encode(*value->known, *value->encoded);
  }
  return value->encoded.get();
}

const onnx::TensorShapeProto *
SchemaContext::getSymbolicInput(size_t index) const {
  Value *value = index < visit.inputs.size() ? visit.inputs[index] : nullptr;
  if (!value || !value->elements() || value->known->rank() != 1 ||
      !isIntegerType(value->known->type))
    return nullptr;
  if (!value->symbolic) {
    value->symbolic = std::make_shared<onnx::TensorShapeProto>();
    encodeShape(visit.walker, *value->known, *value->symbolic);
  }
  return value->symbolic.get();
}

onnx::GraphInferencer *
SchemaContext::getGraphAttributeInferencer(const std::string &name) {
  std::unique_ptr<NestedInferencer> &inferencer = nested[name];
  if (!inferencer) {
    onnx::GraphProto *graph = visit.graphAttribute(name);
    if (!graph)
      fail_shape_inference("attribute ", name, " is not a graph");
    inferencer = std::make_unique<NestedInferencer>(visit, *graph);
  }
  return inferencer.get();
}

/// Schemas rely on the number of operands; std::nullopt if it is right.
std::optional<std::string> missingOperand(const onnx::OpSchema &schema,
                                          const onnx::NodeProto &node) {
  if (node.input_size() < schema.min_input())
    return "it has " + std::to_string(node.input_size()) +
           " inputs, expected at least " + std::to_string(schema.min_input());
  if (node.output_size() < schema.min_output())
    return "it has " + std::to_string(node.output_size()) +
           " outputs, expected at least " + std::to_string(schema.min_output());
  return std::nullopt;
}

/// Infers through the function body of an operator that has no inference of its
/// own.
void inferFunctionBody(const OperatorInfo &info, NodeVisit &visit,
                       SchemaContext &context) {
  auto *registry = onnx::OpSchemaRegistry::Instance();
  if (info.schema->HasFunction()) {
    if (const onnx::FunctionProto *body =
            info.schema->GetFunction(int(info.opset)))
      onnx::shape_inference::InferShapeForFunctionNode(*body, registry,
                                                       context);
    return;
  }
  if (!info.schema->HasContextDependentFunction())
    return;
  std::vector<onnx::TypeProto> types(visit.inputs.size());
  for (auto [index, type] : llvm::enumerate(types))
    if (const onnx::TypeProto *known = visit.inputType(index))
      type = *known;
  onnx::FunctionProto body;
  onnx::FunctionBodyBuildContextImpl build(visit.node, types);
  if (info.schema->BuildContextDependentFunction(build, body, int(info.opset)))
    onnx::shape_inference::InferShapeForFunctionNode(body, registry, context);
}

/// The first line of a message, without the tag that ONNX puts before it.
std::string firstLine(llvm::StringRef message) {
  message = message.take_until([](char c) { return c == '\n'; });
  for (llvm::StringRef tag :
       {"[ShapeInferenceError] ", "[TypeInferenceError] "})
    message.consume_front(tag);
  return message.str();
}

} // namespace

std::string runSchema(const OperatorInfo &info, NodeVisit &visit) {
  if (auto missing = missingOperand(*info.schema, visit.node))
    return *missing;
  SchemaContext context(*info.schema, visit);
  try {
    if (info.inference)
      info.inference(context);
    else
      inferFunctionBody(info, visit, context);
  } catch (const std::exception &error) {
    return firstLine(error.what());
  }
  return "";
}

} // namespace gnomon::shapes
