// SPDX-License-Identifier: Apache-2.0
// The sum over the problem of each named space is what the networks that it
// stands for cost, to the nanosecond.

#include "gnomon/Analysis/NetworkCounts.h"
#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/FeatureOpInterface.h"
#include "gnomon/Search/Front.h"
#include "gnomon/Spaces/Space.h"
#include "gtest/gtest.h"

using namespace gnomon;
using namespace mlir;

namespace {

constexpr size_t networksOfEachSpace = 1000;

class SpacesTest : public testing::TestWithParam<const Space *> {};

void loadDialects(MLIRContext &context) {
  DialectRegistry registry;
  registry.insert<GnomonDialect, func::FuncDialect>();
  registerONNXDialect(registry);
  registerFeatureModels(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}

search::Assignment assignmentOf(const search::Problem &problem,
                                const Selection &selection) {
  search::Assignment assignment;
  for (const search::Decision &decision : problem.decisions) {
    auto found = selection.find(decision.name);
    assignment.push_back(found == selection.end()
                             ? 0
                             : llvm::find(decision.options, found->second) -
                                   decision.options.begin());
  }
  return assignment;
}

TEST_P(SpacesTest, ProblemAndMaterializedNetworksAgree) {
  MLIRContext context;
  loadDialects(context);
  const Space &space = *GetParam();
  // Two resolutions of one space, so that their terms are told apart.
  SpaceOptions options;
  std::vector<std::string> all = space.decisions(options).front().options;
  options.resolutions = {std::stoll(all.back())};
  if (space.name() == "ofa-mbv3")
    options.resolutions.push_back(std::stoll(all.front()));
  auto module = space.build(context, options);
  ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
  auto setup = CostSetup::load(GNOMON_SOURCE_DIR "/data/models/ort-cpu-1t-f32",
                               "", **module);
  ASSERT_TRUE(bool(setup)) << llvm::toString(setup.takeError());
  auto analyzed = analyzeSpace(**module, setup->get());
  ASSERT_TRUE(succeeded(analyzed));
  const search::Problem &problem = analyzed->problem;
  llvm::Error error = problem.check();
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  RecordProperty("networks_formed", analyzed->networks);
  RecordProperty("kernels", analyzed->kernels);

  size_t wrong = 0;
  for (size_t seed = 0; seed < networksOfEachSpace && wrong < 5; ++seed) {
    Selection selection = space.random(seed, options);
    // Edges of a cell into a node that nothing reads need not be decided.
    search::Assignment assignment =
        search::canonical(problem, assignmentOf(problem, selection));
    std::vector<search::Cost> costs = search::evaluate(problem, assignment);
    auto annotated =
        materializedLatencyNs(analyzed->structure, assignment, **setup);
    ASSERT_TRUE(succeeded(annotated));
    auto function = selectedFunction(**module, selection);
    ASSERT_TRUE(bool(function)) << llvm::toString(function.takeError());
    auto counts = countNetwork(*function, selection);
    ASSERT_TRUE(bool(counts)) << llvm::toString(counts.takeError());
    EXPECT_EQ(costs[0], *annotated) << "seed " << seed;
    EXPECT_EQ(costs[1], counts->macs) << "seed " << seed;
    EXPECT_EQ(costs[2], counts->params) << "seed " << seed;
    wrong += costs[0] != *annotated;
  }
}

/// Latency and multiply-accumulates of all networks, those left that no other
/// beats.
std::set<std::pair<search::Cost, search::Cost>>
frontByEnumeration(const search::Problem &problem) {
  std::map<search::Cost, search::Cost> most; // macs by latency
  search::Assignment assignment(problem.decisions.size());
  for (size_t place = 0; place < assignment.size();) {
    std::vector<search::Cost> costs =
        search::evaluate(problem, search::canonical(problem, assignment));
    search::Cost &macs = most.try_emplace(costs[0], costs[1]).first->second;
    macs = std::max(macs, costs[1]);
    for (place = 0;
         place < assignment.size() &&
         ++assignment[place] == problem.decisions[place].options.size();
         ++place)
      assignment[place] = 0;
  }
  std::set<std::pair<search::Cost, search::Cost>> front;
  search::Cost best = -1;
  for (auto [latency, macs] : most)
    if (macs > best) {
      best = macs;
      front.insert({latency, macs});
    }
  return front;
}

TEST(ExactFrontTest, IsThatOfAllNetworksOfNasBench201) {
  MLIRContext context;
  loadDialects(context);
  SpaceOptions options;
  options.resolutions = {16};
  auto module = findSpace("nasbench201")->build(context, options);
  ASSERT_TRUE(bool(module)) << llvm::toString(module.takeError());
  auto setup = CostSetup::load(GNOMON_SOURCE_DIR "/data/models/ort-cpu-1t-f32",
                               "", **module);
  ASSERT_TRUE(bool(setup)) << llvm::toString(setup.takeError());
  auto analyzed = analyzeSpace(**module, setup->get());
  ASSERT_TRUE(succeeded(analyzed));
  search::Problem &problem = analyzed->problem;
  problem.metrics[1].sense = search::Sense::Maximize;
  search::FrontOptions metrics;
  metrics.metrics = {0, 1};
  auto front = search::paretoFront(problem, metrics);
  ASSERT_TRUE(bool(front)) << llvm::toString(front.takeError());
  std::set<std::pair<search::Cost, search::Cost>> found;
  for (const search::Solution &point : front->points)
    found.insert({point.costs[0], point.costs[1]});
  EXPECT_EQ(found, frontByEnumeration(problem));
  EXPECT_EQ(found.size(), front->points.size());
}

INSTANTIATE_TEST_SUITE_P(EverySpace, SpacesTest, testing::ValuesIn(allSpaces()),
                         [](const testing::TestParamInfo<const Space *> &info) {
                           std::string name = info.param->name().str();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
