// SPDX-License-Identifier: Apache-2.0
// One walk over a graph in its order: types from schemas, values from the
// evaluators.
#include "ShapesWalker.h"
#include "ShapesTypes.h"

#include "onnx/defs/schema.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

namespace gnomon::shapes {

/// Elements evaluated per model: what a hostile one can make us store.
static constexpr int64_t kMaxTotalElements = int64_t(1) << 23;
/// Unknown integers become placeholders up to this many.
static constexpr int64_t kMaxPlaceholder = 64;

const KnownTensor *Value::elements() {
  if (!known && tensor && !decoded) {
    decoded = true;
    if (std::optional<KnownTensor> values = decode(*tensor))
      known = std::make_shared<const KnownTensor>(std::move(*values));
  }
  return known.get();
}

Value *Scope::lookup(llvm::StringRef name) {
  for (Scope *scope = this; scope; scope = scope->outer) {
    auto found = scope->values.find(name);
    if (found != scope->values.end())
      return &found->second;
  }
  return nullptr;
}

onnx::TypeProto &Scope::scratchType() {
  types.push_back(std::make_unique<onnx::TypeProto>());
  return *types.back();
}

const onnx::TypeProto *NodeVisit::inputType(size_t index) const {
  if (index >= inputs.size() || !inputs[index] ||
      inputs[index]->type->value_case() == onnx::TypeProto::VALUE_NOT_SET)
    return nullptr;
  return inputs[index]->type;
}

onnx::GraphProto *NodeVisit::graphAttribute(llvm::StringRef name) const {
  for (onnx::AttributeProto &attribute : *node.mutable_attribute())
    if (attribute.name() == name && attribute.has_g())
      return attribute.mutable_g();
  return nullptr;
}

std::string describeNode(const onnx::NodeProto &node) {
  std::string kind = node.domain().empty()
                         ? node.op_type()
                         : node.domain() + "." + node.op_type();
  if (!node.name().empty())
    return "node '" + node.name() + "' (" + kind + ")";
  std::string output = node.output_size() ? node.output(0) : "";
  return "node of '" + output + "' (" + kind + ")";
}

/// What the model itself says about its values, taken out of it for the walk.
struct Walker::Declared {
  google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> values, inputs,
      outputs;
  llvm::StringMap<const onnx::TypeProto *> types;
  llvm::StringMap<int> outputIndex;

  Declared(Walker &walker, onnx::GraphProto &graph)
      : inputs(graph.input()), outputs(graph.output()) {
    values.Swap(graph.mutable_value_info());
    for (auto *list : {&values, &outputs})
      for (onnx::ValueInfoProto &info : *list) {
        walker.substitute(*info.mutable_type());
        types[info.name()] = &info.type();
      }
    for (auto [index, info] : llvm::enumerate(*graph.mutable_output())) {
      info.clear_type();
      outputIndex[info.name()] = index;
    }
  }

  void restore(onnx::GraphProto &graph) {
    values.Swap(graph.mutable_value_info());
    inputs.Swap(graph.mutable_input());
    outputs.Swap(graph.mutable_output());
  }

  const onnx::TypeProto *lookup(llvm::StringRef name) const {
    return types.lookup(name);
  }

  /// Where the type of `name` is stored.
  onnx::TypeProto *place(llvm::StringRef name, onnx::GraphProto &graph) const {
    auto output = outputIndex.find(name);
    if (output != outputIndex.end())
      return graph.mutable_output(output->second)->mutable_type();
    onnx::ValueInfoProto *info = graph.add_value_info();
    info->set_name(name.str());
    return info->mutable_type();
  }
};

Walker::Walker(const onnx::ModelProto &model,
               const llvm::StringMap<int64_t> &dims,
               std::vector<std::string> &notes)
    : dims(dims), notes(notes) {
  for (const onnx::OperatorSetIdProto &import : model.opset_import())
    opsets[import.domain() == "ai.onnx" ? "" : import.domain()] =
        import.version();
}

void Walker::note(std::string text) {
  if (mute == 0)
    notes.push_back(std::move(text));
}

void Walker::substitute(onnx::TypeProto &type) const {
  if (type.has_sequence_type())
    return substitute(*type.mutable_sequence_type()->mutable_elem_type());
  if (type.has_optional_type())
    return substitute(*type.mutable_optional_type()->mutable_elem_type());
  onnx::TensorShapeProto *shape = mutableShapeOf(type);
  if (!shape)
    return;
  for (auto &dim : *shape->mutable_dim()) {
    // Some exporters write -1 for a dimension they do not know.
    if (dim.has_dim_value() && dim.dim_value() < 0)
      dim.Clear();
    auto given = dim.has_dim_param() ? dims.find(dim.dim_param()) : dims.end();
    if (given != dims.end())
      dim.set_dim_value(given->second);
  }
}

uint32_t Walker::symbolOf(llvm::StringRef name) {
  if (name.empty())
    return kNamelessDim;
  auto [entry, added] = symbols.try_emplace(name, symbolNames.size());
  if (added)
    symbolNames.push_back(name.str());
  return entry->second;
}

void Walker::declareInitializers(onnx::GraphProto &graph, Scope &scope) {
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    Value &value = scope[tensor.name()];
    value.type = &scope.scratchType();
    setTensorType(*value.type, tensor.data_type(),
                  llvm::ArrayRef(tensor.dims().data(), tensor.dims_size()));
    if (holdsData(tensor))
      value.tensor = &tensor;
  }
  for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer()) {
    Value &value = scope[tensor.values().name()];
    value.type = &scope.scratchType();
    setTensorType(*value.type, tensor.values().data_type(),
                  llvm::ArrayRef(tensor.dims().data(), tensor.dims_size()));
  }
}

