// SPDX-License-Identifier: Apache-2.0
// The engines of an accelerator: what they compute, what they take.

#ifndef GNOMON_ACCELERATOR_ENGINE_H
#define GNOMON_ACCELERATOR_ENGINE_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gnomon {

/// A convolution or, with one pixel, a matrix product.
struct AcceleratorLayer {
  std::string name;
  int64_t groups = 1;
  /// Channels of one group.
  int64_t channelsIn = 1, channelsOut = 1;
  /// Of the result, and of an image that is read.
  int64_t height = 1, width = 1, heightIn = 1, widthIn = 1;
  int64_t kernelHeight = 1, kernelWidth = 1;
  /// How often it runs for one image.
  int64_t runs = 1;

  bool isDepthwise() const {
    return groups > 1 && channelsIn == 1 && channelsOut == 1;
  }
  int64_t taps() const { return kernelHeight * kernelWidth; }
  int64_t macs() const {
    return runs * groups * channelsIn * channelsOut * height * width * taps();
  }
  /// Inputs, weights and outputs of one run.
  int64_t elements() const;
};

/// How an engine is laid out: products of `in` input channels, `out` output
/// channels and `taps` taps of the kernel in every cycle.
struct EngineConfiguration {
  int64_t in = 1, out = 1, taps = 1;
  /// Multipliers of look-up tables instead of DSPs.
  bool inLut = false;

  int64_t multipliers() const { return in * out * taps; }
};

struct EngineResources {
  int64_t dsp = 0, lut = 0, bram = 0;
};

/// Layers that one engine computes: those of one kernel size, depthwise or not.
struct EngineWork {
  std::string name; ///< "conv3x3", "depthwise5x5"
  std::vector<AcceleratorLayer> layers;
};

/// The layers by engine, in the order in which the network brings them up.
std::vector<EngineWork> engineWork(llvm::ArrayRef<AcceleratorLayer> layers);

/// Products that one DSP does in a cycle: 4 up to 4 bits, 2 up to 8 bits (they
/// share an operand), else 1.
int64_t productsPerDsp(int64_t bits);

/// Cycles for all runs of a layer.
int64_t layerCycles(const AcceleratorLayer &layer,
                    const EngineConfiguration &configuration);

/// Memories that a layer needs of its engine.
int64_t layerMemories(const AcceleratorLayer &layer,
                      const EngineConfiguration &configuration, int64_t bits);

/// Name of the engine that computes a layer.
std::string engineName(const AcceleratorLayer &layer);

/// What an engine takes with weights and activations of `bits`.
EngineResources engineResources(const EngineWork &work,
                                const EngineConfiguration &configuration,
                                int64_t bits);

/// All configurations that could make sense: powers of two of channels up to
/// 64 (and 3), one tap, a row of taps or all of them.
std::vector<EngineConfiguration> candidates(const EngineWork &work);

} // namespace gnomon

#endif // GNOMON_ACCELERATOR_ENGINE_H
