// SPDX-License-Identifier: Apache-2.0
// Building, verifying and printing the supernet of OFA-MobileNetV3 with its 25
// resolutions.

#include "gnomon/Spaces/Space.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/raw_ostream.h"

#include <benchmark/benchmark.h>

using namespace gnomon;

static mlir::OwningOpRef<mlir::ModuleOp> build(mlir::MLIRContext &context) {
  return llvm::cantFail(findSpace("ofa-mbv3")->build(context, {}));
}

static void buildSpace(benchmark::State &state) {
  for (auto _ : state) {
    mlir::MLIRContext context;
    benchmark::DoNotOptimize(build(context).get());
  }
}
BENCHMARK(buildSpace)->Unit(benchmark::kMillisecond);

static void verifySpace(benchmark::State &state) {
  mlir::MLIRContext context;
  auto module = build(context);
  for (auto _ : state)
    benchmark::DoNotOptimize(mlir::verify(*module).succeeded());
}
BENCHMARK(verifySpace)->Unit(benchmark::kMillisecond);

static void printSpace(benchmark::State &state) {
  mlir::MLIRContext context;
  auto module = build(context);
  std::string text;
  for (auto _ : state) {
    text.clear();
    llvm::raw_string_ostream stream(text);
    module->print(stream);
  }
  state.counters["bytes"] = double(text.size());
}
BENCHMARK(printSpace)->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