void Walker::noteInput(const onnx::ValueInfoProto &input) {
  if (isStatic(input.type()))
    return;
  const onnx::TensorShapeProto *shape = shapeOf(input.type());
  if (!shape)
    return note("input '" + input.name() +
                "' has no declared shape: give it one");
  for (auto [index, dim] : llvm::enumerate(shape->dim()))
    if (!dim.has_dim_value())
      note("input '" + input.name() + "': dimension " + std::to_string(index) +
           (dim.dim_param().empty()
                ? " has no value"
                : " ('" + dim.dim_param() + "') has no value"));
}

void Walker::declareInputs(onnx::GraphProto &graph, Scope &scope,
                           llvm::ArrayRef<GraphResult> inputs) {
  for (auto [index, info] : llvm::enumerate(*graph.mutable_input())) {
    Value *initializer = scope.lookup(info.name());
    substitute(*info.mutable_type());
    if (inputs.empty() && initializer && initializer->type->has_tensor_type() &&
        initializer->tensor)
      continue;
    Value &value = scope[info.name()];
    value = Value();
    value.type = info.mutable_type();
    if (index < inputs.size() &&
        inputs[index].type.value_case() != onnx::TypeProto::VALUE_NOT_SET) {
      onnx::TypeProto declared = info.type();
      *info.mutable_type() = inputs[index].type;
      value.known = inputs[index].known;
    } else if (inputs.empty()) {
      noteInput(info);
    }
  }
}

std::vector<GraphResult> Walker::walk(onnx::GraphProto &graph, Scope *outer,
                                      llvm::ArrayRef<GraphResult> inputs,
                                      int depth, bool final) {
  if (depth > kMaxDepth) {
    exceededDepth = true;
    return std::vector<GraphResult>(graph.output_size());
  }
  Muted muted(*this, !final);
  Declared declared(*this, graph);
  Scope scope(outer);
  declareInitializers(graph, scope);
  declareInputs(graph, scope, inputs);
  for (onnx::NodeProto &node : *graph.mutable_node()) {
    const OperatorInfo &info = lookup(node);
    visit({*this, node, scope, depth, final, info.opset}, graph, declared);
  }
  std::vector<GraphResult> results = collect(graph, scope, declared);
  if (!final)
    declared.restore(graph);
  return results;
}

std::vector<GraphResult> Walker::collect(onnx::GraphProto &graph, Scope &scope,
                                         Declared &declared) {
  std::vector<GraphResult> results(graph.output_size());
  for (auto [result, output] :
       llvm::zip_equal(results, *graph.mutable_output())) {
    Value *value = scope.lookup(output.name());
    onnx::TypeProto *type = output.mutable_type();
    if (value && value->type != type)
      *type = *value->type;
    if (const onnx::TypeProto *said = declared.lookup(output.name()))
      refine(*type, *said);
    result.type = *type;
    if (value && value->elements())
      result.known = value->known;
  }
  auto *infos = graph.mutable_value_info();
  int kept = 0;
  for (int i = 0; i < infos->size(); ++i)
    if (infos->Get(i).type().value_case() != onnx::TypeProto::VALUE_NOT_SET)
      infos->SwapElements(kept++, i);
  infos->DeleteSubrange(kept, infos->size() - kept);
  return results;
}

