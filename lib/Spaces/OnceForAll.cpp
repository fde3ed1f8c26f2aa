// SPDX-License-Identifier: Apache-2.0
// Decisions and modules of the Once-for-All family.

#include "OnceForAll.h"

#include "BlockKeys.h"
#include "BuildSpace.h"

using namespace mlir;

namespace gnomon {

//===- Decisions ----------------------------------------------------------===//

int64_t elastic::coupledExpansion(int64_t depth) {
  for (auto [known, expansion] : llvm::zip_equal(depths, expansions))
    if (known == depth)
      return expansion;
  return 0;
}

std::string elastic::depthDecision(size_t stage) {
  return "stage" + std::to_string(stage + 1) + "_depth";
}

std::string elastic::blockDecision(size_t stage, size_t block) {
  return "stage" + std::to_string(stage + 1) + "_block" + std::to_string(block);
}

int64_t elastic::digit(StringRef option, char letter) {
  size_t at = option.find(letter);
  return at + 1 < option.size() ? option[at + 1] - '0' : 0;
}

/// "k3e3" to "k7e6"; "k3" to "k7" where the depth says the expansion.
static std::vector<std::string> blockOptions(bool coupled) {
  std::vector<std::string> options;
  for (int64_t kernel : elastic::kernels) {
    std::string text = "k" + std::to_string(kernel);
    if (coupled)
      options.push_back(text);
    else
      for (int64_t expansion : elastic::expansions)
        options.push_back(text + "e" + std::to_string(expansion));
  }
  return options;
}

void OnceForAllSpace::addStage(size_t stage,
                               std::vector<SpaceDecision> &decisions) const {
  const ElasticStage &shape = recipe.stages[stage];
  std::string depth = elastic::depthDecision(stage);
  if (shape.slots > 1)
    decisions.push_back({depth, {"d2", "d3", "d4"}, "", {}});
  if (shape.kernel)
    return;
  for (int64_t block = 0; block < shape.slots; ++block) {
    SpaceDecision decision{elastic::blockDecision(stage, block),
                           blockOptions(recipe.coupled),
                           "",
                           {}};
    if (block >= elastic::depths[0]) {
      decision.parent = depth;
      for (int64_t reached = block + 1; reached <= shape.slots; ++reached)
        decision.parentOptions.push_back("d" + std::to_string(reached));
    }
    decisions.push_back(decision);
  }
}

std::vector<int64_t>
OnceForAllSpace::resolutions(const SpaceOptions &options) const {
  auto width = llvm::find(recipe.widths, options.widthMult);
  size_t index =
      width == recipe.widths.end() ? 0 : width - recipe.widths.begin();
  return resolutionsOf(options, steps(recipe.smallest[index], 224, 4));
}

std::vector<SpaceDecision>
OnceForAllSpace::decisions(const SpaceOptions &options) const {
  std::vector<SpaceDecision> decisions = {
      resolutionDecision(resolutions(options))};
  for (size_t stage = 0; stage < recipe.stages.size(); ++stage)
    addStage(stage, decisions);
  return decisions;
}

//===- Module -------------------------------------------------------------===//

namespace {

/// Emits the supernet of one resolution.
class OnceForAllNetwork {
public:
  OnceForAllNetwork(NetworkBuilder &network, const OnceForAllRecipe &recipe,
                    double width)
      : network(network), recipe(recipe), width(width) {}

  Value emit(Value image) {
    Value x = stem(image);
    for (size_t stage = 0; stage < recipe.stages.size(); ++stage) {
      NetworkBuilder::Scope scope(network, "stage" + Twine(stage + 1));
      x = emitStage(stage, x);
    }
    return recipe.isMobileNetV3 ? mobileNetV3Head(x) : proxylessHead(x);
  }

private:
  int64_t scaled(int64_t channels) const {
    return roundChannels(double(channels) * width);
  }

  Value marked(Value x, const std::string &key) {
    network.markBlock(x, key);
    return x;
  }

  Value stem(Value image) {
    Value x =
        convNorm(network, image, "stem",
                 {.channels = scaled(recipe.stem), .kernel = 3, .stride = 2},
                 recipe.edge, recipe.epsilon);
    marked(x, keys::part("Conv", image, x));
    NetworkBuilder::Scope scope(network, "first");
    InvertedResidual block{.out = scaled(recipe.first),
                           .mid = NetworkBuilder::channelsOf(x),
                           .activation = recipe.firstActivation,
                           .shortcut = recipe.isMobileNetV3,
                           .epsilon = recipe.epsilon};
    Value y = invertedResidual(network, x, block);
    return marked(y, recipe.isMobileNetV3 ? keys::mobileNetV3(x, y, block)
                                          : keys::proxyless(x, y, block));
  }

