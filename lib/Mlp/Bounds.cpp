// SPDX-License-Identifier: Apache-2.0
// What dense networks can answer at most.
#include "gnomon/Mlp/Bounds.h"

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace gnomon {

MlpBounds::MlpBounds(const Mlp &mlp) : added(mlp.constant()) {
  for (const PackedLayer &packed : mlp.packed()) {
    Layer layer{packed.inputs, packed.outputs, {}, {}, packed.relu};
    for (uint32_t output = 0; output < packed.outputs; ++output) {
      for (uint32_t input = 0; input < packed.inputs; ++input)
        layer.weights.push_back(packed.weight(input, output));
      layer.bias.push_back(packed.biases()[output]);
    }
    layers.push_back(std::move(layer));
  }
}

/// From coefficients of max(x, 0) to one of x, and what is added: not below
/// for any x from low to high.
static double throughRelu(double &coefficient, double low, double high) {
  if (low >= 0)
    return 0;
  if (high <= 0)
    return coefficient = 0;
  if (coefficient < 0) {
    coefficient *= high > -low;
    return 0;
  }
  coefficient *= high / (high - low);
  return -coefficient * low;
}

double MlpBounds::most(size_t index, std::vector<double> coefficients,
                       ArrayRef<Range> ranges, Greatest greatest) const {
  double total = 0;
  for (;; --index) {
    const Layer &layer = layers[index];
    std::vector<double> next(layer.inputs, 0);
    for (uint32_t output = 0; output < layer.outputs; ++output) {
      const double coefficient = coefficients[output];
      if (coefficient == 0)
        continue;
      total += coefficient * layer.bias[output];
      const double *row = &layer.weights[size_t(output) * layer.inputs];
      for (uint32_t input = 0; input < layer.inputs; ++input)
        next[input] += coefficient * row[input];
    }
    if (index == 0)
      return total + greatest(next);
    if (layers[index - 1].relu)
      for (uint32_t unit = 0; unit < layer.inputs; ++unit)
        total += throughRelu(next[unit], ranges[index - 1].low[unit],
                             ranges[index - 1].high[unit]);
    coefficients = std::move(next);
  }
}

double MlpBounds::most(int sign, Greatest greatest) const {
  std::vector<Range> ranges;
  for (size_t index = 0; index + 1 < layers.size(); ++index) {
    const uint32_t units = layers[index].outputs;
    Range range{std::vector<double>(units, 0), std::vector<double>(units, 0)};
    for (uint32_t unit = 0; layers[index].relu && unit < units; ++unit) {
      std::vector<double> one(units, 0);
      one[unit] = 1;
      range.high[unit] = most(index, one, ranges, greatest);
      one[unit] = -1;
      range.low[unit] = -most(index, one, ranges, greatest);
    }
    ranges.push_back(std::move(range));
  }
  std::vector<double> first(layers.back().outputs, 0);
  first[0] = sign;
  double bound = most(layers.size() - 1, std::move(first), ranges, greatest);
  if (layers.back().relu)
    bound = sign > 0 ? std::max(bound, 0.0) : std::min(bound, 0.0);
  bound += sign * added;
  return bound + 1e-5 * (1 + std::abs(bound));
}

} // namespace gnomon