const OperatorInfo &Walker::lookup(const onnx::NodeProto &node) {
  llvm::StringRef domain = node.domain() == "ai.onnx"
                               ? llvm::StringRef()
                               : llvm::StringRef(node.domain());
  key = node.op_type();
  key += ':';
  key += domain;
  std::unique_ptr<OperatorInfo> &info = operators[key];
  if (info)
    return *info;
  info = std::make_unique<OperatorInfo>();
  auto opset = opsets.find(domain);
  if (opset != opsets.end()) {
    info->opset = opset->second;
    info->schema = onnx::OpSchemaRegistry::Schema(
        node.op_type(), int(info->opset), domain.str());
  }
  if (!info->schema || info->schema->deprecated())
    if (auto *newest =
            onnx::OpSchemaRegistry::Schema(node.op_type(), domain.str()))
      info->schema = newest;
  if (domain.empty()) {
    info->evaluator = findEvaluator(node.op_type());
    info->rule = findControlRule(node.op_type());
  }
  if (!info->rule && !info->schema)
    info->rule = findContribRule(domain, node.op_type());
  if (info->schema && info->schema->has_type_and_shape_inference_function())
    info->inference = info->schema->GetTypeAndShapeInferenceFunction();
  return *info;
}

void Walker::visit(NodeVisit visit, onnx::GraphProto &graph,
                   Declared &declared) {
  for (const std::string &name : visit.node.input())
    visit.inputs.push_back(name.empty() ? nullptr : visit.scope.lookup(name));
  for (const std::string &name : visit.node.output()) {
    if (name.empty()) {
      visit.outputs.push_back(nullptr);
      continue;
    }
    Value &value = visit.scope[name];
    value = Value();
    value.type = declared.place(name, graph);
    visit.outputs.push_back(&value);
  }
  failure.clear();
  inferNode(lookup(visit.node), visit);
  finishOutputs(visit, declared);
}

/// A Constant given as a tensor: its type, and its elements when they are
/// wanted.
static bool inferConstant(NodeVisit &visit) {
  if (visit.node.op_type() != "Constant" || visit.node.attribute_size() != 1 ||
      !visit.node.attribute(0).has_t() || visit.outputs.size() != 1 ||
      !visit.outputs[0])
    return false;
  const onnx::TensorProto &tensor = visit.node.attribute(0).t();
  setTensorType(*visit.outputs[0]->type, tensor.data_type(),
                llvm::ArrayRef(tensor.dims().data(), tensor.dims_size()));
  if (holdsData(tensor))
    visit.outputs[0]->tensor = &tensor;
  return true;
}

void Walker::inferNode(const OperatorInfo &info, NodeVisit &visit) {
  if (inferConstant(visit) || (info.rule && info.rule(visit)))
    return;
  if (info.evaluator && evaluate(info, visit))
    return;
  if (evaluateShape(visit))
    return;
  if (info.schema)
    inferBySchema(info, visit);
}

/// A tensor of unknown integers for a value of static shape; std::nullopt for
/// reals, large and dynamic ones.
static std::optional<KnownTensor> placeholder(const Value &value) {
  int32_t type = elementTypeOf(*value.type);
  if (type != onnx::TensorProto::INT64 && type != onnx::TensorProto::INT32)
    return std::nullopt;
  if (!value.type->has_tensor_type() || !isStatic(*value.type))
    return std::nullopt;
  llvm::SmallVector<int64_t, 4> dims;
  for (const auto &dim : shapeOf(*value.type)->dim())
    dims.push_back(dim.dim_value());
  std::optional<int64_t> count = boundedCount(dims);
  return count && *count <= kMaxPlaceholder ? makeTensor(type, dims)
                                            : std::nullopt;
}

/// True if the elements of `value` are known without decoding it yet.
static bool isPromising(const Value &value) {
  return value.known ||
         (value.tensor && !value.decoded && isDecodable(*value.tensor));
}

bool Walker::evaluate(const OperatorInfo &info, NodeVisit &visit) {
  bool informative = visit.inputs.empty();
  std::vector<KnownTensor> placeholders;
  placeholders.reserve(visit.inputs.size());
  for (auto [name, value] : llvm::zip_equal(visit.node.input(), visit.inputs)) {
    if (!value && !name.empty())
      return false;
    bool promising = value && isPromising(*value);
    informative |= promising;
    if (!value || promising)
      continue;
    std::optional<KnownTensor> unknown = placeholder(*value);
    if (!unknown)
      return false;
    placeholders.push_back(std::move(*unknown));
  }
  if (!informative || evaluatedElements > kMaxTotalElements)
    return false;
  llvm::SmallVector<const KnownTensor *, 8> operands;
  auto *next = placeholders.data();
  for (Value *value : visit.inputs)
    operands.push_back(!value                ? nullptr
                       : isPromising(*value) ? value->elements()
                                             : next++);
  Results results;
  if (!info.evaluator({visit.node, visit.opset, operands}, results) ||
      results.size() < visit.outputs.size())
    return false;
  for (auto [output, result] : llvm::zip(visit.outputs, results)) {
    if (!output)
      continue;
    evaluatedElements += result.size();
    setTensorType(*output->type, result.type, result.dims);
    output->known = std::make_shared<const KnownTensor>(std::move(result));
  }
  return true;
}

