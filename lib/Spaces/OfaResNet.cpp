// SPDX-License-Identifier: Apache-2.0
// Decisions and the module of Once-for-All ResNet50D.

#include "OfaResNet.h"

#include "BuildSpace.h"
#include "MobileBlocks.h"
#include "Registry.h"

#include <cmath>

using namespace mlir;

namespace gnomon {

const Space &ofaResNet50dSpace() {
  static const OfaResNetSpace space;
  return space;
}

StringRef OfaResNetSpace::description() const {
  return "Once-for-All ResNet50D: elastic depth, width and expansion of "
         "bottlenecks in four stages";
}

//===- Decisions ----------------------------------------------------------===//

namespace resnet {

static constexpr double multipliers[] = {0.65, 0.8, 1.0};

/// Multipliers that round to the same channels are one option, named after the
/// smallest.
static Width makeWidth(const std::string &decision,
                       llvm::function_ref<int64_t(double)> channels) {
  Width width{decision, {}, {}};
  for (double multiplier : multipliers) {
    int64_t count = channels(multiplier);
    if (llvm::is_contained(width.channels, count))
      continue;
    width.options.push_back("w" +
                            std::to_string(std::lround(multiplier * 100)));
    width.channels.push_back(count);
  }
  return width;
}

const std::vector<Width> &widths() {
  static const std::vector<Width> all = [] {
    auto stem = [](double multiplier) {
      return roundChannels(64 * multiplier);
    };
    std::vector<Width> widths = {makeWidth("stem_mid_width",
                                           [&](double multiplier) {
                                             return roundChannels(
                                                 double(stem(multiplier) / 2));
                                           }),
                                 makeWidth("stem_width", stem)};
    for (size_t stage = 0; stage < std::size(stages); ++stage)
      widths.push_back(makeWidth("stage" + std::to_string(stage + 1) + "_width",
                                 [&](double multiplier) {
                                   return roundChannels(double(256 << stage) *
                                                        multiplier);
                                 }));
    return widths;
  }();
  return all;
}

std::string depthDecision(size_t stage) {
  return "stage" + std::to_string(stage + 1) + "_depth";
}

std::string expansionDecision(size_t stage, int64_t block) {
  return "stage" + std::to_string(stage + 1) + "_block" + std::to_string(block);
}

} // namespace resnet

static void addStage(size_t stage, std::vector<SpaceDecision> &decisions) {
  const resnet::Width &width = resnet::widths()[2 + stage];
  decisions.push_back({width.decision, width.options, "", {}});
  std::string depth = resnet::depthDecision(stage);
  decisions.push_back({depth, {"d0", "d1", "d2"}, "", {}});
  int64_t base = resnet::stages[stage].base;
  for (int64_t block = 0; block < base + resnet::kExtraBlocks; ++block) {
    SpaceDecision decision{resnet::expansionDecision(stage, block), {}, "", {}};
    for (const resnet::Expansion &expansion : resnet::expansions)
      decision.options.push_back(expansion.option.str());
    if (block >= base)
      decision.parent = depth;
    for (int64_t extra = block - base + 1;
         block >= base && extra <= resnet::kExtraBlocks; ++extra)
      decision.parentOptions.push_back("d" + std::to_string(extra));
    decisions.push_back(decision);
  }
}

std::vector<SpaceDecision>
OfaResNetSpace::decisions(const SpaceOptions &options) const {
  std::vector<SpaceDecision> decisions = {
      resolutionDecision(resolutionsOf(options, steps(128, 224, 16))),
      {resnet::kStemDecision.str(), {"d0", "d2"}, "", {}}};
  for (const resnet::Width &width :
       llvm::ArrayRef(resnet::widths()).take_front(2))
    decisions.push_back({width.decision, width.options, "", {}});
  for (size_t stage = 0; stage < std::size(resnet::stages); ++stage)
    addStage(stage, decisions);
  return decisions;
}

//===- Module -------------------------------------------------------------===//

namespace {

/// Emits the supernet of one resolution.
class ResNetNetwork {
public:
  ResNetNetwork(NetworkBuilder &network, int64_t classes)
      : network(network), classes(classes) {}

  Value emit(Value image) {
    Value x = stem(image);
    for (size_t stage = 0; stage < std::size(resnet::stages); ++stage) {
      NetworkBuilder::Scope scope(network, "stage" + Twine(stage + 1));
      x = emitStage(stage, x);
    }
    return whereWidth(5, x, [&](Value y, int64_t) {
      return poolAndClassify(network, y, classes);
    });
  }

private:
  static constexpr double epsilon = 1e-5;
  static constexpr Activation relu = Activation::Relu;
  /// Gets the value with its exact type and the channels of the option.
  using WidthBody = llvm::function_ref<Value(Value, int64_t)>;

