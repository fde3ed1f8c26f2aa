// SPDX-License-Identifier: Apache-2.0
// From kernels' features to an accelerator's layers.

#ifndef GNOMON_ACCELERATOR_LAYERS_H
#define GNOMON_ACCELERATOR_LAYERS_H

#include "gnomon/Accelerator/Engine.h"
#include "gnomon/Features/FeatureRow.h"

namespace gnomon {

/// The convolution of an image or matrix product that a kernel computes, for
/// one run of it; none: no engine does such kernels. A batch runs one image
/// after the other; sizes that are not known count as 1.
std::optional<AcceleratorLayer> layerOf(const FeatureRow &row);

} // namespace gnomon

#endif // GNOMON_ACCELERATOR_LAYERS_H
