// SPDX-License-Identifier: Apache-2.0
// Permutations of dimensions: entry i says which dimension becomes the i-th.

#ifndef GNOMON_LIB_ANALYSIS_PERMUTATION_H
#define GNOMON_LIB_ANALYSIS_PERMUTATION_H

#include "KernelGraph.h"

namespace gnomon::kernels {

Integers inverse(llvm::ArrayRef<int64_t> perm);

/// What transposing by `first` and then by `second` does.
Integers composed(llvm::ArrayRef<int64_t> first,
                  llvm::ArrayRef<int64_t> second);

bool isIdentity(llvm::ArrayRef<int64_t> perm);

mlir::RankedTensorType transposed(mlir::RankedTensorType type,
                                  llvm::ArrayRef<int64_t> perm);

/// `perm` without the dimensions `dropped` of its operand.
Integers withoutAxes(llvm::ArrayRef<int64_t> perm,
                     llvm::ArrayRef<int64_t> dropped);

/// `perm` with further dimensions that stay where they are.
Integers withAxes(llvm::ArrayRef<int64_t> perm, llvm::ArrayRef<int64_t> added);

} // namespace gnomon::kernels

#endif // GNOMON_LIB_ANALYSIS_PERMUTATION_H
