// SPDX-License-Identifier: Apache-2.0
// What dense networks compute, said as plainly as possible, and its derivative.
#include "gnomon/Mlp/Mlp.h"

#include "llvm/ADT/STLExtras.h"

#include <cassert>
#include <cmath>

using namespace llvm;

namespace gnomon {

static float unit(const PackedLayer &layer, ArrayRef<float> row,
                  uint32_t output) {
  float sum = layer.biases()[output];
  for (uint32_t input = 0; input < layer.inputs; ++input)
    if (row[input] != 0)
      sum = std::fma(row[input], layer.weight(input, output), sum);
  if (layer.relu && sum < 0)
    sum = 0;
  return sum + 0.0f; // -0 becomes +0
}

static std::vector<float> answer(const PackedLayer &layer,
                                 ArrayRef<float> row) {
  std::vector<float> result(layer.outputs);
  for (uint32_t output = 0; output < layer.outputs; ++output)
    result[output] = unit(layer, row, output);
  return result;
}

void Mlp::forwardReference(ArrayRef<float> inputs,
                           MutableArrayRef<float> outputs) const {
  assert(inputs.size() / numInputs() * numOutputs() == outputs.size());
  for (size_t row = 0; row < inputs.size() / numInputs(); ++row) {
    std::vector<float> values =
        inputs.slice(row * numInputs(), numInputs()).vec();
    for (const PackedLayer &layer : layers)
      values = answer(layer, values);
    for (uint32_t output = 0; output < numOutputs(); ++output)
      outputs[row * numOutputs() + output] = values[output] + added;
  }
}

/// From the derivative by what a layer gives to that by what it takes.
static std::vector<float> backward(const PackedLayer &layer,
                                   ArrayRef<float> answers,
                                   std::vector<float> slopes) {
  for (uint32_t output = 0; output < layer.outputs; ++output)
    if (layer.relu && !(answers[output] > 0))
      slopes[output] = 0;
  std::vector<float> result(layer.inputs);
  for (uint32_t input = 0; input < layer.inputs; ++input)
    for (uint32_t output = 0; output < layer.outputs; ++output)
      if (slopes[output] != 0)
        result[input] = std::fma(slopes[output], layer.weight(input, output),
                                 result[input]);
  return result;
}

void Mlp::inputGradient(ArrayRef<float> row, uint32_t output,
                        MutableArrayRef<float> gradient) const {
  assert(row.size() == numInputs() && gradient.size() == numInputs() &&
         output < numOutputs());
  std::vector<std::vector<float>> answers;
  for (const PackedLayer &layer : layers)
    answers.push_back(
        answer(layer, answers.empty() ? row : ArrayRef(answers.back())));
  std::vector<float> slopes(numOutputs());
  slopes[output] = 1;
  for (size_t index = layers.size(); index-- > 0;)
    slopes = backward(layers[index], answers[index], std::move(slopes));
  copy(slopes, gradient.begin());
}

} // namespace gnomon
