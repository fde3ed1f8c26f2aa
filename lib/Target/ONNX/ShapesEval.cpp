// SPDX-License-Identifier: Apache-2.0
// What the evaluators share: attributes, broadcasting, strided copies.
#include "ShapesEval.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

namespace gnomon::shapes {

const onnx::AttributeProto *Operation::attribute(llvm::StringRef name) const {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

int64_t Operation::integer(llvm::StringRef name, int64_t otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->i() : otherwise;
}

double Operation::real(llvm::StringRef name, double otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->f() : otherwise;
}

llvm::StringRef Operation::string(llvm::StringRef name,
                                  llvm::StringRef otherwise) const {
  const onnx::AttributeProto *found = attribute(name);
  return found ? llvm::StringRef(found->s()) : otherwise;
}

std::optional<llvm::SmallVector<int64_t, 8>>
Operation::integers(llvm::StringRef name) const {
  const onnx::AttributeProto *found = attribute(name);
  if (!found)
    return std::nullopt;
  return llvm::SmallVector<int64_t, 8>(found->ints().begin(),
                                       found->ints().end());
}

std::optional<llvm::SmallVector<int64_t, 8>>
Operation::integersOrInput(llvm::StringRef name, size_t index,
                           bool &present) const {
  if (auto values = integers(name)) {
    present = true;
    return values;
  }
  const KnownTensor *tensor = input(index);
  present = tensor != nullptr;
  return tensor ? tensor->integers() : std::nullopt;
}

std::optional<int64_t> normaliseAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

std::optional<llvm::SmallVector<int64_t, 4>>
broadcastDims(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  llvm::SmallVector<int64_t, 4> result(a.begin(), a.end());
  size_t lead = a.size() - b.size();
  for (auto [i, dim] : llvm::enumerate(b)) {
    int64_t &other = result[lead + i];
    if (other == 1)
      other = dim;
    else if (dim != 1 && dim != other)
      return std::nullopt;
  }
  return result;
}

std::optional<KnownTensor> remap(const KnownTensor &source,
                                 llvm::ArrayRef<int64_t> dims, int64_t offset,
                                 llvm::ArrayRef<int64_t> strides) {
  std::optional<KnownTensor> result = makeTensor(source.type, dims);
  if (!result)
    return std::nullopt;
  llvm::SmallVector<int64_t, 4> index(dims.size(), 0);
  for (Element &element : result->elements) {
    if (offset < 0 || offset >= source.size())
      return std::nullopt;
    element = source.elements[offset];
    for (size_t axis = dims.size(); axis-- > 0;) {
      offset += strides[axis];
      if (++index[axis] < dims[axis])
        break;
      offset -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return result;
}

std::optional<KnownTensor> broadcastTo(const KnownTensor &source,
                                       llvm::ArrayRef<int64_t> dims) {
  if (source.dims == dims)
    return source;
  if (dims.size() < source.dims.size())
    return std::nullopt;
  llvm::SmallVector<int64_t, 4> strides(dims.size(), 0),
      own = stridesOf(source.dims);
  size_t lead = dims.size() - source.dims.size();
  for (auto [i, dim] : llvm::enumerate(source.dims)) {
    if (dim != 1 && dim != dims[lead + i])
      return std::nullopt;
    strides[lead + i] = dim == 1 ? 0 : own[i];
  }
  return remap(source, dims, 0, strides);
}

Evaluator findEvaluator(llvm::StringRef opType) {
  for (auto find :
       {findElementwiseEvaluator, findMovementEvaluator, findIndexingEvaluator,
        findReductionEvaluator, findCreationEvaluator})
    if (Evaluator evaluator = find(opType))
      return evaluator;
  return nullptr;
}

} // namespace gnomon::shapes
