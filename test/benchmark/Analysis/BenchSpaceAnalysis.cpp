// SPDX-License-Identifier: Apache-2.0
// From the supernet of OFA-MobileNetV3 with its 25 resolutions to the cost of
// every option in every context, and from there to the Pareto front.

#include "gnomon/Accuracy/ValueTables.h"
#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/FeatureOpInterface.h"
#include "gnomon/Search/Front.h"
#include "gnomon/Spaces/Space.h"

#include <benchmark/benchmark.h>

using namespace gnomon;

namespace {
struct Fixture {
  explicit Fixture(bool threads) {
    mlir::DialectRegistry registry;
    registry.insert<GnomonDialect, mlir::func::FuncDialect>();
    registerONNXDialect(registry);
    registerFeatureModels(registry);
    context.appendDialectRegistry(registry);
    context.disableMultithreading(!threads);
    context.loadAllAvailableDialects();
    module = llvm::cantFail(findSpace("ofa-mbv3")->build(context, {}));
  }

  std::unique_ptr<CostSetup> load() {
    return llvm::cantFail(CostSetup::load(
        GNOMON_SOURCE_DIR "/data/models/ort-cpu-1t-f32", "", *module));
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};
} // namespace

/// The bundle is read anew each time: "from the space and the bundle".
static void costTable(benchmark::State &state) {
  Fixture fixture(state.range(0) != 0);
  for (auto _ : state) {
    auto setup = fixture.load();
    auto space = analyzeSpace(*fixture.module, setup.get());
    state.counters["networks"] = double(space->networks);
    state.counters["kernels"] = double(space->kernels);
  }
}
BENCHMARK(costTable)
    ->ArgName("threads")
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

static void paretoFront(benchmark::State &state) {
  Fixture fixture(true);
  auto setup = fixture.load();
  auto space = analyzeSpace(*fixture.module, setup.get());
  search::Problem &problem = space->problem;
  auto tables = llvm::cantFail(loadValueTables(
      GNOMON_SOURCE_DIR "/data/accuracy/ofa-mbv3-additive.json"));
  uint32_t accuracy = problem.metrics.size();
  addMetric(problem, tables.metric,
            llvm::cantFail(valueTerms(tables, problem)));
  search::FrontOptions options;
  options.metrics = {0, accuracy};
  for (auto _ : state) {
    auto front = llvm::cantFail(search::paretoFront(problem, options));
    state.counters["points"] = double(front.points.size());
  }
}
BENCHMARK(paretoFront)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
