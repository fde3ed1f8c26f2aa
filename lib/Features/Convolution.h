// SPDX-License-Identifier: Apache-2.0
// Features of images and windows, shared by convolution, pooling and resizing.

#ifndef GNOMON_LIB_FEATURES_CONVOLUTION_H
#define GNOMON_LIB_FEATURES_CONVOLUTION_H

#include "OpView.h"

namespace gnomon {

/// Batch, channels and spatial sizes of (batch, channels, spatial...) tensors.
void fillImages(const Tensor &in, const Tensor &out, FeatureRow &row);

/// Kernel, strides, dilations and padding (attributes strides, dilations,
/// pads, auto_pad) of a window with the given sizes; returns its area.
double fillWindow(const OpView &view, const Tensor &in, const Tensor &out,
                  const llvm::SmallVectorImpl<double> &kernel, FeatureRow &row);

} // namespace gnomon

#endif // GNOMON_LIB_FEATURES_CONVOLUTION_H
