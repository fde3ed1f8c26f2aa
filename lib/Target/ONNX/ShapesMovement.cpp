// SPDX-License-Identifier: Apache-2.0
// Operators that move elements of small partially known tensors.
#include "ShapesEval.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace gnomon::shapes {
namespace {

/// `source` with other dims of the same number of elements.
bool reshaped(const KnownTensor &source, llvm::ArrayRef<int64_t> dims,
              Results &results) {
  std::optional<int64_t> count = boundedCount(dims);
  if (!count || *count != source.size())
    return false;
  KnownTensor result = source;
  result.dims.assign(dims.begin(), dims.end());
  results.push_back(std::move(result));
  return true;
}

bool push(std::optional<KnownTensor> result, Results &results) {
  if (result)
    results.push_back(std::move(*result));
  return result.has_value();
}

bool evaluateReshape(const Operation &operation, Results &results) {
  bool present = false;
  auto target = operation.integersOrInput("shape", 1, present);
  const KnownTensor *source = operation.input(0);
  if (!source || !target)
    return false;
  int64_t known = 1, *inferred = nullptr;
  bool allowZero = operation.integer("allowzero", 0) != 0;
  for (auto [i, dim] : llvm::enumerate(*target)) {
    if (dim == 0 && !allowZero) {
      if (i >= source->dims.size())
        return false;
      dim = source->dims[i];
    }
    if (dim == -1 && !inferred)
      inferred = &dim;
    else if (dim < 0 || llvm::MulOverflow(known, dim, known))
      return false;
  }
  if (inferred) {
    if (known == 0 || source->size() % known != 0)
      return false;
    *inferred = source->size() / known;
  }
  return reshaped(*source, *target, results);
}

bool evaluateFlatten(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0);
  if (!source)
    return false;
  int64_t axis = operation.integer("axis", 1);
  axis += axis < 0 ? source->rank() : 0;
  if (axis < 0 || axis > source->rank())
    return false;
  int64_t rows = 1, columns = 1;
  for (auto [i, dim] : llvm::enumerate(source->dims))
    (int64_t(i) < axis ? rows : columns) *= dim;
  return reshaped(*source, {rows, columns}, results);
}

bool evaluateUnsqueeze(const Operation &operation, Results &results) {
  bool present = false;
  auto axes = operation.integersOrInput("axes", 1, present);
  const KnownTensor *source = operation.input(0);
  if (!source || !axes || axes->size() > 64)
    return false;
  int64_t rank = source->rank() + axes->size();
  llvm::SmallVector<bool, 8> added(rank, false);
  for (int64_t axis : *axes) {
    std::optional<int64_t> at = normaliseAxis(axis, rank);
    if (!at || added[*at])
      return false;
    added[*at] = true;
  }
  llvm::SmallVector<int64_t, 8> dims;
  const int64_t *next = source->dims.begin();
  for (bool one : added)
    dims.push_back(one ? 1 : *next++);
  return reshaped(*source, dims, results);
}

bool evaluateSqueeze(const Operation &operation, Results &results) {
  bool present = false;
  auto axes = operation.integersOrInput("axes", 1, present);
  const KnownTensor *source = operation.input(0);
  if (!source || (present && !axes))
    return false;
  llvm::SmallVector<bool, 8> removed;
  for (int64_t dim : source->dims)
    removed.push_back(!present && dim == 1);
  if (present) {
    for (int64_t axis : *axes) {
      std::optional<int64_t> at = normaliseAxis(axis, source->rank());
      if (!at || source->dims[*at] != 1)
        return false;
      removed[*at] = true;
    }
  }
  llvm::SmallVector<int64_t, 8> dims;
  for (auto [dim, gone] : llvm::zip_equal(source->dims, removed))
    if (!gone)
      dims.push_back(dim);
  return reshaped(*source, dims, results);
}

bool evaluateTranspose(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0);
  if (!source)
    return false;
  llvm::SmallVector<int64_t, 8> order;
  for (int64_t i = source->rank(); i-- > 0;)
    order.push_back(i);
  if (auto given = operation.integers("perm"))
    order = *given;
  if (int64_t(order.size()) != source->rank())
    return false;
  llvm::SmallVector<int64_t, 4> dims, strides, own = stridesOf(source->dims);
  for (int64_t axis : order) {
    if (axis < 0 || axis >= source->rank())
      return false;
    dims.push_back(source->dims[axis]);
    strides.push_back(own[axis]);
  }
  return push(remap(*source, dims, 0, strides), results);
}

bool evaluateExpand(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0);
  auto shape =
      operation.input(1) ? operation.input(1)->integers() : std::nullopt;
  if (!source || !shape)
    return false;
  auto dims = broadcastDims(source->dims, *shape);
  return dims && push(broadcastTo(*source, *dims), results);
}

