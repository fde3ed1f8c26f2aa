// SPDX-License-Identifier: Apache-2.0
// The exact front on a table in the shape of OFA-MobileNetV3.

#include "../../unit/Search/Problems.h"
#include "gnomon/Search/Front.h"

#include <benchmark/benchmark.h>

using namespace gnomon::search;

namespace {
void front(benchmark::State &state) {
  Problem problem = test::stagesProblem(1, state.range(0));
  size_t points = 0;
  uint64_t pairs = 0;
  for (auto _ : state) {
    Front front = llvm::cantFail(paretoFront(problem));
    points = front.points.size();
    pairs = front.pairs;
  }
  state.counters["points"] = points;
  state.counters["pairs"] = pairs;
}
BENCHMARK(front)
    ->ArgName("resolutions")
    ->Arg(1)
    ->Arg(25)
    ->Unit(benchmark::kMillisecond);
} // namespace

BENCHMARK_MAIN();
