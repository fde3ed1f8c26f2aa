// SPDX-License-Identifier: Apache-2.0
// What the decisions of the TuNAS-like space are called and mean.

#ifndef GNOMON_LIB_SPACES_TUNAS_H
#define GNOMON_LIB_SPACES_TUNAS_H

#include "MobileBlocks.h"

#include <string>
#include <vector>

namespace gnomon::tunas {

struct Stage {
  int64_t stride;
  Activation activation;
  bool maySqueeze;
};
inline constexpr Stage stages[] = {{2, Activation::Relu, false},
                                   {2, Activation::Relu, true},
                                   {2, Activation::HardSwish, false},
                                   {1, Activation::HardSwish, true},
                                   {2, Activation::HardSwish, true}};
/// Blocks of a stage at most.
inline constexpr int64_t slots = 4;

/// Places with elastic channels: stem, first block, five stages, final
/// expansion, feature mix.
inline constexpr size_t places = 9;
inline constexpr size_t firstStage = 2, finalExpand = 7, featureMix = 8;

/// The channels of a place, ascending; multipliers that round to the same are
/// one.
std::vector<int64_t> channelsAt(size_t place);

std::string widthDecision(size_t place);
std::string squeezeDecision(size_t stage);
/// Channels of an option such as "c16".
int64_t channelsIn(llvm::StringRef option);

/// The supernet of one resolution: from the image to the logits.
mlir::Value emitNetwork(NetworkBuilder &network, mlir::Value image);

} // namespace gnomon::tunas

#endif // GNOMON_LIB_SPACES_TUNAS_H