bool evaluateTile(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0);
  auto repeats =
      operation.input(1) ? operation.input(1)->integers() : std::nullopt;
  if (!source || !repeats || int64_t(repeats->size()) != source->rank())
    return false;
  llvm::SmallVector<int64_t, 8> split, dims, strides,
      own(stridesOf(source->dims));
  for (auto [repeat, dim, stride] :
       llvm::zip_equal(*repeats, source->dims, own)) {
    int64_t product = 0;
    if (repeat < 0 || llvm::MulOverflow(repeat, dim, product))
      return false;
    split.append({repeat, dim});
    strides.append({0, stride});
    dims.push_back(product);
  }
  auto result = remap(*source, split, 0, strides);
  return result && reshaped(*result, dims, results);
}

/// Number of elements before and after an axis.
std::pair<int64_t, int64_t> around(llvm::ArrayRef<int64_t> dims, int64_t axis) {
  int64_t outer = 1, inner = 1;
  for (auto [i, dim] : llvm::enumerate(dims)) {
    if (int64_t(i) < axis)
      outer *= dim;
    else if (int64_t(i) > axis)
      inner *= dim;
  }
  return {outer, inner};
}

bool evaluateConcat(const Operation &operation, Results &results) {
  const KnownTensor *first = operation.input(0);
  if (!first)
    return false;
  std::optional<int64_t> axis =
      normaliseAxis(operation.integer("axis", 1), first->rank());
  if (!axis)
    return false;
  llvm::SmallVector<int64_t, 4> dims = first->dims;
  dims[*axis] = 0;
  for (const KnownTensor *part : operation.inputs) {
    if (!part || part->rank() != first->rank() || part->type != first->type)
      return false;
    for (auto [i, dim] : llvm::enumerate(part->dims))
      if (int64_t(i) != *axis && dim != dims[i])
        return false;
    dims[*axis] += part->dims[*axis];
  }
  auto result = makeTensor(first->type, dims);
  if (!result)
    return false;
  auto [outer, inner] = around(dims, *axis);
  auto out = result->elements.begin();
  for (int64_t row = 0; row < outer; ++row)
    for (const KnownTensor *part : operation.inputs) {
      int64_t chunk = part->dims[*axis] * inner;
      out = std::copy_n(part->elements.begin() + row * chunk, chunk, out);
    }
  results.push_back(std::move(*result));
  return true;
}

/// Start, end (exclusive, -1 possible for negative steps) and step of one axis.
struct Range {
  int64_t start, step, count;
};

std::optional<Range> sliceRange(int64_t start, int64_t end, int64_t step,
                                int64_t dim) {
  if (step == 0 || step == std::numeric_limits<int64_t>::min())
    return std::nullopt;
  auto fromEnd = [dim](int64_t x) { return x < 0 ? x + dim : x; };
  start = fromEnd(start), end = fromEnd(end);
  if (step > 0) {
    start = std::clamp<int64_t>(start, 0, dim),
    end = std::clamp<int64_t>(end, 0, dim);
    return Range{start, step, start < end ? (end - start - 1) / step + 1 : 0};
  }
  start = std::clamp<int64_t>(start, -1, dim - 1),
  end = std::clamp<int64_t>(end, -1, dim - 1);
  return Range{start, step, start > end ? (start - end - 1) / -step + 1 : 0};
}

bool evaluateSlice(const Operation &operation, Results &results) {
  bool present = false, hasAxes = false, hasSteps = false;
  const KnownTensor *source = operation.input(0);
  auto starts = operation.integersOrInput("starts", 1, present),
       ends = operation.integersOrInput("ends", 2, present);
  auto axes = operation.integersOrInput("axes", 3, hasAxes),
       steps = operation.integersOrInput("steps", 4, hasSteps);
  if (!source || !starts || !ends || (hasAxes && !axes) ||
      (hasSteps && !steps) || starts->size() != ends->size() ||
      (axes && axes->size() != starts->size()) ||
      (steps && steps->size() != starts->size()))
    return false;
  llvm::SmallVector<int64_t, 4> dims = source->dims,
                                strides = stridesOf(source->dims);
  int64_t offset = 0;
  for (size_t i = 0; i < starts->size(); ++i) {
    std::optional<int64_t> axis =
        normaliseAxis(axes ? (*axes)[i] : i, source->rank());
    auto range = axis ? sliceRange((*starts)[i], (*ends)[i],
                                   steps ? (*steps)[i] : 1, source->dims[*axis])
                      : std::nullopt;
    if (!range)
      return false;
    offset += range->start * strides[*axis];
    dims[*axis] = range->count;
    // A step beyond the axis is never taken.
    strides[*axis] = range->count > 1 ? strides[*axis] * range->step : 0;
  }
  return push(remap(*source, dims, offset, strides), results);
}

