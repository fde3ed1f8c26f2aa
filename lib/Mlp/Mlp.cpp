// SPDX-License-Identifier: Apache-2.0
// Checks networks and lays their weights out for the engines.
#include "gnomon/Mlp/Mlp.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

using namespace llvm;

namespace gnomon {

constexpr uint32_t kMostUnits = 65536;

static uint32_t panelsFor(uint32_t outputs) {
  return (outputs + PackedLayer::kWidestPanel - 1) / PackedLayer::kWidestPanel;
}

static uint32_t roundUp(uint32_t value, uint32_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

PackedLayer::PackedLayer(const DenseLayer &layer)
    : inputs(layer.inputs), outputs(layer.outputs),
      panelWidth(roundUp((layer.outputs + panelsFor(layer.outputs) - 1) /
                             panelsFor(layer.outputs),
                         kLane)),
      numPanels((layer.outputs + panelWidth - 1) / panelWidth),
      relu(layer.relu), weights(size_t(paddedOutputs()) / kLane * inputs),
      bias(paddedOutputs() / kLane) {
  float *packed = weights.data()->values;
  for (uint32_t output = 0; output < outputs; ++output) {
    float *column = packed + size_t(output / panelWidth) * inputs * panelWidth +
                    output % panelWidth;
    for (uint32_t input = 0; input < inputs; ++input)
      column[size_t(input) * panelWidth] =
          layer.weights[size_t(output) * inputs + input];
  }
  std::copy(layer.bias.begin(), layer.bias.end(), bias.data()->values);
}

/// What is wrong with a layer by itself.
static std::optional<std::string> problemOf(const DenseLayer &layer) {
  auto counted = [](uint32_t units) {
    return units >= 1 && units <= kMostUnits;
  };
  if (!counted(layer.inputs) || !counted(layer.outputs))
    return ("has " + Twine(layer.inputs) + " inputs and " +
            Twine(layer.outputs) + " outputs, expected 1 to " +
            Twine(kMostUnits))
        .str();
  size_t wanted = size_t(layer.inputs) * layer.outputs;
  if (layer.weights.size() != wanted)
    return ("has " + Twine(layer.weights.size()) + " weights, expected " +
            Twine(layer.outputs) + " x " + Twine(layer.inputs) + " = " +
            Twine(wanted))
        .str();
  if (!layer.bias.empty() && layer.bias.size() != layer.outputs)
    return ("has " + Twine(layer.bias.size()) +
            " numbers in its bias, expected one for each of the " +
            Twine(layer.outputs) + " outputs")
        .str();
  auto finite = [](float value) { return std::isfinite(value); };
  if (!all_of(layer.weights, finite) || !all_of(layer.bias, finite))
    return "has a weight or bias that is not a finite number of single "
           "precision";
  return std::nullopt;
}

Expected<Mlp> Mlp::create(ArrayRef<DenseLayer> layers, float constant,
                          StringRef source) {
  if (layers.empty())
    return createStringError(source + ": layers: expected at least one");
  if (!std::isfinite(constant))
    return createStringError(source + ": constant: expected a finite number");
  for (auto [index, layer] : enumerate(layers)) {
    std::string where = (source + ": layers[" + Twine(index) + "]: ").str();
    if (std::optional<std::string> problem = problemOf(layer))
      return createStringError(where + *problem);
    if (index > 0 && layer.inputs != layers[index - 1].outputs)
      return createStringError(where + "takes " + Twine(layer.inputs) +
                               " inputs, the layer before gives " +
                               Twine(layers[index - 1].outputs));
  }
  return Mlp(std::vector<PackedLayer>(layers.begin(), layers.end()), constant);
}

} // namespace gnomon
