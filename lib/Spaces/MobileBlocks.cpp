// SPDX-License-Identifier: Apache-2.0
// Blocks of mobile networks: inverted residuals, heads, widths.

#include "MobileBlocks.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace gnomon {

int64_t roundChannels(double channels) {
  int64_t rounded = std::max<int64_t>(8, int64_t(channels + 4) / 8 * 8);
  return double(rounded) < 0.9 * channels ? rounded + 8 : rounded;
}

int64_t squeezedChannels(int64_t channels) {
  int64_t quarter = channels / 4;
  return roundChannels(double(quarter));
}

Value activate(NetworkBuilder &network, Value x, Activation activation) {
  switch (activation) {
  case Activation::None:
    return x;
  case Activation::Relu:
    return network.relu(x, "act");
  case Activation::Relu6:
    return network.relu6(x, "act");
  case Activation::HardSwish:
    return network.hardSwish(x, "act");
  }
}

Value convNorm(NetworkBuilder &network, Value x, StringRef name,
               const ConvShape &shape, Activation activation, double epsilon) {
  NetworkBuilder::Scope scope(network, name);
  x = network.batchNorm(network.conv(x, shape), epsilon);
  return activate(network, x, activation);
}

bool hasShortcut(Value x, const InvertedResidual &block) {
  return block.shortcut && block.stride == 1 &&
         NetworkBuilder::channelsOf(x) == block.out;
}

Value expandAndFilter(NetworkBuilder &network, Value x,
                      const InvertedResidual &block) {
  if (block.alwaysExpand || NetworkBuilder::channelsOf(x) != block.mid)
    x = convNorm(network, x, "expand",
                 {.channels = block.mid, .groups = block.groups},
                 block.activation, block.epsilon);
  if (block.groups > 1)
    x = network.channelShuffle(x, block.groups);
  x = convNorm(network, x, "depth",
               {.channels = block.mid,
                .kernel = block.kernel,
                .stride = block.stride,
                .groups = block.mid},
               block.activation, block.epsilon);
  if (block.squeeze)
    x = network.squeezeExcite(x, squeezedChannels(block.mid));
  return x;
}

Value project(NetworkBuilder &network, Value filtered, Value x,
              const InvertedResidual &block) {
  Value y = convNorm(network, filtered, "project",
                     {.channels = block.out, .groups = block.groups},
                     Activation::None, block.epsilon);
  return hasShortcut(x, block) ? network.add(y, x) : y;
}

Value invertedResidual(NetworkBuilder &network, Value x,
                       const InvertedResidual &block) {
  return project(network, expandAndFilter(network, x, block), x, block);
}

Value poolAndClassify(NetworkBuilder &network, Value x, int64_t classes) {
  return network.linear(network.flatten(network.globalAveragePool(x)), classes);
}

} // namespace gnomon
