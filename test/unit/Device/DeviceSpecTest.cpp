// SPDX-License-Identifier: Apache-2.0
// Device specifications: what is read, what is refused, what follows from them.

#include "gnomon/Device/DeviceSpec.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace gnomon;

namespace {

llvm::Expected<DeviceSpec> parse(llvm::StringRef text) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, "d.json");
  if (!document)
    return document.takeError();
  return parseDeviceSpec(document->root());
}

std::string problem(llvm::StringRef text) {
  llvm::Expected<DeviceSpec> spec = parse(text);
  return spec ? "none" : llvm::toString(spec.takeError());
}

constexpr char toy[] = R"({"name": "toy", "sm_count": null,
  "peak_flops": {"f32": 1e9, "i8": 4e9}, "cores": 2,
  "memory_bandwidth_bytes_per_s": 1e8, "launch_overhead_us": 0.5})";

TEST(DeviceSpec, RooflineIsTheSlowerOfComputeAndTraffic) {
  DeviceSpec spec = llvm::cantFail(parse(toy));
  EXPECT_DOUBLE_EQ(spec.rooflineUs(1000, 10, "f32"), 1.5);
  EXPECT_DOUBLE_EQ(spec.rooflineUs(1000, 1000, "f32"), 10.5);
  EXPECT_DOUBLE_EQ(spec.rooflineUs(1000, 0, "i8"), 0.75);
  EXPECT_DOUBLE_EQ(spec.rooflineUs(NAN, NAN, "f32"), 0.5);
}

TEST(DeviceSpec, UnknownTypesRunAtTheSpeedOfF32) {
  DeviceSpec spec = llvm::cantFail(parse(toy));
  EXPECT_EQ(spec.peak("f16"), 1e9);
  EXPECT_EQ(spec.cores, 2.0);
  EXPECT_FALSE(spec.smCount);
}

TEST(DeviceSpec, SaysWhichFieldIsWrong) {
  EXPECT_NE(problem(R"({"name": "x", "peak_flops": {}})").find("f32"),
            std::string::npos);
  EXPECT_NE(problem(R"({"name": 3})").find("name"), std::string::npos);
  EXPECT_NE(problem(R"({"name": "x", "peak_flops": {"f32": -1},
                       "memory_bandwidth_bytes_per_s": 1})")
                .find("peak_flops.f32: expected a number greater than 0"),
            std::string::npos);
}

TEST(DeviceSpec, RefusesNamesThatLeaveTheFolder) {
  llvm::Expected<DeviceSpec> spec = loadDeviceSpec("../../x", {"/tmp"});
  ASSERT_FALSE(spec);
  EXPECT_EQ(llvm::toString(spec.takeError()).substr(0, 17),
            "device '../../x':");
}

} // namespace
