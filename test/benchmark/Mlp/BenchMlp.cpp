// SPDX-License-Identifier: Apache-2.0
// Time of a network of the size of OFA's accuracy predictor, on one-hot codes:
// one with random weights, or a file of 128 inputs given as `--model=FILE`
// before Google Benchmark's own options.
#include "gnomon/Mlp/Load.h"

#include "llvm/Support/raw_ostream.h"

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

static void forwardRows(benchmark::State &state, const Mlp &mlp, size_t count) {
  const std::vector<float> rows = oneHotRows(count);
  std::vector<float> answers(count * mlp.numOutputs());
  for (auto _ : state) {
    mlp.forward(rows, answers);
    benchmark::DoNotOptimize(answers.data());
    benchmark::ClobberMemory();
  }
  state.counters["s/row"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(count),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

static llvm::Expected<Mlp> networkOf(llvm::StringRef model) {
  if (model.empty())
    return accuracyNetwork();
  llvm::Expected<Mlp> mlp = loadMlp(model);
  if (mlp && mlp->numInputs() != 128)
    return llvm::createStringError(model + ": expected 128 inputs, found " +
                                   llvm::Twine(mlp->numInputs()));
  return mlp;
}

int main(int argc, char **argv) {
  llvm::StringRef model = argc > 1 ? argv[1] : "";
  if (model.consume_front("--model=")) {
    argv[1] = argv[0];
    --argc;
    ++argv;
  } else {
    model = "";
  }
  llvm::Expected<Mlp> mlp = networkOf(model);
  if (!mlp) {
    llvm::errs() << "BenchMlp: " << llvm::toString(mlp.takeError()) << '\n';
    return 1;
  }
  for (size_t rows : {1, 8, 100, 1000})
    benchmark::RegisterBenchmark(
        ("forward/rows:" + std::to_string(rows)).c_str(),
        [&mlp, rows](benchmark::State &state) {
          forwardRows(state, *mlp, rows);
        });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
