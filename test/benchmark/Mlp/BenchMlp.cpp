// SPDX-License-Identifier: Apache-2.0
// Time of a network of the size of OFA's accuracy predictor, on one-hot codes.
#include "gnomon/Mlp/Mlp.h"

#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

using namespace gnomon;

static Mlp accuracyNetwork() {
  std::mt19937 random(1);
  std::vector<DenseLayer> layers;
  const uint32_t widths[] = {128, 400, 400, 400, 1};
  for (size_t index = 0; index < 4; ++index) {
    DenseLayer layer{widths[index], widths[index + 1], {}, {}, index < 3};
    float bound = 1 / std::sqrt(layer.inputs);
    std::uniform_real_distribution<float> number(-bound, bound);
    layer.weights.resize(size_t(layer.inputs) * layer.outputs);
    layer.bias.resize(layer.outputs);
    for (float &weight : layer.weights)
      weight = number(random);
    for (float &bias : layer.bias)
      bias = number(random);
    layers.push_back(std::move(layer));
  }
  return llvm::cantFail(Mlp::create(layers, 0, "bench"));
}

/// 40 groups of 3 and one of 8, one bit each: networks of full depth.
static std::vector<float> oneHotRows(size_t rows) {
  std::mt19937 random(2);
  std::vector<float> values(rows * 128);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t slot = 0; slot < 40; ++slot)
      values[row * 128 + slot * 3 + random() % 3] = 1;
    values[row * 128 + 120 + random() % 8] = 1;
  }
  return values;
}

static void forwardRows(benchmark::State &state) {
  const Mlp mlp = accuracyNetwork();
  const std::vector<float> rows = oneHotRows(state.range(0));
  std::vector<float> answers(state.range(0));
  for (auto _ : state) {
    mlp.forward(rows, answers);
    benchmark::DoNotOptimize(answers.data());
    benchmark::ClobberMemory();
  }
  state.counters["s/row"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * state.range(0),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(forwardRows)->ArgName("rows")->Arg(1)->Arg(8)->Arg(100)->Arg(1000);

BENCHMARK_MAIN();
