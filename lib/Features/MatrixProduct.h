// SPDX-License-Identifier: Apache-2.0
// What matrix products and convolutions have in common.

#ifndef GNOMON_LIB_FEATURES_MATRIXPRODUCT_H
#define GNOMON_LIB_FEATURES_MATRIXPRODUCT_H

#include "OpView.h"

namespace gnomon {

/// The product m x k times k x n, `batch` times. Of a convolution: what one
/// group of one image stands for.
struct Product {
  double m, n, k, batch;
};

/// Sets the gemm features, macs and flops.
void fillProduct(const Product &product, FeatureRow &row);

} // namespace gnomon

#endif // GNOMON_LIB_FEATURES_MATRIXPRODUCT_H
