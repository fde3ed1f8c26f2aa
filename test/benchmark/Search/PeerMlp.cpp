// SPDX-License-Identifier: Apache-2.0
// An accuracy network of the size that Once-for-All uses, with made-up weights.

#include "PeerMlp.h"

#include "gnomon/Support/Random.h"

#include <cmath>

namespace gnomon::search::test {

std::vector<DenseLayer> peerLayers() {
  Random random(11);
  std::vector<DenseLayer> layers;
  constexpr uint32_t sizes[] = {128, 400, 400, 400, 1};
  for (int i = 0; i < 4; ++i) {
    DenseLayer &layer = layers.emplace_back();
    layer.inputs = sizes[i];
    layer.outputs = sizes[i + 1];
    layer.relu = i < 3;
    float bound = 1 / std::sqrt(float(layer.inputs));
    auto draw = [&] { return bound * (random.next() * 0x1p-31f - 1); };
    for (uint32_t j = 0; j < layer.inputs * layer.outputs; ++j)
      layer.weights.push_back(draw());
    for (uint32_t j = 0; j < layer.outputs; ++j)
      layer.bias.push_back(draw());
  }
  return layers;
}

PeerMlp::PeerMlp()
    : mlp(llvm::cantFail(Mlp::create(peerLayers(), 0, "peer"))) {}

std::vector<double> PeerMlp::evaluate(llvm::ArrayRef<Assignment> networks) {
  std::vector<float> rows(networks.size() * 128, 0), answers(networks.size());
  for (size_t i = 0; i < networks.size(); ++i) {
    const Assignment &network = networks[i];
    float *row = &rows[i * 128];
    for (size_t stage = 0; stage < 5; ++stage)
      for (size_t slot = 0; slot < network[1 + 5 * stage] + 2; ++slot) {
        uint32_t option = network[2 + 5 * stage + slot];
        size_t block = 4 * stage + slot;
        row[3 * block + option / 3] = 1;
        row[60 + 3 * block + option % 3] = 1;
      }
    row[120 + (128 + 4 * network[0] - 112) / 16] = 1;
  }
  mlp.forward(rows, answers);
  return {answers.begin(), answers.end()};
}

} // namespace gnomon::search::test
