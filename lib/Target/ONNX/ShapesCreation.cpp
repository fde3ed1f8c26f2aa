// SPDX-License-Identifier: Apache-2.0
// Operators that make small tensors out of attributes, sizes and bounds.
#include "ShapesEval.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

namespace gnomon::shapes {
namespace {
using onnx::TensorProto;

bool evaluateConstantOfShape(const Operation &operation, Results &results) {
  auto dims =
      operation.input(0) ? operation.input(0)->integers() : std::nullopt;
  if (!dims)
    return false;
  KnownTensor value;
  value.type = TensorProto::FLOAT;
  value.elements.push_back(Element::ofReal(0));
  if (const onnx::AttributeProto *given = operation.attribute("value")) {
    std::optional<KnownTensor> decoded = decode(given->t());
    if (!decoded || decoded->size() != 1)
      return false;
    value = std::move(*decoded);
  }
  auto result = makeTensor(value.type, *dims, value.elements.front());
  if (result)
    results.push_back(std::move(*result));
  return result.has_value();
}

/// Number of steps from `start` to `limit`; std::nullopt if it is not sensible.
std::optional<int64_t> rangeCount(const Element &start, const Element &limit,
                                  const Element &delta, bool real) {
  double from = real ? start.real : start.integer,
         to = real ? limit.real : limit.integer;
  double step = real ? delta.real : delta.integer;
  double count = std::ceil((to - from) / step);
  if (step == 0 || std::isnan(count) || count > kMaxElements)
    return std::nullopt;
  return count < 0 ? 0 : static_cast<int64_t>(count);
}

bool evaluateRange(const Operation &operation, Results &results) {
  for (int i = 0; i < 3; ++i)
    if (!operation.input(i) || operation.input(i)->size() != 1 ||
        !operation.input(i)->elements[0].known)
      return false;
  int32_t type = operation.input(0)->type;
  if (operation.input(1)->type != type || operation.input(2)->type != type)
    return false;
  const Element &start = operation.input(0)->elements[0],
                &delta = operation.input(2)->elements[0];
  bool real = isRealType(type);
  auto count = rangeCount(start, operation.input(1)->elements[0], delta, real);
  auto result = count ? makeTensor(type, {*count}) : std::nullopt;
  if (!result)
    return false;
  for (int64_t i = 0; i < *count; ++i) {
    result->elements[i] = real ? Element::ofReal(start.real + i * delta.real)
                               : Element::ofInteger(int64_t(
                                     uint64_t(start.integer) +
                                     uint64_t(i) * uint64_t(delta.integer)));
    normalise(result->elements[i], type);
  }
  results.push_back(std::move(*result));
  return true;
}

bool evaluateConstant(const Operation &operation, Results &results) {
  KnownTensor result;
  if (const onnx::AttributeProto *value = operation.attribute("value")) {
    std::optional<KnownTensor> decoded = decode(value->t());
    if (!decoded)
      return false;
    result = std::move(*decoded);
  } else if (const onnx::AttributeProto *integer =
                 operation.attribute("value_int")) {
    result =
        *makeTensor(TensorProto::INT64, {}, Element::ofInteger(integer->i()));
  } else if (const onnx::AttributeProto *real =
                 operation.attribute("value_float")) {
    result = *makeTensor(TensorProto::FLOAT, {}, Element::ofReal(real->f()));
  } else if (const onnx::AttributeProto *integers =
                 operation.attribute("value_ints")) {
    result.type = TensorProto::INT64;
    result.dims.push_back(integers->ints_size());
    for (int64_t value : integers->ints())
      result.elements.push_back(Element::ofInteger(value));
  } else if (const onnx::AttributeProto *reals =
                 operation.attribute("value_floats")) {
    result.type = TensorProto::FLOAT;
    result.dims.push_back(reals->floats_size());
    for (float value : reals->floats())
      result.elements.push_back(Element::ofReal(value));
  } else {
    return false;
  }
  bool small = result.size() <= kMaxElements;
  if (small)
    results.push_back(std::move(result));
  return small;
}

} // namespace

Evaluator findCreationEvaluator(llvm::StringRef opType) {
  return llvm::StringSwitch<Evaluator>(opType)
      .Case("Constant", evaluateConstant)
      .Case("ConstantOfShape", evaluateConstantOfShape)
      .Case("Range", evaluateRange)
      .Default(nullptr);
}

} // namespace gnomon::shapes
