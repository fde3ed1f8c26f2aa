// SPDX-License-Identifier: Apache-2.0
// Networks and accelerators together: against all networks, sound points,
// word lengths, limits, refusals.

#include "gnomon/Accelerator/Hao.h"
#include "gnomon/Accelerator/Layers.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace gnomon;

namespace {

AcceleratorLayer conv(int64_t in, int64_t out, int64_t pixels, int64_t kernel) {
  return {"conv", 1, in, out, pixels, pixels, pixels, pixels, kernel, kernel};
}

/// Places with options of made-up layers each, worth more the more they do, and
/// a first decision on which the last place depends, too.
LayeredSpace madeUp(uint64_t seed, uint32_t places, uint32_t options) {
  std::mt19937_64 random(seed);
  auto size = [&](int64_t most) { return int64_t(1 + random() % most); };
  LayeredSpace space;
  space.problem.metrics = {{"value", "", search::Sense::Maximize},
                           {"macs", ""}};
  for (uint32_t place = 0; place < places; ++place) {
    search::Decision decision{"place" + std::to_string(place), {}, {}};
    LayeredSpace::Part part{{place}, {}, {}};
    search::Term term{{place}, {}};
    for (uint32_t option = 0; option < options; ++option) {
      decision.options.push_back("option" + std::to_string(option));
      AcceleratorLayer layer =
          conv(size(60), size(60), size(40), option % 3 == 2 ? 3 : 1);
      part.entries.push_back({{space.layers.size(), int64_t(1 + option % 2)}});
      search::Cost macs = layer.macs() * (1 + option % 2);
      term.costs.insert(
          term.costs.end(),
          {search::Cost(1e6 * std::sqrt(double(macs))) + size(1000), macs});
      space.layers.push_back(layer);
    }
    space.problem.decisions.push_back(decision);
    space.problem.terms.push_back(term);
    space.parts.push_back(part);
  }
  LayeredSpace::Part both{{0, places - 1}, {{}, {}}, {}};
  for (uint32_t entry = 0; entry < options * options; ++entry)
    both.entries.push_back({{space.layers.size(), 1}});
  space.layers.push_back(conv(3, 16, 30, 3));
  space.parts.push_back(both);
  return space;
}

Fpga smallFpga() { return {"made-up", 60, 15000, 60, 2e9, 1e8}; }

HaoOptions bits(std::vector<int64_t> widths) {
  HaoOptions options;
  options.widths.clear();
  for (int64_t width : widths)
    options.widths.push_back({width, std::nullopt});
  options.ticksPerUnit = 1e9;
  return options;
}

/// The area under the front, up to `cycles`.
double area(const std::vector<HaoPoint> &points, int64_t cycles) {
  double sum = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    int64_t end =
        i + 1 < points.size() ? points[i + 1].mapping.latencyCycles : cycles;
    sum += points[i].value * double(end - points[i].mapping.latencyCycles);
  }
  return sum;
}

void expectSound(const LayeredSpace &space, const Fpga &fpga,
                 const HaoResult &found) {
  for (const HaoPoint &point : found.points) {
    EXPECT_FALSE(search::verify(space.problem, point.solution));
    EXPECT_LE(point.mapping.used.dsp, fpga.dsp);
    EXPECT_LE(point.mapping.used.lut, fpga.lut);
    EXPECT_LE(point.mapping.used.bram, fpga.bram);
    Mapping best = llvm::cantFail(mapNetwork(
        space.layersOf(point.solution.assignment), fpga, {point.bits}));
    EXPECT_GE(point.mapping.latencyCycles, best.latencyCycles);
    int64_t sum = 0;
    for (const MappedEngine &engine : point.mapping.engines)
      sum += engine.cycles;
    EXPECT_EQ(sum, point.mapping.latencyCycles);
  }
  for (size_t i = 1; i < found.points.size(); ++i) {
    EXPECT_LE(found.points[i - 1].mapping.latencyCycles,
              found.points[i].mapping.latencyCycles);
    if (found.isMerged)
      EXPECT_LT(found.points[i - 1].value, found.points[i].value);
  }
}

TEST(Hao, MapsAllNetworksOfASmallSpace) {
  LayeredSpace space = madeUp(1, 3, 3);
  HaoResult found =
      llvm::cantFail(searchAccelerators(space, smallFpga(), bits({8})));
  EXPECT_TRUE(found.isWhole);
  EXPECT_EQ(found.programs, 27u);
  expectSound(space, smallFpga(), found);
  for (const HaoPoint &point : found.points)
    EXPECT_EQ(
        point.mapping.latencyCycles,
        llvm::cantFail(mapNetwork(space.layersOf(point.solution.assignment),
                                  smallFpga(), {8}))
            .latencyCycles);
}

