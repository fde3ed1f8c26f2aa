// SPDX-License-Identifier: Apache-2.0
// Bundles: what a good one answers, and how broken ones are refused.

#include "gnomon/Cost/CostModel.h"
#include "gnomon/Support/Files.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gnomon;
using testing::HasSubstr;

namespace {

const std::string toy = GNOMON_SOURCE_DIR "/test/Inputs/toy-bundle";

std::string readFile(const std::string &path) {
  return (*llvm::MemoryBuffer::getFile(path))->getBuffer().str();
}

/// A copy of the toy bundle with one piece of bundle.json replaced.
class BrokenBundle : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("bundle", folder));
    text = readFile(toy + "/bundle.json");
    forest = readFile(toy + "/conv.json");
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  void replace(llvm::StringRef from, llvm::StringRef to) {
    size_t at = text.find(from.str());
    ASSERT_NE(at, std::string::npos) << from.str();
    text.replace(at, from.size(), to.str());
  }

  /// What load() says about the bundle as it is now, or else its first forest
  /// that cannot be read.
  std::string problem() {
    llvm::cantFail(writeWholeFile(std::string(folder) + "/bundle.json", text));
    llvm::cantFail(writeWholeFile(std::string(folder) + "/conv.json", forest));
    auto bundle = ModelBundle::load(folder);
    if (!bundle)
      return llvm::toString(bundle.takeError());
    for (const auto &[kind, model] : (*bundle)->kinds)
      if (auto error = model.forest.predict({nullptr, 0, 0}, {}))
        return llvm::toString(std::move(error));
    return "loaded";
  }

  llvm::SmallString<128> folder;
  std::string text, forest;
};

TEST(ModelBundle, ReadsTheToyBundle) {
  auto bundle = llvm::cantFail(ModelBundle::load(toy));
  EXPECT_EQ(bundle->name, "toy");
  EXPECT_EQ(bundle->device.name, "toy-cpu");
  EXPECT_EQ(bundle->kinds.count(KernelKind::conv), 1u);
  Estimate estimate{100, 90, 110, Source::Predicted};
  EXPECT_EQ(bundle->network.shareNs(estimate, 4), 102000);
  EXPECT_EQ(bundle->network.constantNs(), 10000);
  EXPECT_TRUE(bundle->runtimeRules);
}

TEST(NetworkModel, SharesAreWholeNanoseconds) {
  NetworkModel network;
  network.scaleLog = std::log(2.0);
  network.perKernelUs = 0.25;
  network.constantUs = 5.4321;
  EXPECT_EQ(network.shareNs({100, 0, 0, Source::Predicted}, 1), 200250);
  EXPECT_EQ(network.shareNs({100, 0, 0, Source::Extrapolated}, 4), 201000);
  EXPECT_EQ(network.shareNs({0.1002, 0, 0, Source::Roofline}, 1), 450);
  EXPECT_EQ(network.constantNs(), 5432);
}

TEST(NetworkModel, ViewsCostAndSmallKernelsGiveBackAtMostHalf) {
  NetworkModel network;
  network.perKernelUs = -0.5;
  network.perViewUs = 0.25;
  EXPECT_EQ(network.shareNs({0, 0, 0, Source::Free}, 8), 2000);
  EXPECT_EQ(network.shareNs({100, 0, 0, Source::Predicted}, 40), 80000);
  EXPECT_EQ(network.shareNs({100, 0, 0, Source::Predicted}, 1000), 50000);
  EXPECT_EQ(network.shareNs({0, 0, 0, Source::Unsupported}, 1000), 0);
}

TEST(NetworkModel, BoundsWhatNoNetworkTakes) {
  NetworkModel network;
  network.scaleLog = 1000;
  network.perViewUs = -1;
  network.constantUs = -3;
  EXPECT_EQ(network.shareNs({1, 0, 0, Source::Predicted}, 1),
            NetworkModel::mostNs);
  EXPECT_EQ(network.shareNs({0, 0, 0, Source::Predicted}, 1), 0);
  EXPECT_EQ(network.shareNs({0, 0, 0, Source::Free}, 8), 0);
  EXPECT_EQ(network.constantNs(), 0);
}

