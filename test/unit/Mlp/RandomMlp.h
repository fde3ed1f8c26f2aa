// SPDX-License-Identifier: Apache-2.0
// Networks and rows drawn from a seed.
#ifndef GNOMON_TEST_UNIT_MLP_RANDOMMLP_H
#define GNOMON_TEST_UNIT_MLP_RANDOMMLP_H

#include "gnomon/Mlp/Mlp.h"

namespace gnomon {

/// Layers of the given widths, inputs first, with a ReLU between them.
std::vector<DenseLayer> randomLayers(llvm::ArrayRef<uint32_t> widths,
                                     unsigned seed);

Mlp randomMlp(llvm::ArrayRef<uint32_t> widths, unsigned seed);

/// Rows of which a share is zero (of either sign); the rest in [-1, 1], a few
/// of them too small to be normal numbers.
std::vector<float> randomRows(size_t rows, size_t inputs, double zeros,
                              unsigned seed);

} // namespace gnomon

#endif // GNOMON_TEST_UNIT_MLP_RANDOMMLP_H
