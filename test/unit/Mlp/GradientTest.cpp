// SPDX-License-Identifier: Apache-2.0
// Derivatives by the inputs: by hand and against finite differences.
#include "RandomMlp.h"
#include "gnomon/Mlp/Gradients.h"

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

TEST(MlpGradient, BatchesHaveTheBitsOfSingleRows) {
  for (unsigned seed = 0; seed < 6; ++seed) {
    Mlp mlp = randomMlp({121, 128, 20, 3}, seed);
    MlpGradients gradients(mlp);
    for (size_t rows : {0, 1, 70}) {
      std::vector<float> inputs = randomRows(rows, 121, 0.5, seed + rows);
      std::vector<float> values(rows), slopes(inputs.size()), all(3 * rows);
      gradients(inputs, 2, values, slopes);
      mlp.forward(inputs, all);
      for (size_t row = 0; row < rows; ++row) {
        llvm::ArrayRef<float> one =
            llvm::ArrayRef(inputs).slice(row * 121, 121);
        EXPECT_EQ(values[row], all[3 * row + 2]);
        EXPECT_EQ(llvm::ArrayRef(slopes).slice(row * 121, 121),
                  llvm::ArrayRef(gradient(mlp, one, 2)));
      }
    }
  }
}

} // namespace
