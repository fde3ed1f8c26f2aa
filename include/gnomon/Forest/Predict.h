// SPDX-License-Identifier: Apache-2.0
// The portable reference evaluator of forests.
#ifndef GNOMON_FOREST_PREDICT_H
#define GNOMON_FOREST_PREDICT_H

#include "gnomon/Forest/Forest.h"

namespace gnomon {

/// A view of rows of features, row major. NaN is a missing value.
struct RowBlock {
  const float *values;
  size_t rows;
  /// Floats from one row to the next, at least `Forest::numFeatures`.
  size_t stride;
};

/// Writes `rows * numMargins` sums, row major: base margin plus the leaves in
/// the order of the trees, in single precision without contraction. Equal to
/// XGBoost's `predict(output_margin=True)` bit for bit. Thread safe.
void predictMargins(const Forest &forest, RowBlock rows,
                    llvm::MutableArrayRef<float> margins);

/// Writes `rows * numOutputs` predictions, row major: margins after the link
/// of the objective, XGBoost's `predict` bit for bit. Thread safe.
void predict(const Forest &forest, RowBlock rows,
             llvm::MutableArrayRef<float> predictions);

} // namespace gnomon

#endif // GNOMON_FOREST_PREDICT_H
