// SPDX-License-Identifier: Apache-2.0
// Keys of blocks in public look-up tables.

#ifndef GNOMON_LIB_SPACES_BLOCKKEYS_H
#define GNOMON_LIB_SPACES_BLOCKKEYS_H

#include "MobileBlocks.h"

#include <string>

namespace gnomon::keys {

/// Once-for-All's tables, "Conv_1-input:7x7x160-output:7x7x960"; `kind` is
/// Conv, Conv_1, Conv_2 or AvgPool2D.
std::string part(llvm::StringRef kind, mlir::Value in, mlir::Value out);
/// "Logits-input:1x1x1280-output:1000".
std::string logits(mlir::Value in, mlir::Value out);
/// An inverted residual of MobileNetV3: mid channels, squeeze, hard swish.
std::string mobileNetV3(mlir::Value in, mlir::Value out,
                        const InvertedResidual &block);
/// The same of ProxylessNAS: the ratio of expansion, no more.
std::string proxyless(mlir::Value in, mlir::Value out,
                      const InvertedResidual &block);

/// HW-NAS-Bench's FBNet tables: "ConvNorm_H224_W224_Cin3_Cout16_kernel3_...".
std::string fbnetConv(mlir::Value in, const ConvShape &shape);
std::string fbnetBlock(mlir::Value in, const InvertedResidual &block);
std::string fbnetSkip(mlir::Value in, int64_t channels, int64_t stride);
std::string fbnetPool(mlir::Value in);
std::string fbnetLinear(mlir::Value in, int64_t classes);

} // namespace gnomon::keys

#endif // GNOMON_LIB_SPACES_BLOCKKEYS_H
