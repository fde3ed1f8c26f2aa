// SPDX-License-Identifier: Apache-2.0
// Derivatives by the inputs: by hand and against finite differences.
#include "RandomMlp.h"

#include "gmock/gmock.h"

#include <cmath>

using namespace gnomon;
using testing::ElementsAre;

namespace {

std::vector<float> gradient(const Mlp &mlp, llvm::ArrayRef<float> row,
                            uint32_t output) {
  std::vector<float> result(mlp.numInputs());
  mlp.inputGradient(row, output, result);
  return result;
}

/// What a network gives in double precision, as its layers say.
double exact(llvm::ArrayRef<DenseLayer> layers, std::vector<double> row,
             uint32_t output) {
  for (const DenseLayer &layer : layers) {
    std::vector<double> next(layer.bias.begin(), layer.bias.end());
    next.resize(layer.outputs);
    for (uint32_t o = 0; o < layer.outputs; ++o) {
      for (uint32_t i = 0; i < layer.inputs; ++i)
        next[o] += row[i] * layer.weights[o * layer.inputs + i];
      if (layer.relu)
        next[o] = std::max(next[o], 0.0);
    }
    row = std::move(next);
  }
  return row[output];
}

TEST(MlpGradient, ByHand) {
  // max(x0 - x1, 0) * 3 - max(x1 + 1, 0)
  Mlp mlp = llvm::cantFail(Mlp::create(
      {{2, 2, {1, -1, 0, 1}, {0, 1}, true}, {2, 1, {3, -1}, {}}}, 0.0f, "m"));
  EXPECT_THAT(gradient(mlp, {2, 1}, 0), ElementsAre(3, -4));
  EXPECT_THAT(gradient(mlp, {0, 1}, 0), ElementsAre(0, -1));
  EXPECT_THAT(gradient(mlp, {0, -2}, 0), ElementsAre(3, -3));
  // At the kink of both units the flat side counts.
  EXPECT_THAT(gradient(mlp, {-1, -1}, 0), ElementsAre(0, 0));
}

TEST(MlpGradient, EqualsFiniteDifferences) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    std::vector<DenseLayer> layers = randomLayers({20, 30, 10, 3}, seed);
    Mlp mlp = llvm::cantFail(Mlp::create(layers, 0.0f, "m"));
    std::vector<float> row = randomRows(1, 20, 0.3, seed);
    for (uint32_t output = 0; output < 3; ++output) {
      std::vector<float> analytic = gradient(mlp, row, output);
      for (size_t input = 0; input < row.size(); ++input) {
        std::vector<double> low(row.begin(), row.end()), high = low;
        low[input] -= 1e-7;
        high[input] += 1e-7;
        double slope =
            (exact(layers, high, output) - exact(layers, low, output)) / 2e-7;
        EXPECT_NEAR(analytic[input], slope, 1e-5);
      }
    }
  }
}

} // namespace
