// SPDX-License-Identifier: Apache-2.0
// How long a GPU takes for a matrix product that it works off in tiles.

#ifndef GNOMON_COST_TILEDPRODUCT_H
#define GNOMON_COST_TILEDPRODUCT_H

#include "gnomon/Device/DeviceSpec.h"
#include "gnomon/Features/FeatureRow.h"

namespace gnomon {

/// `batch` products of m x k with k x n.
struct ProductSize {
  double batch, m, n, k;

  /// That of a kernel; NaN where it has none. A convolution has the output
  /// pixels of the whole batch as rows and a product a group.
  static ProductSize of(const FeatureRow &row);
};

/// Microseconds by a model of tiles: each multiprocessor computes whole tiles
/// of the result, one after another, at a share of its peak that grows with the
/// tile; the best of a few tile sizes counts, for a product also with its sums
/// split, for 3 x 3 convolutions also by Winograd's algorithm (Lavin and Gray,
/// arXiv 1509.09308). Never below the traffic at 70 % of the bandwidth. NaN for
/// kernels without a product, and where multiprocessors are not known.
double tiledUs(const FeatureRow &row, const DeviceSpec &device);

} // namespace gnomon

#endif // GNOMON_COST_TILEDPRODUCT_H
