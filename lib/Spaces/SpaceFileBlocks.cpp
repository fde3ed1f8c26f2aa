// SPDX-License-Identifier: Apache-2.0
// The built-in blocks of spaces in files.

#include "SpaceFileTree.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;

namespace gnomon::spacefile {

static constexpr double kEpsilon = 1e-5;
static constexpr int64_t kMaxHidden = 1 << 20;

static std::string text(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

static llvm::Expected<Value> emitConv(NetworkBuilder &network,
                                      const BlockSpec &spec,
                                      const JsonView &where, Value x,
                                      const ConvShape &shape) {
  int64_t in = NetworkBuilder::channelsOf(x);
  if (in % spec.groups || shape.channels % spec.groups)
    return where.error("groups: found " + llvm::Twine(spec.groups) +
                       ", expected a divisor of the channels, " +
                       llvm::Twine(in) + " in and " +
                       llvm::Twine(shape.channels) + " out");
  x = network.conv(x, shape);
  if (spec.normalize)
    x = network.batchNorm(x, kEpsilon);
  return activate(network, x, spec.activation);
}

static llvm::Expected<Value> emitMbConv(NetworkBuilder &network,
                                        const BlockSpec &spec,
                                        const JsonView &where, Value x,
                                        int64_t channels, int64_t stride) {
  double hidden = double(NetworkBuilder::channelsOf(x)) * spec.expansion;
  if (hidden > double(kMaxHidden))
    return where.error("expansion: the block has " +
                       llvm::Twine(int64_t(std::min(hidden, 1e15))) +
                       " hidden channels, expected at most " +
                       llvm::Twine(kMaxHidden));
  return invertedResidual(network, x,
                          {.out = channels,
                           .mid = std::max<int64_t>(1, std::llround(hidden)),
                           .kernel = spec.kernel,
                           .stride = stride,
                           .activation = spec.activation,
                           .squeeze = spec.squeeze,
                           .shortcut = spec.shortcut,
                           .epsilon = kEpsilon});
}

llvm::Expected<Value> emitBlock(NetworkBuilder &network, const BlockSpec &spec,
                                const JsonView &where, Value x, bool first) {
  if (spec.kind == BlockKind::Skip)
    return x;
  auto type = dyn_cast<RankedTensorType>(x.getType());
  if (!type || type.getRank() != 4 || !type.hasStaticShape())
    return where.error("found an input of type " + text(x.getType()) +
                       ", expected four static dimensions: batch, channels, "
                       "height, width");
  int64_t stride = first ? spec.stride : 1;
  int64_t channels = spec.channels ? spec.channels : type.getDimSize(1);
  PoolShape pool{spec.kernel, stride, spec.kernel / 2};
  switch (spec.kind) {
  case BlockKind::Conv:
    return emitConv(network, spec, where, x,
                    {.channels = channels,
                     .kernel = spec.kernel,
                     .stride = stride,
                     .groups = spec.groups,
                     .bias = !spec.normalize});
  case BlockKind::MbConv:
    return emitMbConv(network, spec, where, x, channels, stride);
  case BlockKind::MaxPool:
    return network.maxPool(x, pool);
  case BlockKind::AveragePool:
    return network.averagePool(x, pool);
  case BlockKind::Classifier:
    return poolAndClassify(network, x, spec.classes);
  case BlockKind::Skip:
  case BlockKind::Onnx:
    break;
  }
  return x;
}

} // namespace gnomon::spacefile