/// 243 networks, of which the search may stack and draw a few.
TEST(Hao, ComesNearTheFrontOfAllNetworks) {
  double worst = 1;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    SCOPED_TRACE(seed);
    LayeredSpace space = madeUp(seed, 5, 3);
    HaoOptions options = bits({8});
    HaoResult all =
        llvm::cantFail(searchAccelerators(space, smallFpga(), options));
    ASSERT_TRUE(all.isWhole);
    options.stacks = 3;
    options.random = 4;
    options.remapped = 16;
    HaoResult some =
        llvm::cantFail(searchAccelerators(space, smallFpga(), options));
    EXPECT_FALSE(some.isWhole);
    EXPECT_LT(some.programs, 60u);
    expectSound(space, smallFpga(), some);
    int64_t end = 2 * all.points.back().mapping.latencyCycles;
    double share = area(some.points, end) / area(all.points, end);
    EXPECT_LE(share, 1);
    worst = std::min(worst, share);
  }
  EXPECT_GT(worst, 0.98);
}

TEST(Hao, SameSeedSameResult) {
  LayeredSpace space = madeUp(3, 7, 4);
  auto text = [&](uint64_t seed) {
    HaoOptions options = bits({4, 8});
    options.seed = seed;
    options.stacks = 4;
    HaoResult found =
        llvm::cantFail(searchAccelerators(space, smallFpga(), options));
    std::string result;
    for (const HaoPoint &point : found.points) {
      result += std::to_string(point.bits) + ":" +
                std::to_string(point.mapping.latencyCycles);
      for (uint32_t option : point.solution.assignment)
        result += "," + std::to_string(option);
    }
    return result;
  };
  EXPECT_EQ(text(5), text(5));
}

TEST(Hao, WordLengthsAreComparedWhereLossesAreKnown) {
  LayeredSpace space = madeUp(2, 3, 3);
  HaoOptions options = bits({4, 8});
  HaoResult apart =
      llvm::cantFail(searchAccelerators(space, smallFpga(), options));
  EXPECT_FALSE(apart.isMerged);
  options.widths = {{4, 0.001}, {8, 0.0}};
  HaoResult merged =
      llvm::cantFail(searchAccelerators(space, smallFpga(), options));
  EXPECT_TRUE(merged.isMerged);
  EXPECT_LT(merged.points.size(), apart.points.size());
  // The best network loses nothing at 8 bits.
  EXPECT_EQ(merged.points.back().bits, 8);
  // So dear that 4 bits pay only for what no 8 bits are fast enough for.
  options.widths = {{4, 1e9}, {8, 0.0}};
  HaoResult dear =
      llvm::cantFail(searchAccelerators(space, smallFpga(), options));
  bool isSlow = false;
  for (const HaoPoint &point : dear.points) {
    isSlow |= point.bits == 8;
    EXPECT_EQ(point.bits, isSlow ? 8 : 4);
  }
  EXPECT_TRUE(isSlow);
}

TEST(Hao, KeepsLimitsAndSaysWhatCannotBeMet) {
  LayeredSpace space = madeUp(4, 3, 3);
  HaoResult open =
      llvm::cantFail(searchAccelerators(space, smallFpga(), bits({8})));
  search::Cost most = open.points.back().solution.costs[1] / 2;
  space.problem.limits = {{1, most, {}}};
  HaoResult limited =
      llvm::cantFail(searchAccelerators(space, smallFpga(), bits({8})));
  ASSERT_FALSE(limited.points.empty());
  for (const HaoPoint &point : limited.points)
    EXPECT_LE(point.solution.costs[1], most);
  space.problem.limits = {{1, 1, {}}};
  HaoResult none =
      llvm::cantFail(searchAccelerators(space, smallFpga(), bits({8})));
  EXPECT_TRUE(none.points.empty());
  EXPECT_EQ(none.reachable.size(), 1u);
  EXPECT_EQ(none.programs, 0u);
}

TEST(Hao, SaysWhatThePartLacks) {
  Fpga tiny = smallFpga();
  tiny.bram = 1;
  HaoResult found =
      llvm::cantFail(searchAccelerators(madeUp(5, 3, 3), tiny, bits({8})));
  EXPECT_TRUE(found.points.empty());
  EXPECT_EQ(found.impossible, found.programs);
  ASSERT_TRUE(found.least);
  EXPECT_GT(found.least->bram, 1);
}

