// SPDX-License-Identifier: Apache-2.0
// Gathering, scattering and searching in small partially known tensors.
#include "ShapesEval.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>
#include <numeric>

namespace gnomon::shapes {
namespace {
using onnx::TensorProto;

int64_t product(llvm::ArrayRef<int64_t> dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t(1),
                         std::multiplies<>());
}

/// Position of an index counted from either end; std::nullopt if unknown or
/// outside.
std::optional<int64_t> position(const Element &index, int64_t dim) {
  return index.known ? normaliseAxis(index.integer, dim) : std::nullopt;
}

bool evaluateGather(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0), *indices = operation.input(1);
  auto axis = source
                  ? normaliseAxis(operation.integer("axis", 0), source->rank())
                  : std::nullopt;
  if (!axis || !indices)
    return false;
  llvm::ArrayRef<int64_t> all(source->dims);
  llvm::SmallVector<int64_t, 8> dims(all.take_front(*axis));
  llvm::append_range(dims, indices->dims);
  llvm::append_range(dims, all.drop_front(*axis + 1));
  auto result = makeTensor(source->type, dims);
  if (!result)
    return false;
  int64_t outer = product(all.take_front(*axis)),
          inner = product(all.drop_front(*axis + 1)), dim = all[*axis];
  auto out = result->elements.begin();
  for (int64_t row = 0; row < outer; ++row)
    for (const Element &index : indices->elements) {
      std::optional<int64_t> at = position(index, dim);
      if (index.known && !at)
        return false;
      if (at)
        std::copy_n(source->elements.begin() + (row * dim + *at) * inner, inner,
                    out);
      out += inner;
    }
  results.push_back(std::move(*result));
  return true;
}

/// Flat position in `data` that element `flat` of `indices` means along `axis`.
std::optional<int64_t> alongAxis(const KnownTensor &data,
                                 const KnownTensor &indices, int64_t flat,
                                 int64_t axis) {
  llvm::SmallVector<int64_t, 4> strides = stridesOf(data.dims),
                                own = stridesOf(indices.dims);
  std::optional<int64_t> chosen =
      position(indices.elements[flat], data.dims[axis]);
  if (!chosen)
    return std::nullopt;
  int64_t at = 0;
  for (size_t i = 0; i < own.size(); ++i) {
    int64_t coordinate =
        int64_t(i) == axis ? *chosen : flat / own[i] % indices.dims[i];
    if (coordinate >= data.dims[i])
      return std::nullopt;
    at += coordinate * strides[i];
  }
  return at;
}

bool evaluateGatherElements(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0), *indices = operation.input(1);
  auto axis = source
                  ? normaliseAxis(operation.integer("axis", 0), source->rank())
                  : std::nullopt;
  if (!axis || !indices || indices->rank() != source->rank())
    return false;
  auto result = makeTensor(source->type, indices->dims);
  if (!result)
    return false;
  for (auto [flat, element] : llvm::enumerate(result->elements))
    if (auto at = alongAxis(*source, *indices, flat, *axis))
      element = source->elements[*at];
  results.push_back(std::move(*result));
  return true;
}

bool evaluateScatterElements(const Operation &operation, Results &results) {
  const KnownTensor *data = operation.input(0), *indices = operation.input(1),
                    *updates = operation.input(2);
  auto axis = data ? normaliseAxis(operation.integer("axis", 0), data->rank())
                   : std::nullopt;
  if (!axis || !indices || !updates || indices->rank() != data->rank() ||
      updates->dims != indices->dims || !indices->fullyKnown() ||
      operation.string("reduction", "none") != "none")
    return false;
  KnownTensor result = *data;
  for (auto [flat, element] : llvm::enumerate(updates->elements)) {
    auto at = alongAxis(*data, *indices, flat, *axis);
    if (!at)
      return false;
    result.elements[*at] = element;
  }
  results.push_back(std::move(result));
  return true;
}

/// The shape of an N-d gather or scatter: tuples of `depth` indices, each
/// naming a slice of `inner` elements.
struct Tuples {
  int64_t count, depth, inner;
};

