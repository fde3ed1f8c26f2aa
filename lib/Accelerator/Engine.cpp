// SPDX-License-Identifier: Apache-2.0
// The engines of an accelerator: what they compute, what they take.
//
// Source: HAO (Dong et al., FCCM 2021): engines by kind of kernel, parallel
// over input channels, output channels and taps; DSPs by word length, look-up
// tables and memories by linear models. Our formulation, nothing is
// synthesised:
// * DSPs: products / 4 (up to 4 bits), / 2 (up to 8 bits), / 1;
// * look-up tables: 1.1 bits^2 for a multiplier that is no DSP, 2 bits + 4 for
//   its place in the adder tree, 400 + 12 bits for each channel in parallel;
// * memories of 36 Kbit, 72 bits wide and 512 deep: the weights of one tile of
//   output channels twice, so that the next can be loaded, and as many rows of
//   the input as the kernel is high.

#include "gnomon/Accelerator/Engine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace gnomon;
using llvm::divideCeil;

int64_t AcceleratorLayer::elements() const {
  int64_t weights = groups * channelsIn * channelsOut * taps();
  int64_t in = groups * channelsIn * heightIn * widthIn;
  int64_t out = groups * channelsOut * height * width;
  return weights + in + out;
}

std::string gnomon::engineName(const AcceleratorLayer &layer) {
  return (layer.isDepthwise() ? "depthwise" : "conv") +
         std::to_string(layer.kernelHeight) + "x" +
         std::to_string(layer.kernelWidth);
}

std::vector<EngineWork>
gnomon::engineWork(llvm::ArrayRef<AcceleratorLayer> layers) {
  std::vector<EngineWork> all;
  for (const AcceleratorLayer &layer : layers) {
    std::string name = engineName(layer);
    auto found = llvm::find_if(
        all, [&](const EngineWork &work) { return work.name == name; });
    if (found == all.end())
      found = all.insert(found, {name, {}});
    found->layers.push_back(layer);
  }
  return all;
}

int64_t gnomon::productsPerDsp(int64_t bits) {
  return bits <= 4 ? 4 : bits <= 8 ? 2 : 1;
}

int64_t gnomon::layerCycles(const AcceleratorLayer &layer,
                            const EngineConfiguration &configuration) {
  int64_t pixels = layer.runs * layer.height * layer.width;
  int64_t taps = divideCeil(layer.taps(), configuration.taps);
  if (layer.isDepthwise())
    return divideCeil(layer.groups, configuration.out) * pixels * taps;
  return layer.groups * divideCeil(layer.channelsIn, configuration.in) *
         divideCeil(layer.channelsOut, configuration.out) * pixels * taps;
}

/// Memories for `depth` words of `bits`.
static int64_t memories(int64_t bits, int64_t depth) {
  return divideCeil(bits, 72) * divideCeil(depth, 512);
}

int64_t gnomon::layerMemories(const AcceleratorLayer &layer,
                              const EngineConfiguration &configuration,
                              int64_t bits) {
  bool depthwise = layer.isDepthwise();
  int64_t channels = depthwise ? layer.groups : layer.channelsIn;
  int64_t parallel = depthwise ? configuration.out : configuration.in;
  int64_t tiles = depthwise ? 1 : divideCeil(channels, parallel);
  int64_t weights =
      2 * memories(configuration.multipliers() * bits,
                   tiles * divideCeil(layer.taps(), configuration.taps));
  int64_t rows = memories(parallel * bits, layer.kernelHeight * layer.widthIn *
                                               divideCeil(channels, parallel));
  return weights + rows;
}

EngineResources
gnomon::engineResources(const EngineWork &work,
                        const EngineConfiguration &configuration,
                        int64_t bits) {
  int64_t products = configuration.multipliers();
  EngineResources resources;
  resources.lut = 400 + 12 * bits * (configuration.in + configuration.out) +
                  products * (2 * bits + 4);
  if (configuration.inLut)
    resources.lut += divideCeil(products * 11 * bits * bits, 10);
  else
    resources.dsp = divideCeil(products, productsPerDsp(bits));
  for (const AcceleratorLayer &layer : work.layers)
    resources.bram =
        std::max(resources.bram, layerMemories(layer, configuration, bits));
  return resources;
}

/// Powers of two up to what covers `most`, and 3 where that is all there is.
static std::vector<int64_t> widths(int64_t most) {
  std::vector<int64_t> result = {1};
  for (int64_t width = 2; width <= 64 && width / 2 < most; width *= 2)
    result.push_back(width);
  if (most >= 3)
    result.push_back(3);
  return result;
}

std::vector<EngineConfiguration> gnomon::candidates(const EngineWork &work) {
  int64_t in = 1, out = 1;
  for (const AcceleratorLayer &layer : work.layers) {
    in = std::max(in, layer.channelsIn);
    out = std::max(out, layer.isDepthwise() ? layer.groups : layer.channelsOut);
  }
  const AcceleratorLayer &first = work.layers.front();
  std::vector<int64_t> taps = {1, first.kernelWidth, first.taps()};
  taps.erase(std::unique(taps.begin(), taps.end()), taps.end());
  std::vector<EngineConfiguration> all;
  for (int64_t i : widths(in))
    for (int64_t o : widths(out))
      for (int64_t t : taps)
        for (bool inLut : {false, true})
          all.push_back({i, o, t, inLut});
  return all;
}
