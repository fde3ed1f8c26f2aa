// SPDX-License-Identifier: Apache-2.0
// The supernet of the TuNAS-like space.

#include "OnceForAll.h"
#include "TuNas.h"

using namespace mlir;

namespace gnomon::tunas {

namespace {

constexpr double epsilon = 1e-3;

/// Emits the supernet of one resolution.
class TuNasNetwork {
public:
  explicit TuNasNetwork(NetworkBuilder &network) : network(network) {}

  Value emit(Value image) {
    Value x = emitFirst(emitStem(image));
    for (size_t stage = 0; stage < std::size(stages); ++stage) {
      NetworkBuilder::Scope scope(network, "stage" + Twine(stage + 1));
      x = emitLaterBlocks(stage, emitFirstBlock(stage, x));
    }
    return emitHead(x);
  }

private:
  /// A choice of channels: regions know the operand's by their option.
  Value withChannels(size_t index, ValueRange operands,
                     NetworkBuilder::OptionBody body) {
    return network.choice(
        widthDecision(index), operands, body, [&](StringRef option) {
          SmallVector<int64_t> shape(NetworkBuilder::shapeOf(operands[0]));
          shape[1] = channelsIn(option);
          return SmallVector<Type>{network.tensor(shape)};
        });
  }

  /// A choice of the channels a part makes from operands that are known.
  Value makingChannels(size_t index, ValueRange operands,
                       NetworkBuilder::OptionBody body) {
    return network.choice(widthDecision(index), operands, body);
  }

  Value emitStem(Value image) {
    return makingChannels(0, image, [&](StringRef option, ValueRange in) {
      return convNorm(
          network, in[0], "stem",
          {.channels = channelsIn(option), .kernel = 3, .stride = 2},
          Activation::HardSwish, epsilon);
    });
  }

  Value emitFirst(Value x) {
    NetworkBuilder::Scope scope(network, "first");
    return withChannels(0, x, [&](StringRef had, ValueRange in) {
      InvertedResidual block{.mid = channelsIn(had), .epsilon = epsilon};
      Value filtered = expandAndFilter(network, in[0], block);
      return emitProjection(1, filtered, in[0], block);
    });
  }

  Value emitProjection(size_t index, Value filtered, Value x,
                       const InvertedResidual &block) {
    return makingChannels(index, {filtered, x},
                          [&](StringRef option, ValueRange in) {
                            InvertedResidual exact = block;
                            exact.out = channelsIn(option);
                            return project(network, in[0], in[1], exact);
                          });
  }

  /// From the previous stage's channels to this one's.
  Value emitFirstBlock(size_t stage, Value x) {
    NetworkBuilder::Scope scope(network, "block0");
    size_t own = firstStage + stage;
    return withChannels(own - 1, x, [&](StringRef, ValueRange in) {
      return network.choice(
          elastic::blockDecision(stage, 0), in,
          [&](StringRef option, ValueRange inner) {
            InvertedResidual block =
                shapeOf(stage, inner[0], option, stages[stage].stride);
            return emitProjection(own, emitFilter(stage, inner[0], block),
                                  inner[0], block);
          });
    });
  }

  Value emitLaterBlocks(size_t stage, Value x) {
    return withChannels(firstStage + stage, x, [&](StringRef, ValueRange in) {
      return network.choice(elastic::depthDecision(stage), in,
                            [&](StringRef option, ValueRange inner) {
                              Value y = inner[0];
                              int64_t depth = elastic::digit(option, 'd');
                              for (int64_t block = 1; block < depth; ++block)
                                y = emitBlock(stage, block, y);
                              return y;
                            });
    });
  }

  Value emitBlock(size_t stage, size_t index, Value x) {
    NetworkBuilder::Scope scope(network, "block" + Twine(index));
    return network.choice(
        elastic::blockDecision(stage, index), x,
        [&](StringRef option, ValueRange in) {
          InvertedResidual block = shapeOf(stage, in[0], option, 1);
          block.out = NetworkBuilder::channelsOf(in[0]);
          return project(network, emitFilter(stage, in[0], block), in[0],
                         block);
        });
  }

  InvertedResidual shapeOf(size_t stage, Value x, StringRef option,
                           int64_t stride) {
    int64_t channels = NetworkBuilder::channelsOf(x);
    return {.mid = channels * elastic::digit(option, 'e'),
            .kernel = elastic::digit(option, 'k'),
            .stride = stride,
            .activation = stages[stage].activation,
            .epsilon = epsilon};
  }

  /// What a block does before the projection.
  Value emitFilter(size_t stage, Value x, const InvertedResidual &block) {
    Value filtered = expandAndFilter(network, x, block);
    if (!stages[stage].maySqueeze)
      return filtered;
    return network.choice(squeezeDecision(stage), filtered,
                          [&](StringRef option, ValueRange in) -> Value {
                            if (option == "off")
                              return in[0];
                            return network.squeezeExcite(
                                in[0], squeezedChannels(block.mid));
                          });
  }

  Value emitHead(Value x) {
    x = withChannels(finalExpand - 1, x, [&](StringRef, ValueRange in) {
      return makingChannels(
          finalExpand, in, [&](StringRef option, ValueRange inner) {
            Value y = convNorm(network, inner[0], "final_expand",
                               {.channels = channelsIn(option)},
                               Activation::HardSwish, epsilon);
            return network.globalAveragePool(y);
          });
    });
    x = withChannels(finalExpand, x, [&](StringRef, ValueRange in) {
      return makingChannels(
          featureMix, in, [&](StringRef option, ValueRange inner) {
            NetworkBuilder::Scope scope(network, "feature_mix");
            Value y = network.conv(inner[0], {.channels = channelsIn(option)});
            return activate(network, y, Activation::HardSwish);
          });
    });
    return withChannels(featureMix, x, [&](StringRef, ValueRange in) {
      return network.linear(network.flatten(in[0]), 1000);
    });
  }

  NetworkBuilder &network;
};

} // namespace

Value emitNetwork(NetworkBuilder &network, Value image) {
  return TuNasNetwork(network).emit(image);
}

} // namespace gnomon::tunas