TEST(ModelBundle, InterpolatesConfidencesAndRefusesOthers) {
  auto bundle = llvm::cantFail(ModelBundle::load(toy));
  auto [low, high] = logInterval(bundle->network.intervals, 0.85);
  EXPECT_NEAR(low, -0.075, 1e-12);
  EXPECT_NEAR(high, 0.075, 1e-12);
  auto check = [&](double confidence) {
    return llvm::toString(
        checkConfidence("b", bundle->network.intervals, confidence));
  };
  EXPECT_EQ(check(0.8), "");
  EXPECT_THAT(check(0.99), HasSubstr("calibrated from"));
  EXPECT_THAT(check(std::nan("")), HasSubstr("between 0 and 1"));
}

TEST(ModelBundle, FindsDevices) {
  auto bundle = llvm::cantFail(ModelBundle::load(toy));
  EXPECT_EQ(llvm::cantFail(bundle->findDevice("")).name, "toy-cpu");
  EXPECT_EQ(llvm::cantFail(bundle->findDevice("toy-fast")).name, "toy-fast");
  EXPECT_THAT(llvm::toString(bundle->findDevice("h9000").takeError()),
              HasSubstr("no such device"));
}

TEST_F(BrokenBundle, UnchangedLoads) { EXPECT_EQ(problem(), "loaded"); }

TEST_F(BrokenBundle, MissingFolderAndEmptyName) {
  EXPECT_THAT(llvm::toString(ModelBundle::load("/no/such").takeError()),
              HasSubstr("/no/such/bundle.json"));
  EXPECT_THAT(llvm::toString(ModelBundle::load("").takeError()),
              HasSubstr("expected the folder"));
}

TEST_F(BrokenBundle, CutShortAnywhere) {
  std::string whole = text;
  for (size_t size = 0; size + 2 < whole.size(); size += 97) {
    text = whole.substr(0, size);
    EXPECT_THAT(problem(), HasSubstr("bundle.json")) << size;
  }
}

TEST_F(BrokenBundle, UnknownFeatureIsNamed) {
  replace("\"kernel_area\"", "\"moon_phase\"");
  EXPECT_THAT(problem(), HasSubstr("does not know the feature 'moon_phase'"));
}

TEST_F(BrokenBundle, UnknownKindIsNamed) {
  replace("\"conv\":", "\"warp\":");
  EXPECT_THAT(problem(), HasSubstr("does not know the kernel kind 'warp'"));
}

TEST_F(BrokenBundle, FormatOfTheFuture) {
  replace("\"format\": 1", "\"format\": 2");
  EXPECT_THAT(problem(), HasSubstr("format"));
}

TEST_F(BrokenBundle, WrongTypesAreLocated) {
  replace("\"log_offset\": 0.0", "\"log_offset\": \"0\"");
  EXPECT_THAT(problem(), HasSubstr("kinds.conv.log_offset"));
}

TEST_F(BrokenBundle, ColumnsMustFitTheForest) {
  replace("\"features\": [\n    \"flops\",", "\"features\": [");
  EXPECT_THAT(problem(), HasSubstr("names 1 columns, the forest in conv.json "
                                   "has 2"));
}

TEST_F(BrokenBundle, ModelFilesStayInTheFolder) {
  replace("\"conv.json\"", "\"../conv.json\"");
  EXPECT_THAT(problem(), HasSubstr("kinds.conv.model"));
}

TEST_F(BrokenBundle, MissingModelFile) {
  replace("\"conv.json\"", "\"gone.ubj\"");
  EXPECT_THAT(problem(), HasSubstr("gone.ubj"));
}

TEST_F(BrokenBundle, CutShortModelFile) {
  forest.resize(forest.size() / 2);
  EXPECT_THAT(problem(), HasSubstr("conv.json"));
}

TEST_F(BrokenBundle, IntervalsMustNotCross) {
  replace("\"0.8\": [\n     -0.1,\n     0.1\n    ]", "\"0.8\": [1, 0]");
  EXPECT_THAT(problem(), HasSubstr("low <= high"));
}

TEST_F(BrokenBundle, MissingDevice) {
  replace("\"device\"", "\"devise\"");
  EXPECT_THAT(problem(), HasSubstr("device"));
}

} // namespace
