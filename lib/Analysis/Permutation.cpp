// SPDX-License-Identifier: Apache-2.0
// Permutations of dimensions.

#include "Permutation.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"

using namespace gnomon;
using namespace gnomon::kernels;

Integers kernels::inverse(llvm::ArrayRef<int64_t> perm) {
  Integers result(perm.size());
  for (auto [i, axis] : llvm::enumerate(perm))
    result[axis] = i;
  return result;
}

Integers kernels::composed(llvm::ArrayRef<int64_t> first,
                           llvm::ArrayRef<int64_t> second) {
  Integers result;
  for (int64_t axis : second)
    result.push_back(first[axis]);
  return result;
}

bool kernels::isIdentity(llvm::ArrayRef<int64_t> perm) {
  return llvm::equal(perm, llvm::seq<int64_t>(0, perm.size()));
}

mlir::RankedTensorType kernels::transposed(mlir::RankedTensorType type,
                                           llvm::ArrayRef<int64_t> perm) {
  llvm::SmallVector<int64_t> shape;
  for (int64_t axis : perm)
    shape.push_back(type.getDimSize(axis));
  return mlir::RankedTensorType::get(shape, type.getElementType());
}

Integers kernels::withoutAxes(llvm::ArrayRef<int64_t> perm,
                              llvm::ArrayRef<int64_t> dropped) {
  Integers result;
  for (int64_t axis : perm)
    if (!llvm::is_contained(dropped, axis))
      result.push_back(axis - llvm::count_if(dropped, [&](int64_t other) {
                         return other < axis;
                       }));
  return result;
}

Integers kernels::withAxes(llvm::ArrayRef<int64_t> perm,
                           llvm::ArrayRef<int64_t> added) {
  int64_t rank = perm.size() + added.size();
  Integers kept, result;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!llvm::is_contained(added, axis))
      kept.push_back(axis);
  size_t next = 0;
  for (int64_t axis = 0; axis < rank; ++axis)
    result.push_back(llvm::is_contained(added, axis) ? axis
                                                     : kept[perm[next++]]);
  return result;
}
