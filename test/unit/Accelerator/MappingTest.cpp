// SPDX-License-Identifier: Apache-2.0
// Accelerators on FPGAs: against all choices, monotone, within resources.

#include "gnomon/Accelerator/Mapping.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

#include <chrono>
#include <random>

using namespace gnomon;

namespace {

AcceleratorLayer conv(int64_t in, int64_t out, int64_t pixels, int64_t kernel) {
  return {"conv", 1, in, out, pixels, pixels, pixels, pixels, kernel, kernel};
}

AcceleratorLayer depthwise(int64_t channels, int64_t pixels, int64_t kernel) {
  return {"depthwise", channels, 1,      1,      pixels,
          pixels,      pixels,   pixels, kernel, kernel};
}

/// Six layers of three kernels, of sizes that depend on the seed.
std::vector<AcceleratorLayer> randomNetwork(uint64_t seed) {
  std::mt19937_64 random(seed);
  auto size = [&](int64_t most) { return int64_t(1 + random() % most); };
  std::vector<AcceleratorLayer> layers = {conv(3, size(40), size(60), 3)};
  for (int i = 0; i < 3; ++i)
    layers.push_back(conv(size(90), size(90), size(50), 1));
  if (seed % 2)
    layers.push_back(depthwise(2 + size(90), size(50), 3));
  layers.push_back(conv(size(50), size(50), size(20), 5));
  return layers;
}

Fpga randomFpga(uint64_t seed) {
  std::mt19937_64 random(seed * 31 + 1);
  auto between = [&](int64_t low, int64_t high) {
    return low + int64_t(random() % uint64_t(high - low));
  };
  return {"made-up", between(2, 300), between(900, 40000), between(2, 90), 1e9,
          1e8};
}

Fpga zu3eg() { return {"zu3eg", 360, 70560, 216, 19.2e9, 2e8}; }

/// A network of inverted bottlenecks with three kernel sizes.
std::vector<AcceleratorLayer> mobileNetwork() {
  std::vector<AcceleratorLayer> layers = {
      {"stem", 1, 3, 16, 112, 112, 224, 224, 3, 3}};
  int64_t channels = 16, pixels = 56;
  for (int64_t stage = 0; stage < 5; ++stage, channels *= 2, pixels /= 2)
    for (int64_t kernel : {3, 5, 7}) {
      layers.push_back(conv(channels, channels * 4, pixels, 1));
      layers.push_back(depthwise(channels * 4, pixels, kernel));
      layers.push_back(conv(channels * 4, channels, pixels, 1));
    }
  layers.push_back({"classifier", 1, 256, 1000});
  return layers;
}

/// The least cycles over all choices; none: nothing fits.
std::optional<int64_t> bruteForce(const std::vector<AcceleratorLayer> &layers,
                                  const Fpga &fpga,
                                  const MappingOptions &options) {
  search::Problem problem = mappingProblem(engineWork(layers), fpga, options);
  auto found = llvm::cantFail(
      search::findAlgorithm("exhaustive")->run(problem, {0}, {0, 10000000}));
  if (!found.best)
    return std::nullopt;
  return found.best->costs[0];
}

TEST(Mapping, EqualsAllChoices) {
  int solved = 0, hopeless = 0;
  for (int seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<AcceleratorLayer> layers = randomNetwork(seed);
    layers.resize(2 + seed % 2);
    Fpga fpga = randomFpga(seed);
    MappingOptions options;
    options.bits = seed % 3 ? 8 : 4;
    options.pipelined = seed % 4 < 2;
    Mapping mapping = llvm::cantFail(mapNetwork(layers, fpga, options));
    std::optional<int64_t> best = bruteForce(layers, fpga, options);
    ASSERT_EQ(!mapping.engines.empty(), best.has_value());
    ++(best ? solved : hopeless);
    if (!best)
      continue;
    EXPECT_EQ(mapping.intervalCycles, *best);
    EXPECT_EQ(mapping.gap, 0);
  }
  EXPECT_GT(solved, 100);
  EXPECT_GT(hopeless, 5);
}

/// With many choices the exact search thins its fronts, and proves nothing.
TEST(Mapping, EqualsTheExactSearchOrBeatsIt) {
  int equal = 0;
  for (int seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<AcceleratorLayer> layers = randomNetwork(seed);
    Fpga fpga = randomFpga(seed);
    MappingOptions options;
    options.pipelined = seed % 4 < 2;
    Mapping mapping = llvm::cantFail(mapNetwork(layers, fpga, options));
    options.algorithm = "exact";
    Mapping exact = llvm::cantFail(mapNetwork(layers, fpga, options));
    ASSERT_EQ(mapping.engines.empty(), exact.engines.empty());
    EXPECT_LE(mapping.intervalCycles, exact.intervalCycles);
    if (exact.gap == 0) {
      EXPECT_EQ(mapping.intervalCycles, exact.intervalCycles);
      ++equal;
    }
    EXPECT_EQ(mapping.least.dsp, exact.least.dsp);
    EXPECT_EQ(mapping.least.lut, exact.least.lut);
    EXPECT_EQ(mapping.least.bram, exact.least.bram);
  }
  EXPECT_GT(equal, 2);
}

TEST(Mapping, KeepsResourcesAndGainsFromMore) {
  for (bool pipelined : {false, true}) {
    int64_t before = std::numeric_limits<int64_t>::max();
    for (int64_t share : {2, 4, 8, 16, 32}) {
      Fpga fpga = zu3eg();
      fpga.dsp = fpga.dsp * share / 16;
      fpga.lut = fpga.lut * share / 16;
      fpga.bram = fpga.bram * share / 16;
      MappingOptions options;
      options.pipelined = pipelined;
      Mapping mapping =
          llvm::cantFail(mapNetwork(mobileNetwork(), fpga, options));
      if (mapping.engines.empty())
        continue;
      EXPECT_LE(mapping.used.dsp, fpga.dsp);
      EXPECT_LE(mapping.used.lut, fpga.lut);
      EXPECT_LE(mapping.used.bram, fpga.bram);
      EXPECT_LE(mapping.intervalCycles, before);
      EXPECT_LE(mapping.intervalCycles, mapping.latencyCycles);
      EngineResources sum;
      for (const MappedEngine &engine : mapping.engines) {
        sum.dsp += engine.resources.dsp;
        sum.bram += engine.resources.bram;
      }
      EXPECT_EQ(sum.dsp, mapping.used.dsp);
      EXPECT_EQ(sum.bram, mapping.used.bram);
      before = mapping.intervalCycles;
    }
    EXPECT_LT(before, std::numeric_limits<int64_t>::max());
  }
}

/// 5 s are the most; it is a tenth of one.
TEST(Mapping, TakesNoTime) {
  auto start = std::chrono::steady_clock::now();
  Mapping mapping = llvm::cantFail(mapNetwork(mobileNetwork(), zu3eg()));
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  EXPECT_FALSE(mapping.engines.empty());
  EXPECT_EQ(mapping.gap, 0);
  EXPECT_LT(seconds.count(), 5);
}

TEST(Mapping, FewerBitsAreFaster) {
  int64_t cycles[3];
  for (auto [i, bits] : {std::pair(0, 4), {1, 8}, {2, 16}}) {
    Mapping mapping =
        llvm::cantFail(mapNetwork(mobileNetwork(), zu3eg(), {bits}));
    ASSERT_FALSE(mapping.engines.empty());
    cycles[i] = mapping.intervalCycles;
  }
  EXPECT_LT(cycles[0], cycles[1]);
  EXPECT_LT(cycles[1], cycles[2]);
}

TEST(Mapping, SaysWhatHasToBeThere) {
  Fpga fpga = zu3eg();
  fpga.bram = 1;
  Mapping mapping = llvm::cantFail(mapNetwork(mobileNetwork(), fpga));
  EXPECT_TRUE(mapping.engines.empty());
  EXPECT_GT(mapping.least.bram, 1);
  EXPECT_EQ(mapping.least.dsp, 0);
}

TEST(Mapping, CountsByHand) {
  AcceleratorLayer layer = conv(20, 30, 10, 3);
  EXPECT_EQ(layer.macs(), 20 * 30 * 100 * 9);
  EXPECT_EQ(layerCycles(layer, {8, 16, 3}), 3 * 2 * 100 * 3);
  EXPECT_EQ(layerCycles(depthwise(20, 10, 3), {1, 8, 9}), 3 * 100);
  EngineWork work{"conv3x3", {layer}};
  EngineResources dsp = engineResources(work, {8, 16, 3}, 8);
  EXPECT_EQ(dsp.dsp, 192);
  EXPECT_EQ(dsp.lut, 400 + 12 * 8 * 24 + 384 * 20);
  // 3072 bits of weights, 9 deep; 64 bits of 3 x 10 x 3 inputs.
  EXPECT_EQ(dsp.bram, 2 * 43 + 1);
  EngineResources lut = engineResources(work, {8, 16, 3, true}, 4);
  EXPECT_EQ(lut.dsp, 0);
  EXPECT_EQ(lut.lut, 400 + 12 * 4 * 24 + 384 * 12 + 6759);
  EXPECT_EQ(engineResources(work, {8, 16, 3}, 4).dsp, 96);
  EXPECT_EQ(engineResources(work, {8, 16, 3}, 16).dsp, 384);
}

TEST(Mapping, RefusesWhatIsNoNetwork) {
  auto refusal = [](std::vector<AcceleratorLayer> layers,
                    MappingOptions options) {
    auto mapping = mapNetwork(layers, zu3eg(), options);
    return mapping ? "none" : llvm::toString(mapping.takeError());
  };
  EXPECT_NE(refusal({}, {}).find("found none"), std::string::npos);
  EXPECT_NE(refusal(mobileNetwork(), {0}).find("bits"), std::string::npos);
  EXPECT_NE(refusal({conv(0, 1, 1, 1)}, {}).find("found 0"), std::string::npos);
  EXPECT_NE(refusal({conv(1 << 20, 1 << 20, 1 << 20, 1)}, {}).find("1e15"),
            std::string::npos);
  EXPECT_NE(refusal(mobileNetwork(), {8, false, "guessing"}).find("guessing"),
            std::string::npos);
}

TEST(Fpga, ShippedPartsAreRead) {
  int read = 0;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator
           file(GNOMON_SOURCE_DIR "/data/fpga", error),
       end;
       !error && file != end; file.increment(error), ++read) {
    JsonDocument document = llvm::cantFail(JsonDocument::load(file->path()));
    Fpga fpga = llvm::cantFail(parseFpga(document.root()));
    if (fpga.name == "zu3eg") {
      EXPECT_EQ(fpga.dsp, 360);
      EXPECT_EQ(fpga.lut, 70560);
      EXPECT_EQ(fpga.bram, 216);
    }
  }
  EXPECT_EQ(read, 3);
  JsonDocument broken = llvm::cantFail(JsonDocument::parse(
      R"({"schema": 1, "name": "x", "dsp": -1})", "broken.json"));
  auto fpga = parseFpga(broken.root());
  ASSERT_FALSE(fpga);
  EXPECT_NE(llvm::toString(fpga.takeError()).find("broken.json: dsp"),
            std::string::npos);
}

} // namespace
