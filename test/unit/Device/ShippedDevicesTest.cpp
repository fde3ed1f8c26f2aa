// SPDX-License-Identifier: Apache-2.0
// The shipped device specifications: each parses and makes sense.

#include "gnomon/Device/DeviceSpec.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"
#include <algorithm>

using namespace gnomon;

namespace {

const std::string folder = GNOMON_SOURCE_DIR "/data/devices";

std::vector<std::string> names() {
  std::vector<std::string> result;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator file(folder, error), end;
       !error && file != end; file.increment(error))
    result.push_back(llvm::sys::path::stem(file->path()).str());
  std::sort(result.begin(), result.end());
  return result;
}

class ShippedDevice : public testing::TestWithParam<std::string> {};

TEST_P(ShippedDevice, IsWhatItsFileIsCalled) {
  DeviceSpec spec = llvm::cantFail(loadDeviceSpec(GetParam(), {folder}));
  EXPECT_EQ(spec.name, GetParam());
  EXPECT_FALSE(spec.description.empty());
  EXPECT_TRUE(spec.kind == "cpu" || spec.kind == "gpu") << spec.kind;
}

TEST_P(ShippedDevice, NumbersOfAGpuFitOneAnother) {
  DeviceSpec spec = llvm::cantFail(loadDeviceSpec(GetParam(), {folder}));
  if (spec.kind != "gpu")
    GTEST_SKIP() << "no GPU";
  ASSERT_TRUE(spec.cores && spec.clockHz && spec.smCount && spec.memoryBytes);
  // Each core does a multiply-add a cycle.
  double peak = *spec.cores * 2 * *spec.clockHz;
  EXPECT_NEAR(spec.peak("f32") / peak, 1, 0.1);
  double coresOfOne = *spec.cores / *spec.smCount;
  EXPECT_TRUE(coresOfOne == 64 || coresOfOne == 128) << coresOfOne;
  // FLOPs a byte at the ridge point; L2 from 2 to 128 MiB; 8 to 192 GB.
  double ridge = spec.peak("f32") / spec.memoryBandwidth;
  EXPECT_TRUE(ridge > 5 && ridge < 120) << ridge;
  double l2 = spec.cacheBytes.at("l2") / (1 << 20);
  EXPECT_TRUE(l2 >= 2 && l2 <= 128) << l2;
  double memory = *spec.memoryBytes / (1 << 30);
  EXPECT_TRUE(memory >= 8 && memory <= 192) << memory;
}

INSTANTIATE_TEST_SUITE_P(All, ShippedDevice, testing::ValuesIn(names()),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

std::string found(llvm::StringRef wanted) {
  auto spec = loadDeviceSpec(wanted, {folder});
  return spec ? spec->name : llvm::toString(spec.takeError());
}

TEST(ShippedDevices, AreFoundByShortNames) {
  EXPECT_EQ(found("v100"), "v100-pcie-32gb");
  EXPECT_EQ(found("V100-PCIE-32GB"), "v100-pcie-32gb");
  EXPECT_EQ(found("TitanX_Pascal"), "titanx-pascal");
  EXPECT_EQ(found("RTX 4090"), "device 'RTX 4090': expected a name (letters, "
                               "digits, '-', '_', '.') or the path of a .json "
                               "file");
  EXPECT_EQ(found("P4"), "p4");
  EXPECT_EQ(found("a100-sxm4-80"), "a100-sxm4-80gb");
  EXPECT_EQ(found("h100"), "device 'h100' may be h100-pcie-80gb, "
                           "h100-sxm5-80gb; expected the name of one of them");
  EXPECT_EQ(found("h9000"),
            "device 'h9000': no such device; looked in " + folder);
}

} // namespace
