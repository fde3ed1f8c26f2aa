// SPDX-License-Identifier: Apache-2.0
// Blocks of mobile networks: inverted residuals, heads, widths.

#ifndef GNOMON_LIB_SPACES_MOBILEBLOCKS_H
#define GNOMON_LIB_SPACES_MOBILEBLOCKS_H

#include "NetworkBuilder.h"

namespace gnomon {

enum class Activation { None, Relu, Relu6, HardSwish };

/// A multiple of 8 near `channels`, at least 8 and not under nine tenths of it.
int64_t roundChannels(double channels);

/// Channels within squeeze and excitation of `channels`.
int64_t squeezedChannels(int64_t channels);

mlir::Value activate(NetworkBuilder &network, mlir::Value x,
                     Activation activation);

/// Convolution, batch normalization, activation, in a scope of their own.
mlir::Value convNorm(NetworkBuilder &network, mlir::Value x,
                     llvm::StringRef name, const ConvShape &shape,
                     Activation activation, double epsilon);

/// Expand by 1x1, depthwise convolution, project by 1x1; each with batch
/// normalization, the first two with an activation.
struct InvertedResidual {
  int64_t out = 0;
  int64_t mid = 0; ///< equal to the input's channels: there is no expansion ...
  int64_t kernel = 3;
  int64_t stride = 1;
  Activation activation = Activation::Relu;
  bool squeeze = false;      ///< squeeze and excitation after the depthwise one
  bool shortcut = true;      ///< where stride and channels allow it
  bool alwaysExpand = false; ///< ... unless this is set
  int64_t groups = 1;        ///< of both 1x1; above 1 channels are shuffled
  double epsilon = 1e-5;
};

/// Whether input and result are added.
bool hasShortcut(mlir::Value x, const InvertedResidual &block);

mlir::Value invertedResidual(NetworkBuilder &network, mlir::Value x,
                             const InvertedResidual &block);
/// Its first part (until the projection) and its second.
mlir::Value expandAndFilter(NetworkBuilder &network, mlir::Value x,
                            const InvertedResidual &block);
mlir::Value project(NetworkBuilder &network, mlir::Value filtered,
                    mlir::Value x, const InvertedResidual &block);

/// Global average pool and linear layer.
mlir::Value poolAndClassify(NetworkBuilder &network, mlir::Value x,
                            int64_t classes);

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_MOBILEBLOCKS_H