TEST(Hao, SolvesAtMostSoManyPrograms) {
  HaoOptions options = bits({4, 8});
  options.programs = 5;
  HaoResult found =
      llvm::cantFail(searchAccelerators(madeUp(6, 6, 4), smallFpga(), options));
  EXPECT_EQ(found.programs, 5u);
  EXPECT_FALSE(found.isWhole);
}

/// Twice the value of the metric, so that the order stays.
class Twice : public search::Evaluator {
public:
  explicit Twice(const search::Problem &problem) : problem(problem) {}
  std::vector<double>
  evaluate(llvm::ArrayRef<search::Assignment> networks) override {
    std::vector<double> values;
    for (const search::Assignment &network : networks)
      values.push_back(2e-9 * double(search::evaluate(problem, network)[0]));
    return values;
  }
  const search::Problem &problem;
};

TEST(Hao, AsksTheJudge) {
  LayeredSpace space = madeUp(7, 3, 3);
  HaoOptions options = bits({8});
  HaoResult plain =
      llvm::cantFail(searchAccelerators(space, smallFpga(), options));
  Twice judge(space.problem);
  options.evaluator = &judge;
  options.widths[0].loss = 0.25;
  HaoResult judged =
      llvm::cantFail(searchAccelerators(space, smallFpga(), options));
  ASSERT_EQ(plain.points.size(), judged.points.size());
  for (size_t i = 0; i < plain.points.size(); ++i)
    EXPECT_NEAR(judged.points[i].value, 2 * plain.points[i].value - 0.25, 1e-9);
}

TEST(Hao, RefusesWhatMeansNothing) {
  auto refusal = [](const LayeredSpace &space, const HaoOptions &options) {
    auto found = searchAccelerators(space, smallFpga(), options);
    return found ? "none" : llvm::toString(found.takeError());
  };
  LayeredSpace space = madeUp(8, 3, 3);
  EXPECT_EQ(refusal(space, bits({})),
            "hao: expected a word length, found none");
  EXPECT_EQ(refusal(space, bits({33})), "bits: expected 1 to 32, found 33");
  EXPECT_EQ(refusal(space, bits({8, 8})), "bits: 8 is asked for twice");
  HaoOptions options = bits({8});
  options.objective = 9;
  EXPECT_EQ(refusal(space, options), "hao: no metric 9");
  space.parts.clear();
  EXPECT_NE(refusal(space, bits({8})).find("found none"), std::string::npos);
}

TEST(MapOnto, KeepsWhatTheFpgaHas) {
  std::vector<AcceleratorLayer> layers = {conv(20, 30, 10, 3),
                                          conv(30, 20, 10, 1)};
  Mapping mapping = llvm::cantFail(mapNetwork(layers, smallFpga(), {8}));
  Accelerator accelerator = acceleratorOf(mapping);
  Mapping same = mapOnto(layers, accelerator, smallFpga(), 8);
  EXPECT_EQ(same.latencyCycles, mapping.latencyCycles);
  EXPECT_EQ(same.used.bram, mapping.used.bram);
  EXPECT_TRUE(
      mapOnto({conv(8, 8, 4, 5)}, accelerator, smallFpga(), 8).engines.empty());
  Fpga less = smallFpga();
  less.dsp = mapping.used.dsp - 1;
  EXPECT_EQ(mapOnto(layers, accelerator, less, 8).engines.empty(),
            mapping.used.dsp > 0);
}

TEST(Layers, ByHand) {
  FeatureRow row(KernelKind::conv);
  row.set(Feature::groups, 1);
  row.set(Feature::group_channels_in, 3);
  row.set(Feature::group_channels_out, 8);
  row.set(Feature::batch, 2);
  row.set(Feature::out_w, 10);
  row.set(Feature::in_w, 12);
  row.set(Feature::kernel_w, 3);
  AcceleratorLayer layer = *layerOf(row);
  EXPECT_EQ(layer.channelsIn, 3);
  EXPECT_EQ(layer.channelsOut, 8);
  EXPECT_EQ(layer.height, 1); // of sequences
  EXPECT_EQ(layer.width, 10);
  EXPECT_EQ(layer.widthIn, 12);
  EXPECT_EQ(layer.runs, 2);
  row.set(Feature::out_d, 4);
  EXPECT_FALSE(layerOf(row));
  FeatureRow product(KernelKind::gemm);
  product.set(Feature::gemm_m, 5);
  product.set(Feature::gemm_n, 7);
  product.set(Feature::gemm_k, 11);
  layer = *layerOf(product);
  EXPECT_EQ(layer.channelsIn, 11);
  EXPECT_EQ(layer.channelsOut, 7);
  EXPECT_EQ(layer.macs(), 5 * 7 * 11);
  EXPECT_FALSE(layerOf(FeatureRow(KernelKind::attention)));
}

} // namespace
