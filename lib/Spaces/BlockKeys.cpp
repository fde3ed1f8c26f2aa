// SPDX-License-Identifier: Apache-2.0
// Keys of blocks in public look-up tables.

#include "BlockKeys.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace gnomon::keys {

/// Height x width x channels.
static std::string size(Value x) {
  return llvm::formatv("{0}x{1}x{2}", NetworkBuilder::heightOf(x),
                       NetworkBuilder::widthOf(x),
                       NetworkBuilder::channelsOf(x));
}

std::string part(StringRef kind, Value in, Value out) {
  return llvm::formatv("{0}-input:{1}-output:{2}", kind, size(in), size(out));
}

std::string logits(Value in, Value out) {
  return llvm::formatv("Logits-input:{0}-output:{1}", size(in),
                       NetworkBuilder::channelsOf(out));
}

static std::string residual(Value in, Value out, int64_t expand,
                            const InvertedResidual &block) {
  return llvm::formatv("{0}-expand:{1}-kernel:{2}-stride:{3}-idskip:{4}",
                       part("expanded_conv", in, out), expand, block.kernel,
                       block.stride, int(hasShortcut(in, block)));
}

std::string mobileNetV3(Value in, Value out, const InvertedResidual &block) {
  return llvm::formatv("{0}-se:{1}-hs:{2}", residual(in, out, block.mid, block),
                       int(block.squeeze),
                       int(block.activation == Activation::HardSwish));
}

std::string proxyless(Value in, Value out, const InvertedResidual &block) {
  int64_t channels = NetworkBuilder::channelsOf(in);
  int64_t ratio = (block.mid + channels / 2) / channels;
  return residual(in, out, ratio, block);
}

std::string fbnetConv(Value in, const ConvShape &shape) {
  return llvm::formatv(
      "ConvNorm_H{0}_W{1}_Cin{2}_Cout{3}_kernel{4}_stride{5}_group{6}",
      NetworkBuilder::heightOf(in), NetworkBuilder::widthOf(in),
      NetworkBuilder::channelsOf(in), shape.channels, shape.kernel,
      shape.stride, shape.groups);
}

std::string fbnetBlock(Value in, const InvertedResidual &block) {
  int64_t channels = NetworkBuilder::channelsOf(in);
  return llvm::formatv(
      "ConvBlock_H{0}_W{1}_Cin{2}_Cout{3}_exp{4}_kernel{5}_stride{6}_group{7}",
      NetworkBuilder::heightOf(in), NetworkBuilder::widthOf(in), channels,
      block.out, block.mid / channels, block.kernel, block.stride,
      block.groups);
}

std::string fbnetSkip(Value in, int64_t channels, int64_t stride) {
  return llvm::formatv("Skip_H{0}_W{1}_Cin{2}_Cout{3}_stride{4}",
                       NetworkBuilder::heightOf(in),
                       NetworkBuilder::widthOf(in),
                       NetworkBuilder::channelsOf(in), channels, stride);
}

std::string fbnetPool(Value in) {
  int64_t height = NetworkBuilder::heightOf(in);
  return llvm::formatv("AvgP_H{0}_W{1}_Cin{2}_Cout{2}_kernel{0}_stride1",
                       height, NetworkBuilder::widthOf(in),
                       NetworkBuilder::channelsOf(in));
}

std::string fbnetLinear(Value in, int64_t classes) {
  return llvm::formatv("FC_Cin{0}_Cout{1}", NetworkBuilder::channelsOf(in),
                       classes);
}

} // namespace gnomon::keys
