// SPDX-License-Identifier: Apache-2.0
// Networks and rows drawn from a seed.
#include "RandomMlp.h"

#include <cmath>
#include <random>

namespace gnomon {

std::vector<DenseLayer> randomLayers(llvm::ArrayRef<uint32_t> widths,
                                     unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> number(-1.0f, 1.0f);
  std::vector<DenseLayer> layers;
  for (size_t index = 0; index + 1 < widths.size(); ++index) {
    DenseLayer layer{widths[index], widths[index + 1], {}, {}, false};
    layer.relu = index + 2 < widths.size();
    for (size_t weight = 0; weight < size_t(layer.inputs) * layer.outputs;
         ++weight)
      layer.weights.push_back(number(random) / std::sqrt(layer.inputs));
    if (random() % 4 != 0)
      for (uint32_t output = 0; output < layer.outputs; ++output)
        layer.bias.push_back(number(random));
    layers.push_back(std::move(layer));
  }
  return layers;
}

Mlp randomMlp(llvm::ArrayRef<uint32_t> widths, unsigned seed) {
  return llvm::cantFail(Mlp::create(randomLayers(widths, seed), 0.5f, "m"));
}

std::vector<float> randomRows(size_t rows, size_t inputs, double zeros,
                              unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> number(-1.0f, 1.0f);
  std::bernoulli_distribution zero(zeros), tiny(0.01);
  std::vector<float> result(rows * inputs);
  for (float &value : result) {
    value = number(random);
    if (zero(random))
      value *= 0;
    else if (tiny(random))
      value *= 1e-39f;
  }
  return result;
}

} // namespace gnomon
