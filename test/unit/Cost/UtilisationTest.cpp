// SPDX-License-Identifier: Apache-2.0
// Bundles of the form of a utilisation: times by hand, devices, broken files.

#include "gnomon/Cost/CostModel.h"
#include "gnomon/Support/Files.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace gnomon;
using testing::HasSubstr;

namespace {

const std::string toy = GNOMON_SOURCE_DIR "/test/Inputs/toy-gpu-bundle";

/// 64 tiles of 64 x 64; 1e6 FLOPs take the toy GPU 1 us, 1e5 bytes as long.
FeatureRow row(double flops) {
  FeatureRow result(KernelKind::conv);
  result.dtype = "f32";
  result.set(Feature::flops, flops);
  result.set(Feature::bytes, 1000);
  result.set(Feature::gemm_m, 512);
  result.set(Feature::gemm_n, 512);
  result.set(Feature::gemm_k, 16);
  result.set(Feature::gemm_batch, 1);
  return result;
}

class Utilisation : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("bundle", folder));
    std::string from = toy + "/conv.json", to = folder.str().str();
    ASSERT_FALSE(llvm::sys::fs::copy_file(from, to + "/conv.json"));
    text = (*llvm::MemoryBuffer::getFile(toy + "/bundle.json"))->getBuffer();
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  void replace(llvm::StringRef from, llvm::StringRef to) {
    size_t at = text.find(from.str());
    ASSERT_NE(at, std::string::npos) << from.str();
    text.replace(at, from.size(), to.str());
  }
  llvm::Expected<std::unique_ptr<const ModelBundle>> load() {
    llvm::cantFail(writeWholeFile(std::string(folder) + "/bundle.json", text));
    return ModelBundle::load(folder);
  }
  std::string problem() {
    auto bundle = load();
    return bundle ? "loaded" : llvm::toString(bundle.takeError());
  }
  double latencyUs(double flops) {
    auto bundle = llvm::cantFail(load());
    ForestCostModel model(*bundle, bundle->device, 0.9);
    std::vector<Estimate> estimates(1);
    llvm::cantFail(model.estimate({row(flops)}, estimates));
    return estimates[0].latencyUs;
  }

  llvm::SmallString<128> folder;
  std::string text;
};

TEST_F(Utilisation, LaunchesHideBehindLongKernels) {
  // 6.4 rounds of tiles: the forest says 1.
  EXPECT_DOUBLE_EQ(latencyUs(1e7), 2 + 10 * std::exp(1.0));
  EXPECT_DOUBLE_EQ(latencyUs(1e5), 4);
}

TEST_F(Utilisation, IsBoundedByTheRoofline) {
  replace("\"log_offset\": 0.0", "\"log_offset\": -3.0");
  EXPECT_DOUBLE_EQ(latencyUs(1e7), 2 + 10);
  replace("\"base\"", "\"roofline_gain\": 4.0, \"base\"");
  // exp(-2) would be below a quarter of the roofline.
  EXPECT_DOUBLE_EQ(latencyUs(1e7), 2 + 2.5);
}

TEST_F(Utilisation, KindsAndOperationsLaunchInTheirOwnTime) {
  replace("\"base\"", "\"launch_factor\": 2.0, \"base\"");
  EXPECT_DOUBLE_EQ(latencyUs(1e7), 4 + 10 * std::exp(1.0));
  replace("\"base\"", "\"launch_factors\": {\"Relu\": 0.5}, \"base\"");
  auto bundle = llvm::cantFail(load());
  const KindModel &model = bundle->kinds.at(KernelKind::conv);
  FeatureRow relu = row(1);
  relu.set(Feature::operation, 4);
  EXPECT_DOUBLE_EQ(model.place(relu, bundle->device).launchUs(), 2);
  relu.set(Feature::operation, 5);
  EXPECT_DOUBLE_EQ(model.place(relu, bundle->device).launchUs(), 8);
}