/// Shape with its optional bounds (opset 15).
static KnownTensor dimensionsOf(Walker &walker,
                                const onnx::TensorShapeProto &shape,
                                const Operation &operation) {
  int64_t rank = shape.dim_size();
  auto bound = [rank](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = bound(operation.integer("start", 0)),
          end = bound(operation.integer("end", rank));
  KnownTensor result;
  result.type = onnx::TensorProto::INT64;
  for (int64_t i = start; i < end; ++i) {
    const auto &dim = shape.dim(i);
    result.elements.push_back(
        dim.has_dim_value()
            ? Element::ofInteger(dim.dim_value())
            : Element::unknown(walker.symbolOf(dim.dim_param())));
  }
  result.dims.push_back(result.elements.size());
  return result;
}

static KnownTensor sizeOf(const onnx::TensorShapeProto &shape) {
  Element size = Element::ofInteger(1);
  for (const auto &dim : shape.dim())
    if (!dim.has_dim_value() ||
        llvm::MulOverflow<int64_t>(size.integer, dim.dim_value(), size.integer))
      size = Element::unknown();
  KnownTensor result;
  result.type = onnx::TensorProto::INT64;
  result.elements.push_back(size);
  return result;
}

bool Walker::evaluateShape(NodeVisit &visit) {
  bool size = visit.node.op_type() == "Size";
  if ((!size && visit.node.op_type() != "Shape") || visit.outputs.size() != 1 ||
      !visit.outputs[0])
    return false;
  const onnx::TypeProto *type = visit.inputType(0);
  const onnx::TensorShapeProto *shape = type ? shapeOf(*type) : nullptr;
  if (!shape)
    return false;
  KnownTensor result =
      size ? sizeOf(*shape)
           : dimensionsOf(*this, *shape, {visit.node, visit.opset, {}});
  setTensorType(*visit.outputs[0]->type, result.type, result.dims);
  visit.outputs[0]->known =
      std::make_shared<const KnownTensor>(std::move(result));
  return true;
}

void Walker::inferBySchema(const OperatorInfo &info, NodeVisit &visit) {
  failure = runSchema(info, visit);
  if (failure.empty())
    return;
  for (Value *output : visit.outputs)
    if (output)
      dropShapes(*output->type);
}

void Walker::finishOutputs(NodeVisit &visit, const Declared &declared) {
  bool noted = false;
  for (auto [index, output] : llvm::enumerate(visit.outputs)) {
    if (!output)
      continue;
    const std::string &name = visit.node.output(index);
    const onnx::TypeProto *said = declared.lookup(name);
    if (said && !refine(*output->type, *said))
      note(describeNode(visit.node) + ": '" + name + "' is declared as " +
           describe(*said) + " but inferred as " + describe(*output->type));
    if (noted || isStatic(*output->type))
      continue;
    noteUnknown(visit, index);
    noted = true;
  }
}

/// True if an element of `value` is a dimension whose value is not known.
static bool hasUnknownDimension(const Value &value) {
  return value.known &&
         llvm::any_of(value.known->elements, [](const Element &e) {
           return !e.known && e.symbol != 0;
         });
}

void Walker::noteUnknown(const NodeVisit &visit, size_t index) {
  if (visit.excused)
    return;
  for (auto [name, input] : llvm::zip_equal(visit.node.input(), visit.inputs)) {
    if (!input && !name.empty())
      return note(describeNode(visit.node) + ": input '" + name +
                  "' is not defined before it");
    bool consequence =
        input && (!isStatic(*input->type) || hasUnknownDimension(*input));
    if (consequence)
      return;
  }
  std::string reason = "its shape depends on data";
  if (!failure.empty())
    reason = failure;
  else if (visit.outputs[index]->type->value_case() ==
           onnx::TypeProto::VALUE_NOT_SET)
    reason = "the operator is not known";
  note(describeNode(visit.node) + ": '" + visit.node.output(index) + "' is " +
       describe(*visit.outputs[index]->type) + ": " + reason);
}

} // namespace gnomon::shapes
