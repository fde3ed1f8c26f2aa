// SPDX-License-Identifier: Apache-2.0
// From kernels' features to an accelerator's layers.

#include "gnomon/Accelerator/Layers.h"

using namespace gnomon;

/// A feature as a size; one that does not apply is 1.
static int64_t size(const FeatureRow &row, Feature feature) {
  return row.has(feature) ? int64_t(row.get(feature)) : 1;
}

static AcceleratorLayer convolution(const FeatureRow &row) {
  return {"",
          size(row, Feature::groups),
          size(row, Feature::group_channels_in),
          size(row, Feature::group_channels_out),
          size(row, Feature::out_h),
          size(row, Feature::out_w),
          size(row, Feature::in_h),
          size(row, Feature::in_w),
          size(row, Feature::kernel_h),
          size(row, Feature::kernel_w),
          size(row, Feature::batch)};
}

/// Rows are pixels, and columns channels.
static AcceleratorLayer product(const FeatureRow &row) {
  int64_t rows = size(row, Feature::gemm_m);
  return {"",
          1,
          size(row, Feature::gemm_k),
          size(row, Feature::gemm_n),
          rows,
          1,
          rows,
          1,
          1,
          1,
          size(row, Feature::gemm_batch)};
}

std::optional<AcceleratorLayer> gnomon::layerOf(const FeatureRow &row) {
  switch (row.kind) {
  case KernelKind::conv:
  case KernelKind::conv_pointwise:
  case KernelKind::conv_depthwise:
  case KernelKind::conv_grouped:
    if (row.has(Feature::out_d))
      return std::nullopt;
    return convolution(row);
  case KernelKind::gemm:
  case KernelKind::matmul:
    return product(row);
  default:
    return std::nullopt;
  }
}