/// Sizes of the parts of a Split; empty if they cannot be told.
llvm::SmallVector<int64_t, 8> splitSizes(const Operation &operation,
                                         int64_t dim) {
  bool present = false;
  auto sizes = operation.integersOrInput("split", 1, present);
  if (present)
    return sizes.value_or(llvm::SmallVector<int64_t, 8>());
  int64_t parts = operation.node.output_size();
  if (parts == 0)
    return {};
  int64_t size = (dim + parts - 1) / parts;
  llvm::SmallVector<int64_t, 8> result;
  for (int64_t left = dim, i = 0; i < parts; ++i, left -= result.back())
    result.push_back(std::min(size, left));
  return result;
}

bool evaluateSplit(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0);
  auto axis = source
                  ? normaliseAxis(operation.integer("axis", 0), source->rank())
                  : std::nullopt;
  if (!axis)
    return false;
  llvm::SmallVector<int64_t, 4> strides = stridesOf(source->dims);
  int64_t start = 0;
  for (int64_t size : splitSizes(operation, source->dims[*axis])) {
    llvm::SmallVector<int64_t, 4> dims = source->dims;
    if (size < 0 || size > source->dims[*axis] - start)
      return false;
    dims[*axis] = size;
    if (!push(remap(*source, dims, start * strides[*axis], strides), results))
      return false;
    start += size;
  }
  return int64_t(results.size()) == operation.node.output_size() &&
         start == source->dims[*axis];
}

/// Index into the source for position `at` of a padded axis; -1: the fill
/// value.
std::optional<int64_t> padSource(llvm::StringRef mode, int64_t at,
                                 int64_t dim) {
  if (at >= 0 && at < dim)
    return at;
  if (mode == "constant")
    return -1;
  if (dim == 0)
    return std::nullopt;
  if (mode == "edge")
    return std::clamp<int64_t>(at, 0, dim - 1);
  if (mode == "wrap")
    return ((at % dim) + dim) % dim;
  int64_t mirrored = at < 0 ? -at : 2 * (dim - 1) - at;
  if (mode != "reflect" || mirrored < 0 || mirrored >= dim)
    return std::nullopt;
  return mirrored;
}

/// `source` with one axis padded.
std::optional<KnownTensor> padAxis(const KnownTensor &source, int64_t axis,
                                   int64_t before, int64_t after,
                                   llvm::StringRef mode, Element fill) {
  llvm::SmallVector<int64_t, 4> dims = source.dims;
  int64_t limit = 2 * kMaxElements;
  if (std::abs(before) > limit || std::abs(after) > limit)
    return std::nullopt;
  dims[axis] += before + after;
  auto result = makeTensor(source.type, dims, fill);
  if (!result)
    return std::nullopt;
  auto [outer, inner] = around(dims, axis);
  for (int64_t i = 0; i < dims[axis]; ++i) {
    std::optional<int64_t> from =
        padSource(mode, i - before, source.dims[axis]);
    if (!from)
      return std::nullopt;
    for (int64_t row = 0; *from >= 0 && row < outer; ++row)
      std::copy_n(
          source.elements.begin() + (row * source.dims[axis] + *from) * inner,
          inner, result->elements.begin() + (row * dims[axis] + i) * inner);
  }
  return result;
}

bool evaluatePad(const Operation &operation, Results &results) {
  bool present = false, hasAxes = false;
  const KnownTensor *source = operation.input(0);
  auto pads = operation.integersOrInput("pads", 1, present),
       axes = operation.integersOrInput("axes", 3, hasAxes);
  if (!source || !pads || (hasAxes && !axes))
    return false;
  size_t count = axes ? axes->size() : source->rank();
  if (pads->size() != 2 * count)
    return false;
  Element fill = isRealType(source->type)
                     ? Element::ofReal(operation.real("value", 0))
                     : Element::ofInteger(0);
  if (const KnownTensor *value = operation.input(2);
      value && value->size() == 1)
    fill = value->elements.front();
  std::optional<KnownTensor> result = *source;
  for (size_t i = 0; i < count && result; ++i) {
    std::optional<int64_t> axis =
        normaliseAxis(axes ? (*axes)[i] : i, source->rank());
    if (!axis)
      return false;
    result = padAxis(*result, *axis, (*pads)[i], (*pads)[i + count],
                     operation.string("mode", "constant"), fill);
  }
  return push(std::move(result), results);
}

} // namespace

Evaluator findMovementEvaluator(llvm::StringRef opType) {
  return llvm::StringSwitch<Evaluator>(opType)
      .Case("Reshape", evaluateReshape)
      .Case("Flatten", evaluateFlatten)
      .Case("Unsqueeze", evaluateUnsqueeze)
      .Case("Squeeze", evaluateSqueeze)
      .Case("Transpose", evaluateTranspose)
      .Case("Expand", evaluateExpand)
      .Case("Tile", evaluateTile)
      .Case("Concat", evaluateConcat)
      .Case("Slice", evaluateSlice)
      .Case("Split", evaluateSplit)
      .Case("Pad", evaluatePad)
      .Default(nullptr);
}

} // namespace gnomon::shapes
