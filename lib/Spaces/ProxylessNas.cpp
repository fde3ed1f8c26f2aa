// SPDX-License-Identifier: Apache-2.0
// The search space of ProxylessNAS (arXiv 1812.00332).

#include "BlockKeys.h"
#include "Layerwise.h"
#include "OnceForAll.h"
#include "Registry.h"

using namespace mlir;

namespace gnomon {

namespace {

constexpr double epsilon = 1e-3;

class ProxylessSpace : public LayerwiseSpace {
public:
  ProxylessSpace()
      : LayerwiseSpace(layersOf(16, {24, 40, 80, 96, 192, 320},
                                {4, 4, 4, 4, 4, 1}, {2, 2, 2, 1, 2, 1}),
                       224) {}

  StringRef name() const override { return "proxyless"; }
  StringRef description() const override {
    return "ProxylessNAS: kernels 3 to 7, expansions 3 and 6 or nothing in 21 "
           "layers";
  }

protected:
  std::vector<std::string> candidates(const LayerShape &layer) const override {
    std::vector<std::string> names = {"k3e3", "k3e6", "k5e3",
                                      "k5e6", "k7e3", "k7e6"};
    if (layer.keepsShape())
      names.push_back("skip");
    return names;
  }

  Value emitStem(NetworkBuilder &network, Value image) const override {
    Value x = convNorm(network, image, "stem",
                       {.channels = 32, .kernel = 3, .stride = 2},
                       Activation::Relu6, epsilon);
    network.markBlock(x, keys::part("Conv", image, x));
    NetworkBuilder::Scope scope(network, "first");
    return emitResidual(network, x, {.out = 16, .mid = 32});
  }

  Value emitCandidate(NetworkBuilder &network, Value x, const LayerShape &layer,
                      StringRef candidate) const override {
    if (candidate == "skip")
      return x;
    return emitResidual(network, x,
                        {.out = layer.out,
                         .mid = layer.in * elastic::digit(candidate, 'e'),
                         .kernel = elastic::digit(candidate, 'k'),
                         .stride = layer.stride});
  }

  Value emitHead(NetworkBuilder &network, Value x) const override {
    Value mixed = convNorm(network, x, "feature_mix", {.channels = 1280},
                           Activation::Relu6, epsilon);
    network.markBlock(mixed, keys::part("Conv_1", x, mixed));
    Value logits = poolAndClassify(network, mixed, 1000);
    network.markBlock(logits, keys::logits(mixed, logits));
    return logits;
  }

private:
  static Value emitResidual(NetworkBuilder &network, Value x,
                            InvertedResidual block) {
    block.activation = Activation::Relu6;
    block.epsilon = epsilon;
    Value y = invertedResidual(network, x, block);
    network.markBlock(y, keys::proxyless(x, y, block));
    return y;
  }
};

} // namespace

const Space &proxylessSpace() {
  static const ProxylessSpace space;
  return space;
}

} // namespace gnomon
