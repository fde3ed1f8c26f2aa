// SPDX-License-Identifier: Apache-2.0
// Reductions and running sums over small partially known tensors.
#include "ShapesEval.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace gnomon::shapes {
namespace {
using onnx::TensorProto;

enum class Fold { Sum, Product, Minimum, Maximum, Mean };

Element combine(Fold fold, const Element &a, const Element &b, bool real) {
  if (!a.known || !b.known)
    return Element::unknown();
  auto both = [real](int64_t integer, double value) {
    return real ? Element::ofReal(value) : Element::ofInteger(integer);
  };
  switch (fold) {
  case Fold::Product:
    return both(int64_t(uint64_t(a.integer) * uint64_t(b.integer)),
                a.real * b.real);
  case Fold::Minimum:
    return both(std::min(a.integer, b.integer), std::min(a.real, b.real));
  case Fold::Maximum:
    return both(std::max(a.integer, b.integer), std::max(a.real, b.real));
  case Fold::Sum:
  case Fold::Mean:
    break;
  }
  return both(int64_t(uint64_t(a.integer) + uint64_t(b.integer)),
              a.real + b.real);
}

/// Which axes are reduced; std::nullopt if that cannot be told.
std::optional<llvm::SmallVector<bool, 8>>
reducedAxes(const Operation &operation, int64_t rank) {
  bool present = false;
  auto axes = operation.integersOrInput("axes", 1, present);
  if (present && !axes)
    return std::nullopt;
  bool none = !present || axes->empty();
  bool all = none && operation.integer("noop_with_empty_axes", 0) == 0;
  llvm::SmallVector<bool, 8> reduced(rank, all);
  if (none)
    return reduced;
  for (int64_t axis : *axes) {
    std::optional<int64_t> at = normaliseAxis(axis, rank);
    if (!at)
      return std::nullopt;
    reduced[*at] = true;
  }
  return reduced;
}

void divide(Element &e, int64_t count, bool real) {
  if (!e.known)
    return;
  if (real)
    e.real /= count;
  else
    e.integer /= count;
}

template <Fold fold>
bool evaluateReduction(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0);
  auto reduced = source ? reducedAxes(operation, source->rank()) : std::nullopt;
  if (!reduced || source->size() == 0)
    return false;
  bool real = isRealType(source->type);
  llvm::SmallVector<int64_t, 8> kept, dims, strides(source->rank(), 0),
      own(stridesOf(source->dims));
  for (auto [dim, gone] : llvm::zip_equal(source->dims, *reduced)) {
    kept.push_back(gone ? 1 : dim);
    if (!gone || operation.integer("keepdims", 1) != 0)
      dims.push_back(kept.back());
  }
  auto target = stridesOf(kept);
  auto result = makeTensor(source->type, dims);
  llvm::SmallVector<bool, 0> filled(result->size(), false);
  for (auto [flat, e] : llvm::enumerate(source->elements)) {
    int64_t at = 0;
    for (auto [i, gone] : llvm::enumerate(*reduced))
      at += gone ? 0 : int64_t(flat) / own[i] % source->dims[i] * target[i];
    result->elements[at] =
        filled[at] ? combine(fold, result->elements[at], e, real) : e;
    filled[at] = true;
  }
  for (Element &e : result->elements) {
    if (fold == Fold::Mean)
      divide(e, source->size() / result->size(), real);
    normalise(e, source->type);
  }
  results.push_back(std::move(*result));
  return true;
}

bool evaluateCumSum(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0),
                    *axisInput = operation.input(1);
  if (!source || !axisInput || axisInput->size() != 1 ||
      !axisInput->elements[0].known)
    return false;
  auto axis = normaliseAxis(axisInput->elements[0].integer, source->rank());
  if (!axis)
    return false;
  bool exclusive = operation.integer("exclusive", 0) != 0,
       reverse = operation.integer("reverse", 0) != 0;
  bool real = isRealType(source->type);
  int64_t stride = stridesOf(source->dims)[*axis], dim = source->dims[*axis];
  KnownTensor result = *source;
  for (int64_t start = 0; start < source->size(); ++start) {
    if (start / stride % dim != 0)
      continue;
    Element sum = real ? Element::ofReal(0) : Element::ofInteger(0);
    for (int64_t i = 0; i < dim; ++i) {
      int64_t at = start + (reverse ? dim - 1 - i : i) * stride;
      Element next = combine(Fold::Sum, sum, source->elements[at], real);
      normalise(next, source->type);
      result.elements[at] = exclusive ? sum : next;
      sum = next;
    }
  }
  results.push_back(std::move(result));
  return true;
}

} // namespace

Evaluator findReductionEvaluator(llvm::StringRef opType) {
  return llvm::StringSwitch<Evaluator>(opType)
      .Case("ReduceSum", evaluateReduction<Fold::Sum>)
      .Case("ReduceProd", evaluateReduction<Fold::Product>)
      .Case("ReduceMin", evaluateReduction<Fold::Minimum>)
      .Case("ReduceMax", evaluateReduction<Fold::Maximum>)
      .Case("ReduceMean", evaluateReduction<Fold::Mean>)
      .Case("CumSum", evaluateCumSum)
      .Default(nullptr);
}

} // namespace gnomon::shapes