std::optional<Tuples> tuplesOf(const KnownTensor &data,
                               const KnownTensor &indices) {
  if (indices.rank() == 0)
    return std::nullopt;
  int64_t depth = indices.dims.back();
  if (depth > data.rank())
    return std::nullopt;
  return Tuples{product(llvm::ArrayRef(indices.dims).drop_back()), depth,
                product(llvm::ArrayRef(data.dims).drop_front(depth))};
}

/// Flat position of the slice that tuple `tuple` names.
std::optional<int64_t> sliceStart(const KnownTensor &data,
                                  const KnownTensor &indices,
                                  const Tuples &shape, int64_t tuple) {
  int64_t at = 0;
  for (int64_t k = 0; k < shape.depth; ++k) {
    std::optional<int64_t> coordinate =
        position(indices.elements[tuple * shape.depth + k], data.dims[k]);
    if (!coordinate)
      return std::nullopt;
    at = at * data.dims[k] + *coordinate;
  }
  return at * shape.inner;
}

bool evaluateGatherND(const Operation &operation, Results &results) {
  const KnownTensor *data = operation.input(0), *indices = operation.input(1);
  if (!data || !indices || operation.integer("batch_dims", 0) != 0)
    return false;
  std::optional<Tuples> shape = tuplesOf(*data, *indices);
  if (!shape)
    return false;
  llvm::SmallVector<int64_t, 8> dims(llvm::ArrayRef(indices->dims).drop_back());
  llvm::append_range(dims, llvm::ArrayRef(data->dims).drop_front(shape->depth));
  auto result = makeTensor(data->type, dims);
  if (!result)
    return false;
  for (int64_t tuple = 0; tuple < shape->count; ++tuple)
    if (auto start = sliceStart(*data, *indices, *shape, tuple))
      std::copy_n(data->elements.begin() + *start, shape->inner,
                  result->elements.begin() + tuple * shape->inner);
  results.push_back(std::move(*result));
  return true;
}

bool evaluateScatterND(const Operation &operation, Results &results) {
  const KnownTensor *data = operation.input(0), *indices = operation.input(1),
                    *updates = operation.input(2);
  if (!data || !indices || !updates ||
      operation.string("reduction", "none") != "none")
    return false;
  std::optional<Tuples> shape = tuplesOf(*data, *indices);
  if (!shape || updates->size() != shape->count * shape->inner)
    return false;
  KnownTensor result = *data;
  for (int64_t tuple = 0; tuple < shape->count; ++tuple) {
    auto start = sliceStart(*data, *indices, *shape, tuple);
    if (!start)
      return false;
    std::copy_n(updates->elements.begin() + tuple * shape->inner, shape->inner,
                result.elements.begin() + *start);
  }
  results.push_back(std::move(result));
  return true;
}

bool evaluateNonZero(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0);
  if (!source || !source->fullyKnown())
    return false;
  bool real = isRealType(source->type);
  llvm::SmallVector<int64_t, 8> found;
  for (auto [flat, e] : llvm::enumerate(source->elements))
    if (real ? e.real != 0 : e.integer != 0)
      found.push_back(flat);
  auto result =
      makeTensor(TensorProto::INT64, {source->rank(), int64_t(found.size())});
  if (!result)
    return false;
  llvm::SmallVector<int64_t, 4> strides = stridesOf(source->dims);
  for (int64_t axis = 0; axis < source->rank(); ++axis)
    for (auto [i, flat] : llvm::enumerate(found))
      result->elements[axis * found.size() + i] =
          Element::ofInteger(flat / strides[axis] % source->dims[axis]);
  results.push_back(std::move(*result));
  return true;
}