  Value emitStage(size_t stage, Value x) {
    const ElasticStage &shape = recipe.stages[stage];
    if (shape.slots == 1)
      return emitBlock(stage, 0, x, 0);
    int64_t outside = recipe.coupled ? 0 : elastic::depths[0];
    for (int64_t block = 0; block < outside; ++block)
      x = emitBlock(stage, block, x, 0);
    return network.choice(
        elastic::depthDecision(stage), x,
        [&](StringRef option, ValueRange arguments) {
          int64_t depth = elastic::digit(option, 'd');
          int64_t expansion =
              recipe.coupled ? elastic::coupledExpansion(depth) : 0;
          Value y = arguments[0];
          for (int64_t block = outside; block < depth; ++block)
            y = emitBlock(stage, block, y, expansion);
          return y;
        });
  }

  /// A block, or the choice among its shapes; `expansion` is 0 where the
  /// block's own decision says it.
  Value emitBlock(size_t stage, size_t block, Value x, int64_t expansion) {
    NetworkBuilder::Scope scope(network, "block" + Twine(block));
    if (int64_t kernel = recipe.stages[stage].kernel)
      return emitOption(stage, block, x, kernel, expansion);
    return network.choice(
        elastic::blockDecision(stage, block), x,
        [&](StringRef option, ValueRange arguments) {
          return emitOption(
              stage, block, arguments[0], elastic::digit(option, 'k'),
              expansion ? expansion : elastic::digit(option, 'e'));
        });
  }

  Value emitOption(size_t stage, size_t block, Value x, int64_t kernel,
                   int64_t expansion) {
    const ElasticStage &shape = recipe.stages[stage];
    int64_t channels = NetworkBuilder::channelsOf(x);
    InvertedResidual residual{.out = scaled(shape.width),
                              .mid =
                                  roundChannels(double(channels * expansion)),
                              .kernel = kernel,
                              .stride = block == 0 ? shape.stride : 1,
                              .activation = shape.activation,
                              .squeeze = shape.squeeze,
                              .epsilon = recipe.epsilon};
    Value y = invertedResidual(network, x, residual);
    return marked(y, recipe.isMobileNetV3 ? keys::mobileNetV3(x, y, residual)
                                          : keys::proxyless(x, y, residual));
  }

  Value classify(Value x) { return network.linear(network.flatten(x), 1000); }

  Value mobileNetV3Head(Value x) {
    Value expanded = convNorm(network, x, "final_expand",
                              {.channels = scaled(recipe.finalExpand)},
                              recipe.edge, recipe.epsilon);
    marked(expanded, keys::part("Conv_1", x, expanded));
    Value pooled = network.globalAveragePool(expanded);
    marked(pooled, keys::part("AvgPool2D", expanded, pooled));
    Value mixed = mix(pooled);
    marked(mixed, keys::part("Conv_2", pooled, mixed));
    Value logits = classify(mixed);
    return marked(logits, keys::logits(mixed, logits));
  }

  /// 1x1 convolution and activation without normalization.
  Value mix(Value x) {
    NetworkBuilder::Scope scope(network, "feature_mix");
    x = network.conv(x, {.channels = scaled(recipe.featureMix)});
    return activate(network, x, recipe.edge);
  }

  /// The tables count the pooling to the logits.
  Value proxylessHead(Value x) {
    Value mixed = convNorm(network, x, "feature_mix",
                           {.channels = scaled(recipe.featureMix)}, recipe.edge,
                           recipe.epsilon);
    marked(mixed, keys::part("Conv_1", x, mixed));
    Value logits = classify(network.globalAveragePool(mixed));
    return marked(logits, keys::logits(mixed, logits));
  }

  NetworkBuilder &network;
  const OnceForAllRecipe &recipe;
  double width;
};

} // namespace

llvm::Expected<OwningOpRef<ModuleOp>>
OnceForAllSpace::build(MLIRContext &context,
                       const SpaceOptions &options) const {
  double width = options.widthMult ? options.widthMult : recipe.widths.front();
  return buildSpace(
      context, *this, options, recipe.widths,
      [&](NetworkBuilder &network, Value image) {
        return OnceForAllNetwork(network, recipe, width).emit(image);
      });
}

} // namespace gnomon
