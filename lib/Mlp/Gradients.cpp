// SPDX-License-Identifier: Apache-2.0
// Derivatives of dense networks by their inputs, for batches.
#include "gnomon/Mlp/Gradients.h"

#include "llvm/ADT/STLExtras.h"

#include <cassert>

using namespace llvm;

namespace gnomon {

static Mlp alone(const DenseLayer &layer) {
  return cantFail(Mlp::create(layer, 0, "layer"));
}

/// The layer as its file held it, without its ReLU; or transposed, then
/// without its bias.
static DenseLayer unpacked(const PackedLayer &layer, bool transposes) {
  DenseLayer result;
  result.inputs = transposes ? layer.outputs : layer.inputs;
  result.outputs = transposes ? layer.inputs : layer.outputs;
  for (uint32_t output = 0; output < result.outputs; ++output)
    for (uint32_t input = 0; input < result.inputs; ++input)
      result.weights.push_back(transposes ? layer.weight(output, input)
                                          : layer.weight(input, output));
  if (!transposes)
    result.bias.assign(layer.biases(), layer.biases() + layer.outputs);
  return result;
}

MlpGradients::MlpGradients(const Mlp &mlp) : added(mlp.constant()) {
  for (const PackedLayer &layer : mlp.packed()) {
    DenseLayer same = unpacked(layer, false);
    same.relu = layer.relu;
    layers.push_back(alone(same));
    transposed.push_back(alone(unpacked(layer, true)));
    relu.push_back(layer.relu);
  }
}

void MlpGradients::operator()(ArrayRef<float> rows, uint32_t output,
                              MutableArrayRef<float> answers,
                              MutableArrayRef<float> gradients) const {
  const size_t count = rows.size() / numInputs();
  const uint32_t outputs = layers.back().numOutputs();
  assert(count * numInputs() == rows.size() && answers.size() == count &&
         gradients.size() == rows.size() && output < outputs);
  std::vector<std::vector<float>> units;
  for (const Mlp &layer : layers) {
    std::vector<float> next(count * layer.numOutputs());
    layer.forward(units.empty() ? rows : ArrayRef(units.back()), next);
    units.push_back(std::move(next));
  }
  std::vector<float> slopes(count * outputs, 0);
  for (size_t row = 0; row < count; ++row) {
    answers[row] = units.back()[row * outputs + output] + added;
    slopes[row * outputs + output] = 1;
  }
  for (size_t index = layers.size(); index-- > 0;) {
    if (relu[index])
      for (auto [slope, unit] : zip_equal(slopes, units[index]))
        slope = unit > 0 ? slope : 0;
    std::vector<float> next(count * layers[index].numInputs());
    transposed[index].forward(slopes, next);
    slopes = std::move(next);
  }
  copy(slopes, gradients.begin());
}

} // namespace gnomon
