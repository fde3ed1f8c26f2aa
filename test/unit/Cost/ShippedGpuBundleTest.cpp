// SPDX-License-Identifier: Apache-2.0
// The shipped bundle of GPUs on every GPU that is shipped.

#include "gnomon/Cost/CostModel.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>

using namespace gnomon;

namespace {

const std::string devices = GNOMON_SOURCE_DIR "/data/devices";

std::vector<std::string> gpus() {
  std::vector<std::string> result;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator file(devices, error), end;
       !error && file != end; file.increment(error))
    if (auto spec = loadDeviceSpec(file->path(), {}); !spec)
      llvm::consumeError(spec.takeError());
    else if (spec->kind == "gpu")
      result.push_back(spec->name);
  std::sort(result.begin(), result.end());
  return result;
}

/// A linear layer of 1024 features on `rows` rows.
FeatureRow linear(double rows) {
  FeatureRow row(KernelKind::gemm);
  row.dtype = "f32";
  row.set(Feature::gemm_batch, 1);
  row.set(Feature::gemm_m, rows);
  row.set(Feature::gemm_n, 1024);
  row.set(Feature::gemm_k, 1024);
  row.set(Feature::gemm_m_alignment, std::min(rows, 4096.0));
  row.set(Feature::gemm_n_alignment, 1024);
  row.set(Feature::gemm_k_alignment, 1024);
  row.set(Feature::flops, 2 * rows * 1024 * 1024);
  row.set(Feature::bytes_weights, 4 * 1024 * 1024);
  row.set(Feature::bytes, 4 * (1024 * 1024 + 2 * rows * 1024));
  row.set(Feature::working_set_bytes, row.bytes());
  return row;
}

class ShippedGpu : public testing::TestWithParam<std::string> {};

TEST_P(ShippedGpu, IsPredictedAndNeverFasterThanItsRoofline) {
  auto bundle = llvm::cantFail(
      ModelBundle::load(GNOMON_SOURCE_DIR "/data/models/gpu-pytorch-f32"));
  DeviceSpec device = llvm::cantFail(bundle->findDevice(GetParam()));
  EXPECT_EQ(device.name, GetParam());
  EXPECT_GT(*device.launchOverheadUs, 1);
  ForestCostModel model(*bundle, device, 0.9);
  std::vector<FeatureRow> rows = {linear(1), linear(256), linear(16384)};
  std::vector<Estimate> estimates(rows.size());
  llvm::cantFail(model.estimate(rows, estimates));
  for (auto [row, estimate] : llvm::zip_equal(rows, estimates)) {
    double work = device.workUs(row.flops(), row.bytes(), "f32");
    EXPECT_EQ(estimate.source, Source::Predicted);
    EXPECT_GE(estimate.latencyUs, work);
    EXPECT_GE(estimate.latencyUs, *device.launchOverheadUs);
    EXPECT_LT(estimate.lowUs, estimate.highUs);
  }
  // A long product uses a fair share of any GPU.
  double work = device.workUs(rows[2].flops(), rows[2].bytes(), "f32");
  EXPECT_LT(estimates[2].latencyUs, 5 * work);
}

INSTANTIATE_TEST_SUITE_P(All, ShippedGpu, testing::ValuesIn(gpus()),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
