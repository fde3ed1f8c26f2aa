// SPDX-License-Identifier: Apache-2.0
// The exact front and evolution on a table in the shape of OFA-MobileNetV3.
// `BenchSearch --exchange=FILE` writes what script/bench-search compares with.

#include "../../unit/Search/Problems.h"
#include "Exchange.h"
#include "PeerMlp.h"
#include "gnomon/Search/Expectation.h"

#include "llvm/Support/raw_ostream.h"
#include <benchmark/benchmark.h>

using namespace gnomon::search;

namespace {
/// The budget of the single searches: 15 ms, in the middle of the front.
Problem budgeted() {
  Problem problem = test::stagesProblem(1);
  problem.limits = {{0, 15000000, std::nullopt}};
  return problem;
}

void front(benchmark::State &state) {
  Problem problem = test::stagesProblem(1, state.range(0));
  Front front;
  for (auto _ : state)
    front = llvm::cantFail(paretoFront(problem));
  state.counters["points"] = front.points.size();
  state.counters["pairs"] = front.pairs;
}

void frontOfThree(benchmark::State &state) {
  Problem problem = test::twoDevices(test::stagesProblem(1, state.range(0)));
  FrontOptions options;
  options.epsilon = state.range(1) / 1000.0;
  Front front;
  for (auto _ : state)
    front = llvm::cantFail(paretoFront(problem, options));
  state.counters["points"] = front.points.size();
  state.counters["pairs"] = front.pairs;
  state.counters["epsilon"] = front.epsilon;
}

void optimum(benchmark::State &state) {
  Problem problem = budgeted();
  SearchResult result;
  for (auto _ : state)
    result = llvm::cantFail(searchExact(problem, {1}, {}));
  state.counters["score"] = result.score;
}

void evolve(benchmark::State &state, Evaluator *evaluator) {
  Problem problem = budgeted();
  SearchOptions options;
  SearchResult result;
  for (auto _ : state) {
    result = llvm::cantFail(searchEvolution(
        problem, evaluator ? Objective{std::nullopt, evaluator} : Objective{1},
        options));
    ++options.seed;
  }
  state.counters["evaluations"] = result.evaluations;
  state.counters["score"] = result.score;
}

void evolutionByTable(benchmark::State &state) { evolve(state, nullptr); }

void evolutionByMlp(benchmark::State &state) {
  test::PeerMlp mlp;
  evolve(state, &mlp);
}

void expectedLatencyGradient(benchmark::State &state) {
  Problem problem = test::stagesProblem(1, state.range(0));
  Expectation expectation(problem, 0);
  OptionValues logits;
  for (const Decision &decision : problem.decisions)
    logits.emplace_back(decision.options.size(), 0.0);
  OptionValues probabilities = softmax(logits, 1), gradient = logits;
  for (auto _ : state)
    benchmark::DoNotOptimize(expectation(probabilities, 1, gradient));
}

BENCHMARK(front)
    ->ArgName("resolutions")
    ->Arg(1)
    ->Arg(25)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(frontOfThree)
    ->ArgNames({"resolutions", "permille"})
    ->Args({1, 10})
    ->Args({25, 10})
    ->Args({25, 0})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(optimum)->Unit(benchmark::kMillisecond);
BENCHMARK(evolutionByTable)->Unit(benchmark::kMillisecond);
BENCHMARK(evolutionByMlp)->Unit(benchmark::kMillisecond);
BENCHMARK(expectedLatencyGradient)->ArgName("resolutions")->Arg(1)->Arg(25);

int writeExchange(llvm::StringRef path) {
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (error) {
    llvm::errs() << path << ": " << error.message() << "\n";
    return 1;
  }
  out << test::exchange(test::stagesProblem(1)) << "\n";
  return 0;
}
} // namespace

int main(int argc, char **argv) {
  llvm::StringRef first = argc > 1 ? argv[1] : "";
  if (first.consume_front("--exchange="))
    return writeExchange(first);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
}
