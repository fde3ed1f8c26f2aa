// SPDX-License-Identifier: Apache-2.0
// Time of packed forests: on forests made up in memory, or on a file given as
// `--model=FILE` before Google Benchmark's own options.
#include "gnomon/Forest/Load.h"
#include "gnomon/Forest/PackedForest.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <random>

using namespace gnomon;

/// Complete trees of one depth with random thresholds on random features.
static Forest randomForest(uint32_t trees, uint32_t depth, uint32_t features) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> number(-1.0f, 1.0f);
  Forest forest;
  forest.numFeatures = features;
  forest.baseMargins = {0.5f};
  uint32_t inner = (1u << depth) - 1;
  for (uint32_t tree = 0; tree < trees; ++tree) {
    forest.trees.push_back(
        {static_cast<uint32_t>(forest.nodes.size()), 0, 1.0f, false});
    for (uint32_t node = 0; node < inner; ++node)
      forest.nodes.push_back(
          {number(random),
           ForestNode::kInner | static_cast<uint32_t>(random() % features),
           2 * node + 1});
    for (uint32_t leaf = inner; leaf < 2 * inner + 1; ++leaf)
      forest.nodes.push_back({number(random), 0, leaf});
  }
  return forest;
}

struct Benched {
  explicit Benched(const Forest &forest)
      : features(forest.numFeatures), outputs(forest.numOutputs()),
        trees(forest.trees.size()), packed(PackedForest::pack(forest)) {}
  size_t features, outputs, trees;
  std::optional<PackedForest> packed;
};

static void predictRows(benchmark::State &state, const Benched &forest,
                        size_t rows) {
  if (!forest.packed)
    return state.SkipWithError("the forest cannot be packed");
  std::mt19937 random(2);
  std::uniform_real_distribution<float> number(-1.0f, 1.0f);
  std::vector<float> values(rows * forest.features),
      answers(rows * forest.outputs);
  for (float &value : values)
    value = number(random);
  for (auto _ : state) {
    forest.packed->predict({values.data(), rows, forest.features}, answers);
    benchmark::DoNotOptimize(answers.data());
    benchmark::ClobberMemory();
  }
  double asked = static_cast<double>(state.iterations()) * rows;
  auto perSecond = benchmark::Counter::kIsRate | benchmark::Counter::kInvert;
  state.counters["s/row"] = benchmark::Counter(asked, perSecond);
  if (forest.trees)
    state.counters["s/row/tree"] =
        benchmark::Counter(asked * double(forest.trees), perSecond);
}

static void registerForest(const std::string &name, const Forest &forest) {
  auto shared = std::make_shared<const Benched>(forest);
  for (size_t rows : {1, 8, 20, 64, 1024})
    benchmark::RegisterBenchmark(
        (name + "/rows:" + std::to_string(rows)).c_str(),
        [shared, rows](benchmark::State &state) {
          predictRows(state, *shared, rows);
        });
}

int main(int argc, char **argv) {
  llvm::StringRef model = argc > 1 ? argv[1] : "";
  if (model.consume_front("--model=")) {
    llvm::Expected<Forest> forest = loadForest(model);
    if (!forest) {
      llvm::errs() << "BenchForest: " << llvm::toString(forest.takeError())
                   << '\n';
      return 1;
    }
    registerForest("model", *forest);
    argv[1] = argv[0];
    --argc;
    ++argv;
  } else {
    registerForest("100x6", randomForest(100, 6, 40));
    registerForest("300x6", randomForest(300, 6, 40));
    registerForest("300x8", randomForest(300, 8, 40));
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