TEST_F(Utilisation, MayBeOfTheTimeByTiles) {
  replace("\"base\": \"work\"", "\"base\": \"tiled\"");
  auto bundle = llvm::cantFail(load());
  double tiles = tiledUs(row(1e6), bundle->device);
  EXPECT_GT(tiles, 10);
  EXPECT_DOUBLE_EQ(latencyUs(1e6), 2 + tiles * std::exp(1.0));
}

TEST_F(Utilisation, CalibrationScalesTheWholeLatency) {
  replace("\"base\"", "\"scale_log\": 0.5, \"base\"");
  EXPECT_DOUBLE_EQ(latencyUs(1e5), 4 * std::exp(0.5));
}

TEST_F(Utilisation, LaunchesAreTheDevicesOwnOrMeasuredOrAssumed) {
  auto bundle = llvm::cantFail(load());
  DeviceSpec device = bundle->device;
  device.launchOverheadUs = std::nullopt;
  EXPECT_EQ(llvm::cantFail(bundle->admit(device)).launchOverheadUs, 4.0);
  device.name = "large-gpu";
  EXPECT_EQ(llvm::cantFail(bundle->admit(device)).launchOverheadUs, 2.0);
  device.launchOverheadUs = 7;
  EXPECT_EQ(llvm::cantFail(bundle->admit(device)).launchOverheadUs, 7.0);
}

TEST_F(Utilisation, OfOneDeviceServesNoOther) {
  replace("\"form\"", "\"calibrated_for\": \"toy-gpu\", \"form\"");
  auto bundle = llvm::cantFail(load());
  DeviceSpec device = bundle->device;
  EXPECT_EQ(llvm::cantFail(bundle->admit(device)).name, "toy-gpu");
  device.name = "other";
  EXPECT_THAT(llvm::toString(bundle->admit(device).takeError()),
              HasSubstr("bundle 'toy-gpu' is calibrated for 'toy-gpu' only"));
}

TEST_F(Utilisation, BrokenMembersAreLocated) {
  const std::string whole = text;
  auto broken = [&](llvm::StringRef from, llvm::StringRef to) {
    text = whole;
    replace(from, to);
    return problem();
  };
  EXPECT_THAT(broken("\"utilisation\"", "\"magic\""),
              HasSubstr("bundle.json: form: expected \"utilisation\", found "
                        "\"magic\""));
  EXPECT_THAT(broken("\"launch_overhead_us\": 4.0,", ""),
              HasSubstr("member \"launch_overhead_us\" is missing"));
  EXPECT_THAT(
      broken("\"launch_overhead_us\": 4.0", "\"launch_overhead_us\": -1"),
      HasSubstr("launch_overhead_us: expected a number of at least 0"));
  EXPECT_THAT(broken("\"Large GPU\": 2.0", "\"Large GPU\": 0"),
              HasSubstr("launch_overheads_us.Large GPU: expected a number "
                        "greater than 0"));
  EXPECT_THAT(
      broken("\"work\"", "\"play\""),
      HasSubstr("kinds.conv.base: expected \"work\" or \"tiled\", found "
                "\"play\""));
  EXPECT_THAT(broken("\"launch_share\": 0.5", "\"launch_share\": 1.5"),
              HasSubstr("kinds.conv.launch_share: expected a number from 0 to "
                        "1"));
  EXPECT_THAT(broken("\"base\"", "\"roofline_gain\": 0, \"base\""),
              HasSubstr("kinds.conv.roofline_gain: "));
  EXPECT_THAT(broken("\"base\"", "\"launch_factor\": -1, \"base\""),
              HasSubstr("kinds.conv.launch_factor: "));
  EXPECT_THAT(broken("\"base\"", "\"launch_factors\": {\"Moo\": 1}, \"base\""),
              HasSubstr("kinds.conv.launch_factors.Moo: this version does not "
                        "know the operation"));
  EXPECT_THAT(broken("\"waves_64x64\"", "\"moons_64x64\""),
              HasSubstr("does not know the feature 'moons_64x64'"));
}

} // namespace
