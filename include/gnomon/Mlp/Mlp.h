// SPDX-License-Identifier: Apache-2.0
// Small dense networks that answer with the same bits everywhere.
#ifndef GNOMON_MLP_MLP_H
#define GNOMON_MLP_MLP_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace gnomon {

/// One layer as model files hold it: y = W x + b, then perhaps max(y, 0).
struct DenseLayer {
  uint32_t inputs = 0, outputs = 0;
  /// One row of `inputs` weights for each output, row after row.
  std::vector<float> weights;
  /// One number for each output; empty: none.
  std::vector<float> bias;
  bool relu = false;
};

/// A layer as the engines read it: outputs in panels of `panelWidth`, padded
/// with zeros, and in a panel the weights of one input after the other.
class PackedLayer {
public:
  /// Floats that every vector width divides: panels are multiples of it.
  static constexpr uint32_t kLane = 16;
  /// Accumulators that fit into 16 registers of 8 floats, with room to spare.
  static constexpr uint32_t kWidestPanel = 6 * kLane;

  explicit PackedLayer(const DenseLayer &layer);

  uint32_t inputs, outputs, panelWidth, numPanels;
  bool relu;

  uint32_t paddedOutputs() const { return panelWidth * numPanels; }
  const float *panel(uint32_t index) const {
    return weights.data()->values + size_t(index) * inputs * panelWidth;
  }
  const float *biases() const { return bias.data()->values; }
  float weight(uint32_t input, uint32_t output) const {
    return panel(output /
                 panelWidth)[size_t(input) * panelWidth + output % panelWidth];
  }

private:
  struct alignas(4 * kLane) Lane {
    float values[kLane] = {};
  };
  std::vector<Lane> weights, bias;
};

/// A chain of dense layers and a constant that is added to what comes out.
///
/// What a layer computes is fixed to the bit, in single precision: an output
/// starts at its bias (or +0), takes fma(x, w, sum) for every input x that is
/// not zero, in the order of the inputs, then its ReLU (y < 0 gives 0), and a
/// zero loses its sign. Rows do not touch each other. So the bytes that come
/// out are the same for any batch, any split of it over calls or threads, and
/// any vector width; only the bits of a NaN are left open. Inputs that are
/// zero, as in one-hot codes or after a ReLU, cost nothing.
///
/// Nothing changes after create(): any number of threads may ask.
class Mlp {
public:
  /// Checks that there is a layer, that every layer takes what the one before
  /// gives, has 1 to 65,536 inputs and outputs and finite weights in the right
  /// number. `source` names the network in messages: `m.json: layers[1]: takes
  /// 64 inputs, the layer before gives 32`.
  static llvm::Expected<Mlp> create(llvm::ArrayRef<DenseLayer> layers,
                                    float constant, llvm::StringRef source);

  uint32_t numInputs() const { return layers.front().inputs; }
  uint32_t numOutputs() const { return layers.back().outputs; }
  llvm::ArrayRef<PackedLayer> packed() const { return layers; }
  float constant() const { return added; }

  /// One answer of numOutputs() floats for every row of numInputs() floats,
  /// both row major; `inputs.size()` must be a multiple of numInputs(), and
  /// `outputs` fit it.
  void forward(llvm::ArrayRef<float> inputs,
               llvm::MutableArrayRef<float> outputs) const;

  /// The same by loops as plain as the definition: slow, the oracle of
  /// forward().
  void forwardReference(llvm::ArrayRef<float> inputs,
                        llvm::MutableArrayRef<float> outputs) const;

  /// The derivative of one output by each input at one row. At a kink (the
  /// argument of a ReLU is exactly 0) the side on which it is 0 counts.
  void inputGradient(llvm::ArrayRef<float> row, uint32_t output,
                     llvm::MutableArrayRef<float> gradient) const;

private:
  Mlp(std::vector<PackedLayer> layers, float added)
      : layers(std::move(layers)), added(added) {}

  std::vector<PackedLayer> layers;
  float added;
};

} // namespace gnomon

#endif // GNOMON_MLP_MLP_H
