// SPDX-License-Identifier: Apache-2.0
// Sizes outer x reduced x inner, shared by reductions, softmax and
// normalization.

#ifndef GNOMON_LIB_FEATURES_REDUCTION_H
#define GNOMON_LIB_FEATURES_REDUCTION_H

#include "OpView.h"

namespace gnomon {

/// Sets the reduction features for the given axes (negative ones count from
/// the end; those outside the rank are ignored).
void fillReduction(const Tensor &tensor, llvm::ArrayRef<int64_t> axes,
                   FeatureRow &row);

/// The same for the axes from `axis` (counted from the front) to the last.
void fillTrailingReduction(const Tensor &tensor, int64_t axis, FeatureRow &row);

} // namespace gnomon

#endif // GNOMON_LIB_FEATURES_REDUCTION_H