  Value chooseWidth(size_t index, Value x, bool isWidthOfX, WidthBody body) {
    const resnet::Width &width = resnet::widths()[index];
    auto channels = [&](StringRef option) {
      return width
          .channels[llvm::find(width.options, option) - width.options.begin()];
    };
    return network.choice(
        width.decision, x,
        [&](StringRef option, ValueRange in) {
          return body(in[0], channels(option));
        },
        [&](StringRef option) {
          SmallVector<int64_t> shape(NetworkBuilder::shapeOf(x));
          if (isWidthOfX)
            shape[1] = channels(option);
          return SmallVector<Type>{network.tensor(shape)};
        });
  }

  /// Asks for the width that `x` has.
  Value whereWidth(size_t index, Value x, WidthBody body) {
    return chooseWidth(index, x, true, body);
  }

  /// Asks for the width that the result is to have.
  Value withWidth(size_t index, Value x, WidthBody body) {
    return chooseWidth(index, x, false, body);
  }

  Value stem(Value image) {
    NetworkBuilder::Scope scope(network, "stem");
    Value x = withWidth(0, image, [&](Value y, int64_t channels) {
      return convNorm(network, y, "conv1",
                      {.channels = channels, .kernel = 3, .stride = 2}, relu,
                      epsilon);
    });
    x = network.choice(
        resnet::kStemDecision, x, [&](StringRef option, ValueRange in) {
          return option == "d2" ? stemResidual(in[0]) : Value(in[0]);
        });
    return whereWidth(0, x, [&](Value y, int64_t) {
      return withWidth(1, y, [&](Value z, int64_t channels) {
        z = convNorm(network, z, "conv2", {.channels = channels, .kernel = 3},
                     relu, epsilon);
        return network.maxPool(z, {.kernel = 3, .stride = 2, .padding = 1});
      });
    });
  }

  Value stemResidual(Value x) {
    return whereWidth(0, x, [&](Value y, int64_t channels) {
      NetworkBuilder::Scope scope(network, "residual");
      Value z = convNorm(network, y, "conv",
                         {.channels = channels, .kernel = 3}, relu, epsilon);
      return network.add(z, y);
    });
  }

  Value emitStage(size_t stage, Value x) {
    int64_t base = resnet::stages[stage].base;
    for (int64_t block = 0; block < base; ++block)
      x = emitBlock(stage, block, x);
    return network.choice(
        resnet::depthDecision(stage), x, [&](StringRef option, ValueRange in) {
          Value y = in[0];
          for (int64_t extra = 0; extra < option[1] - '0'; ++extra)
            y = emitBlock(stage, base + extra, y);
          return y;
        });
  }

  Value emitBlock(size_t stage, int64_t block, Value x) {
    NetworkBuilder::Scope scope(network, "block" + Twine(block));
    size_t before = block == 0 ? 1 + stage : 2 + stage;
    return whereWidth(before, x, [&](Value y, int64_t channels) {
      if (block > 0)
        return expand(stage, block, y, channels);
      return withWidth(2 + stage, y, [&](Value z, int64_t out) {
        return expand(stage, block, z, out);
      });
    });
  }

  Value expand(size_t stage, int64_t block, Value x, int64_t out) {
    return network.choice(
        resnet::expansionDecision(stage, block), x,
        [&](StringRef option, ValueRange in) {
          double ratio = 0;
          for (const resnet::Expansion &expansion : resnet::expansions)
            if (expansion.option == option)
              ratio = expansion.ratio;
          int64_t mid = roundChannels(std::nearbyint(double(out) * ratio));
          bool isFirst = block == 0;
          return bottleneck(in[0], mid, out,
                            isFirst ? resnet::stages[stage].stride : 1,
                            isFirst);
        });
  }

  /// The shortcut of a stage's first block averages and projects.
  Value bottleneck(Value x, int64_t mid, int64_t out, int64_t stride,
                   bool hasProjection) {
    Value y = convNorm(network, x, "conv1", {.channels = mid}, relu, epsilon);
    y = convNorm(network, y, "conv2",
                 {.channels = mid, .kernel = 3, .stride = stride}, relu,
                 epsilon);
    y = convNorm(network, y, "conv3", {.channels = out}, Activation::None,
                 epsilon);
    if (hasProjection) {
      NetworkBuilder::Scope scope(network, "downsample");
      x = network.averagePool(
          x, {.kernel = stride, .stride = stride, .ceil = true});
      x = convNorm(network, x, "project", {.channels = out}, Activation::None,
                   epsilon);
    }
    return network.relu(network.add(y, x));
  }

  NetworkBuilder &network;
  int64_t classes;
};

} // namespace

llvm::Expected<OwningOpRef<ModuleOp>>
OfaResNetSpace::build(MLIRContext &context, const SpaceOptions &options) const {
  return buildSpace(context, *this, options, {1.0},
                    [&](NetworkBuilder &network, Value image) {
                      int64_t classes =
                          options.classes ? options.classes : 1000;
                      return ResNetNetwork(network, classes).emit(image);
                    });
}

} // namespace gnomon
