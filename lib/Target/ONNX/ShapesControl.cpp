// SPDX-License-Identifier: Apache-2.0
// If and Loop: nested graphs, constant conditions, types that change from turn
// to turn.
#include "ShapesTypes.h"
#include "ShapesWalker.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace gnomon::shapes {
namespace {

/// Loops nested deeper keep element types only, so that time stays linear.
constexpr int kMaxExactLoops = 3;
/// Turns after which loop-carried types that still change lose their shapes.
constexpr int kMaxTurns = 4;

/// The single element of input `index`, if it is known.
std::optional<int64_t> knownScalar(const NodeVisit &visit, size_t index) {
  Value *value = index < visit.inputs.size() ? visit.inputs[index] : nullptr;
  const KnownTensor *elements = value ? value->elements() : nullptr;
  if (!elements || elements->size() != 1 || !isIntegerType(elements->type) ||
      !elements->elements[0].known)
    return std::nullopt;
  return elements->elements[0].integer;
}

bool inferIf(NodeVisit &visit) {
  onnx::GraphProto *branches[] = {visit.graphAttribute("else_branch"),
                                  visit.graphAttribute("then_branch")};
  if (!branches[0] || !branches[1])
    return false;
  std::optional<int64_t> condition = knownScalar(visit, 0);
  std::vector<GraphResult> results[2];
  for (int taken : {0, 1}) {
    Walker::Muted dead(visit.walker,
                       condition && (*condition != 0) != (taken == 1));
    results[taken] = visit.walker.walk(*branches[taken], &visit.scope, {},
                                       visit.depth + 1, visit.final);
  }
  visit.excused = true;
  for (auto [index, output] : llvm::enumerate(visit.outputs)) {
    if (!output || index >= results[0].size() || index >= results[1].size())
      continue;
    GraphResult &chosen = results[condition.value_or(1) != 0][index];
    *output->type = chosen.type;
    if (condition) {
      output->known = chosen.known;
      continue;
    }
    bool differ = widen(*output->type, results[0][index].type);
    if (differ && isStatic(chosen.type) && isStatic(results[0][index].type))
      visit.walker.note(
          describeNode(visit.node) + ": '" + visit.node.output(index) +
          "' is " + describe(chosen.type) + " or " +
          describe(results[0][index].type) + ": the condition is not known");
  }
  return true;
}

/// Depth of loops around a node is bounded by the depth of graphs around it.
bool isDeep(const NodeVisit &visit) { return visit.depth >= kMaxExactLoops; }

GraphResult scalarOf(int32_t type, std::optional<int64_t> value) {
  GraphResult result;
  setTensorType(result.type, type, {});
  if (value)
    result.known = std::make_shared<const KnownTensor>(
        *makeTensor(type, {}, Element::ofInteger(*value)));
  return result;
}

/// Types of the body's inputs before the first turn.
std::vector<GraphResult> loopInputs(const NodeVisit &visit) {
  // The body runs only while its condition is true.
  std::vector<GraphResult> inputs = {
      scalarOf(onnx::TensorProto::INT64, std::nullopt),
      scalarOf(onnx::TensorProto::BOOL, 1)};
  for (size_t i = 2; i < visit.inputs.size(); ++i) {
    inputs.emplace_back();
    if (const onnx::TypeProto *type = visit.inputType(i))
      inputs.back().type = *type;
  }
  return inputs;
}

/// Widens the loop-carried types until one more turn does not change them.
void stabilise(NodeVisit &visit, onnx::GraphProto &body,
               std::vector<GraphResult> &inputs) {
  bool changed = true;
  for (int turn = 0; changed && turn < kMaxTurns && !isDeep(visit); ++turn) {
    auto results =
        visit.walker.walk(body, &visit.scope, inputs, visit.depth + 1, false);
    changed = false;
    for (size_t i = 2; i < inputs.size() && i - 1 < results.size(); ++i)
      changed |= widen(inputs[i].type, results[i - 1].type);
  }
  for (size_t i = 2; changed && i < inputs.size(); ++i)
    dropShapes(inputs[i].type);
}

/// Number of turns, if nothing but the trip count ends the loop.
std::optional<int64_t> tripCount(const NodeVisit &visit,
                                 const std::vector<GraphResult> &results) {
  std::optional<int64_t> count = knownScalar(visit, 0),
                         start = knownScalar(visit, 1);
  bool startsTrue = start.value_or(0) != 0 || visit.node.input_size() < 2 ||
                    visit.node.input(1).empty();
  const KnownTensor *goesOn =
      results.empty() ? nullptr : results[0].known.get();
  bool staysTrue = goesOn && goesOn->size() == 1 && goesOn->elements[0].known &&
                   goesOn->elements[0].integer != 0;
  return count && *count >= 0 && startsTrue && staysTrue ? count : std::nullopt;
}

/// The type of what one turn gives, stacked over all turns.
void stack(const onnx::TypeProto &turn, std::optional<int64_t> count,
           onnx::TypeProto &type) {
  type.mutable_tensor_type()->set_elem_type(elementTypeOf(turn));
  const onnx::TensorShapeProto *shape = shapeOf(turn);
  if (!shape)
    return;
  auto *stacked = type.mutable_tensor_type()->mutable_shape();
  auto *first = stacked->add_dim();
  if (count)
    first->set_dim_value(*count);
  for (const auto &dim : shape->dim())
    *stacked->add_dim() = dim;
}

bool inferLoop(NodeVisit &visit) {
  onnx::GraphProto *body = visit.graphAttribute("body");
  if (!body)
    return false;
  std::vector<GraphResult> inputs = loopInputs(visit);
  stabilise(visit, *body, inputs);
  auto results = visit.walker.walk(*body, &visit.scope, inputs, visit.depth + 1,
                                   visit.final);
  size_t carried = inputs.size() - 2;
  std::optional<int64_t> count = tripCount(visit, results);
  for (auto [index, output] : llvm::enumerate(visit.outputs)) {
    if (!output || index + 1 >= results.size())
      continue;
    if (index < carried)
      *output->type = inputs[index + 2].type;
    else
      stack(results[index + 1].type, count, *output->type);
  }
  return true;
}

} // namespace

TypeRule findControlRule(llvm::StringRef opType) {
  return llvm::StringSwitch<TypeRule>(opType)
      .Case("If", inferIf)
      .Case("Loop", inferLoop)
      .Default(nullptr);
}

} // namespace gnomon::shapes
