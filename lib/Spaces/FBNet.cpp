// SPDX-License-Identifier: Apache-2.0
// The search space of FBNet (arXiv 1812.03443) with the sizes HW-NAS-Bench has.

#include "BlockKeys.h"
#include "Layerwise.h"
#include "Registry.h"

using namespace mlir;

namespace gnomon {

namespace {

struct FBNetRecipe {
  StringRef name, description;
  int64_t head, classes, resolution;
  bool isSmallImage = false; ///< 32x32: two strides less
};

/// A block by the index that tables hold.
struct Candidate {
  StringRef name;
  int64_t kernel, expansion, groups;
};

constexpr int64_t stemChannels = 16;
constexpr Candidate blocks[] = {{"k3_e1", 3, 1, 1}, {"k3_e1_g2", 3, 1, 2},
                                {"k3_e3", 3, 3, 1}, {"k3_e6", 3, 6, 1},
                                {"k5_e1", 5, 1, 1}, {"k5_e1_g2", 5, 1, 2},
                                {"k5_e3", 5, 3, 1}, {"k5_e6", 5, 6, 1}};

std::vector<LayerShape> fbnetLayers(bool isSmallImage) {
  constexpr int64_t widths[] = {16, 24, 32, 64, 112, 184, 352};
  constexpr int64_t repeats[] = {1, 4, 4, 4, 4, 4, 1};
  constexpr int64_t strides[] = {1, 2, 2, 2, 1, 2, 1};
  constexpr int64_t smallStrides[] = {1, 1, 2, 2, 1, 2, 1};
  return layersOf(stemChannels, widths, repeats,
                  isSmallImage ? smallStrides : strides);
}

class FBNetSpace : public LayerwiseSpace {
public:
  explicit FBNetSpace(FBNetRecipe recipe)
      : LayerwiseSpace(fbnetLayers(recipe.isSmallImage), recipe.resolution),
        recipe(recipe) {}

  StringRef name() const override { return recipe.name; }
  StringRef description() const override { return recipe.description; }

protected:
  bool saysIndices() const override { return true; }

  std::vector<std::string> candidates(const LayerShape &) const override {
    std::vector<std::string> names;
    for (const Candidate &block : blocks)
      names.push_back(block.name.str());
    names.push_back("skip");
    return names;
  }

  Value emitStem(NetworkBuilder &network, Value image) const override {
    return emitConv(network, image, "stem",
                    {.channels = stemChannels,
                     .kernel = 3,
                     .stride = recipe.isSmallImage ? 1 : 2});
  }

  Value emitCandidate(NetworkBuilder &network, Value x, const LayerShape &layer,
                      StringRef candidate) const override {
    for (const Candidate &block : blocks)
      if (block.name == candidate)
        return emitBlock(network, x, layer, block);
    return emitSkip(network, x, layer);
  }

  Value emitHead(NetworkBuilder &network, Value x) const override {
    x = emitConv(network, x, "head", {.channels = recipe.head});
    Value pooled = network.globalAveragePool(x);
    network.markBlock(pooled, keys::fbnetPool(x));
    Value logits = network.linear(network.flatten(pooled), recipe.classes);
    network.markBlock(logits, keys::fbnetLinear(pooled, recipe.classes));
    return logits;
  }

private:
  static Value emitConv(NetworkBuilder &network, Value x, StringRef name,
                        const ConvShape &shape) {
    Value y = convNorm(network, x, name, shape, Activation::Relu, 1e-5);
    network.markBlock(y, keys::fbnetConv(x, shape));
    return y;
  }

  static Value emitBlock(NetworkBuilder &network, Value x,
                         const LayerShape &layer, const Candidate &shape) {
    InvertedResidual block{.out = layer.out,
                           .mid = layer.in * shape.expansion,
                           .kernel = shape.kernel,
                           .stride = layer.stride,
                           .alwaysExpand = true,
                           .groups = shape.groups};
    Value y = invertedResidual(network, x, block);
    network.markBlock(y, keys::fbnetBlock(x, block));
    return y;
  }

  /// Nothing, or a convolution where the shape changes.
  static Value emitSkip(NetworkBuilder &network, Value x,
                        const LayerShape &layer) {
    if (layer.keepsShape())
      return x;
    Value y = convNorm(network, x, "skip",
                       {.channels = layer.out, .stride = layer.stride},
                       Activation::Relu, 1e-5);
    network.markBlock(y, keys::fbnetSkip(x, layer.out, layer.stride));
    return y;
  }

  FBNetRecipe recipe;
};

} // namespace

const Space &fbnetSpace() {
  static const FBNetSpace space(
      {"fbnet", "FBNet: one of nine blocks in 22 layers, head of 1984 channels",
       1984, 1000, 224});
  return space;
}

const Space &fbnetASpace() {
  static const FBNetSpace space(
      {"fbnet-1504", "FBNet with the head of FBNet-A, 1504 channels", 1504,
       1000, 224});
  return space;
}

const Space &fbnetCifarSpace() {
  static const FBNetSpace space(
      {"fbnet-cifar", "FBNet for CIFAR-100 as in HW-NAS-Bench, 32x32", 1504,
       100, 32, true});
  return space;
}

} // namespace gnomon