bool evaluateOneHot(const Operation &operation, Results &results) {
  const KnownTensor *indices = operation.input(0), *depth = operation.input(1),
                    *values = operation.input(2);
  if (!indices || !depth || !values || depth->size() != 1 ||
      !depth->elements[0].known || values->size() != 2 ||
      !isIntegerType(depth->type) || !isIntegerType(indices->type))
    return false;
  auto axis = normaliseAxis(operation.integer("axis", -1), indices->rank() + 1);
  int64_t classes = depth->elements[0].integer;
  if (!axis)
    return false;
  llvm::SmallVector<int64_t, 8> dims(indices->dims.begin(),
                                     indices->dims.end());
  dims.insert(dims.begin() + *axis, classes);
  auto result = makeTensor(values->type, dims, values->elements[0]);
  if (!result)
    return false;
  int64_t inner = product(llvm::ArrayRef(indices->dims).drop_front(*axis));
  for (auto [flat, index] : llvm::enumerate(indices->elements)) {
    if (!index.known)
      return false;
    if (auto at = position(index, classes))
      result->elements[(int64_t(flat) / inner * classes + *at) * inner +
                       int64_t(flat) % inner] = values->elements[1];
  }
  results.push_back(std::move(*result));
  return true;
}

bool evaluateTrilu(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0),
                    *diagonal = operation.input(1);
  if (!source || source->rank() < 2 ||
      (diagonal && (diagonal->size() != 1 || !diagonal->elements[0].known)))
    return false;
  int64_t k = diagonal ? diagonal->elements[0].integer : 0;
  bool upper = operation.integer("upper", 1) != 0;
  int64_t columns = source->dims.back(),
          rows = source->dims[source->rank() - 2];
  if (std::abs(k) > kMaxElements)
    return false;
  KnownTensor result = *source;
  for (auto [flat, e] : llvm::enumerate(result.elements)) {
    int64_t ahead = int64_t(flat) % columns - int64_t(flat) / columns % rows;
    if (upper ? ahead < k : ahead > k)
      e = isRealType(source->type) ? Element::ofReal(0) : Element::ofInteger(0);
  }
  results.push_back(std::move(result));
  return true;
}

/// One-dimensional only; equal elements in the order of their indices.
bool evaluateTopK(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0), *count = operation.input(1);
  auto axis = source
                  ? normaliseAxis(operation.integer("axis", -1), source->rank())
                  : std::nullopt;
  if (!axis || !count || count->size() != 1 || !count->elements[0].known ||
      source->rank() != 1 || !source->fullyKnown())
    return false;
  int64_t k = count->elements[0].integer;
  if (k < 0 || k > source->size() ||
      llvm::any_of(source->elements,
                   [](const Element &e) { return std::isnan(e.real); }))
    return false;
  bool largest = operation.integer("largest", 1) != 0,
       real = isRealType(source->type);
  llvm::SmallVector<int64_t, 8> order(source->size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t a, int64_t b) {
    const Element &x = source->elements[largest ? b : a],
                  &y = source->elements[largest ? a : b];
    bool equal = real ? x.real == y.real : x.integer == y.integer;
    return equal ? a < b : real ? x.real < y.real : x.integer < y.integer;
  });
  auto values = makeTensor(source->type, {k}),
       indices = makeTensor(TensorProto::INT64, {k});
  for (int64_t i = 0; i < k; ++i) {
    values->elements[i] = source->elements[order[i]];
    indices->elements[i] = Element::ofInteger(order[i]);
  }
  results.push_back(std::move(*values));
  results.push_back(std::move(*indices));
  return true;
}

} // namespace

Evaluator findIndexingEvaluator(llvm::StringRef opType) {
  return llvm::StringSwitch<Evaluator>(opType)
      .Case("Gather", evaluateGather)
      .Case("GatherElements", evaluateGatherElements)
      .Case("GatherND", evaluateGatherND)
      .Cases({"ScatterElements", "Scatter"}, evaluateScatterElements)
      .Case("ScatterND", evaluateScatterND)
      .Case("NonZero", evaluateNonZero)
      .Case("OneHot", evaluateOneHot)
      .Case("Trilu", evaluateTrilu)
      .Case("TopK", evaluateTopK)
      .Default(nullptr);
}

} // namespace gnomon::shapes
