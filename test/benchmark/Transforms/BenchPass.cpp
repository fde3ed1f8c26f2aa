// SPDX-License-Identifier: Apache-2.0
// gnomon-annotate-cost on 10,000 operations beside parsing and printing them,
// and ResNet-50 from file to annotated IR.

#include "gnomon/Target/ONNX/Import.h"
#include "gnomon/Transforms/CostPasses.h"
#include "gnomon/Transforms/InitAll.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include <benchmark/benchmark.h>

using namespace gnomon;
using namespace mlir;

static constexpr char bundle[] =
    GNOMON_SOURCE_DIR "/data/models/ort-cpu-1t-f32";
static constexpr char resnet50[] =
    GNOMON_SOURCE_DIR "/.venv/lib/python3.11/site-packages/onnx/backend/test/"
                      "data/light/light_resnet50.onnx";

static std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  gnomon::registerAllDialects(registry);
  registry.insert<func::FuncDialect, DLTIDialect>();
  auto context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

static constexpr int widths = 16;

/// "1x24x32x32xf32"
static std::string imageType(int width) {
  return llvm::formatv("tensor<1x{0}x32x32xf32>", width);
}

/// Half convolutions, from each of 16 widths to the next, half activations.
static std::string networkText(int operations) {
  auto width = [](int i) { return 16 + 8 * (i % widths); };
  auto weights = [&](int i) {
    return llvm::formatv("tensor<{0}x{1}x3x3xf32>", width(i + 1), width(i))
        .str();
  };
  std::string text = "func.func @net(%x: " + imageType(width(0));
  llvm::raw_string_ostream os(text);
  for (int i = 0; i < widths; ++i)
    os << llvm::formatv(", %w{0}: {1}", i, weights(i));
  os << ") {\n";
  std::string last = "%x";
  for (int i = 0; i < operations / 2; ++i) {
    os << llvm::formatv(
        "  %c{0} = \"onnx.Conv\"({1}, %w{2}) {{dilations = [1, 1], group = 1 : "
        "si64, kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [1, 1], "
        "onnx_node_name = \"conv{0}\"} : ({3}, {4}) -> {5}\n"
        "  %r{0} = \"onnx.Relu\"(%c{0}) {{onnx_node_name = \"relu{0}\"} : "
        "({5}) "
        "-> {5}\n",
        i, last, i % widths, imageType(width(i)), weights(i),
        imageType(width(i + 1)));
    last = "%r" + std::to_string(i);
  }
  os << "  return\n}\n";
  return text;
}

static std::unique_ptr<CostSetup> load(ModuleOp module) {
  return llvm::cantFail(CostSetup::load(bundle, "", module));
}

static void annotate(ModuleOp module, const CostSetup &setup) {
  if (failed(annotateCost(module, *analyzeCost(module, setup),
                          setup.confidence(), false)))
    abort();
}

static void BM_ParseAndPrint(benchmark::State &state) {
  auto context = makeContext();
  std::string text = networkText(10000);
  for (auto _ : state) {
    auto module =
        parseSourceString<ModuleOp>(text, ParserConfig(context.get()));
    std::string printed;
    llvm::raw_string_ostream os(printed);
    module->print(os);
    benchmark::DoNotOptimize(printed.data());
  }
}
BENCHMARK(BM_ParseAndPrint)->Unit(benchmark::kMillisecond)->Iterations(9);

/// The pass on IR without estimates, all of it: the bundle's files are read.
static void BM_AnnotateCost(benchmark::State &state) {
  auto context = makeContext();
  std::string text = networkText(10000);
  for (auto _ : state) {
    state.PauseTiming();
    auto module =
        parseSourceString<ModuleOp>(text, ParserConfig(context.get()));
    state.ResumeTiming();
    annotate(*module, *load(*module));
    state.PauseTiming();
    module = nullptr;
    state.ResumeTiming();
  }
}
BENCHMARK(BM_AnnotateCost)->Unit(benchmark::kMillisecond)->Iterations(9);

/// What of it is reading the bundle; that does not grow with the module.
static void BM_LoadBundle(benchmark::State &state) {
  auto context = makeContext();
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&*context));
  for (auto _ : state)
    benchmark::DoNotOptimize(load(*module));
}
BENCHMARK(BM_LoadBundle)->Unit(benchmark::kMillisecond)->Iterations(9);

static void BM_ResNet50FromFileToAnnotatedIr(benchmark::State &state) {
  for (auto _ : state) {
    auto context = makeContext();
    context->getDiagEngine().registerHandler([](Diagnostic &) {});
    OwningOpRef<ModuleOp> module = importOnnx(resnet50, {}, context.get());
    if (!module)
      return state.SkipWithError("ResNet-50 is not in the environment");
    annotate(*module, *load(*module));
  }
}
BENCHMARK(BM_ResNet50FromFileToAnnotatedIr)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5);

static constexpr const char *bundles[] = {bundle, GNOMON_SOURCE_DIR
                                          "/data/models/gpu-pytorch-f32"};

/// ResNet-50 imported, and a bundle: what a prediction begins with.
struct Imported {
  explicit Imported(const char *bundle) : context(makeContext()) {
    context->getDiagEngine().registerHandler([](Diagnostic &) {});
    module = importOnnx(resnet50, {}, context.get());
    if (module)
      setup = llvm::cantFail(CostSetup::load(bundle, "", *module));
  }
  std::unique_ptr<MLIRContext> context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<CostSetup> setup;
};

/// Kernels formed, described, estimated and summed.
static void BM_PredictImportedResNet50(benchmark::State &state) {
  Imported net(bundles[state.range(0)]);
  if (!net.module)
    return state.SkipWithError("ResNet-50 is not in the environment");
  for (auto _ : state)
    benchmark::DoNotOptimize(analyzeCost(*net.module, *net.setup));
}
BENCHMARK(BM_PredictImportedResNet50)
    ->DenseRange(0, 1)
    ->Unit(benchmark::kMicrosecond);

/// The models' part of it: estimates of its kernels.
static void BM_EstimateKernelsOfResNet50(benchmark::State &state) {
  Imported net(bundles[state.range(0)]);
  if (!net.module)
    return state.SkipWithError("ResNet-50 is not in the environment");
  auto &setup = *llvm::cast<KernelSetup>(net.setup.get());
  ForestCostModel model(setup.bundle(), setup.device(), setup.confidence());
  UniqueRows rows;
  ModuleCost cost = *analyzeCost(*net.module, setup);
  for (const KernelCost &kernel : cost.functions.front().kernels)
    rows.add(*kernel.row);
  std::vector<Estimate> estimates(rows.size());
  for (auto _ : state)
    llvm::cantFail(model.estimate(rows.rows(), estimates));
  state.counters["kernels"] = double(cost.functions.front().kernels.size());
  state.counters["different"] = double(rows.size());
}
BENCHMARK(BM_EstimateKernelsOfResNet50)
    ->DenseRange(0, 1)
    ->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();
