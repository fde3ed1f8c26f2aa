// SPDX-License-Identifier: Apache-2.0
// Ratios of kernels and devices, worked out by hand.

#include "gnomon/Cost/DeviceRatios.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

using namespace gnomon;

namespace {

/// 1 TFLOP/s, 100 GB/s, ten multiprocessors of 64 cores, 1 MiB of cache.
DeviceSpec tenSms() {
  DeviceSpec device;
  device.peakFlops["f32"] = 1e12;
  device.memoryBandwidth = 1e11;
  device.cores = 640;
  device.smCount = 10;
  device.cacheBytes["l2"] = 1 << 20;
  device.launchOverheadUs = 5;
  return device;
}

FeatureRow product(double batch, double m, double n, double k) {
  FeatureRow row(KernelKind::gemm);
  row.dtype = "f32";
  row.set(Feature::gemm_batch, batch);
  row.set(Feature::gemm_m, m);
  row.set(Feature::gemm_n, n);
  row.set(Feature::gemm_k, k);
  row.set(Feature::flops, 2 * batch * m * n * k);
  row.set(Feature::bytes, 1e5);
  row.set(Feature::bytes_weights, 1 << 19);
  row.set(Feature::working_set_bytes, 1 << 18);
  return row;
}

/// 3 x 3, stride 1, on 32 x 32 pixels of two images.
FeatureRow convolution(double in, double out) {
  FeatureRow row = product(2, 1024, out, 9 * in);
  row.kind = KernelKind::conv;
  for (Feature one : {Feature::groups, Feature::stride_h, Feature::stride_w,
                      Feature::dilation_h, Feature::dilation_w})
    row.set(one, 1);
  row.set(Feature::batch, 2);
  row.set(Feature::kernel_h, 3);
  row.set(Feature::kernel_w, 3);
  row.set(Feature::out_h, 32);
  row.set(Feature::out_w, 32);
  row.set(Feature::channels_in, in);
  row.set(Feature::channels_out, out);
  return row;
}

double ratio(DeviceRatio ratio, const FeatureRow &row) {
  DeviceSpec device = tenSms();
  return KernelOnDevice(row, device).get(ratio);
}

TEST(DeviceRatios, OfOneProduct) {
  FeatureRow row = product(3, 200, 100, 50);
  // 6e6 FLOPs: 6 us; 1e5 bytes: 1 us; a launch: 5 us.
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::intensity_over_ridge, row), 6);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::compute_over_launch, row), 1.2);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::traffic_over_launch, row), 0.2);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::working_set_over_l2, row), 0.25);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::weights_over_l2, row), 0.5);
  // 2 x 1, 2 x 2, 4 x 2 and 7 x 4 tiles of each of three products.
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::waves_128x128, row), 0.6);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::waves_128x64, row), 1.2);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::waves_64x64, row), 2.4);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::waves_32x32, row), 8.4);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::wave_fill_128x128, row), 0.6);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::wave_fill_128x64, row), 0.6);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::wave_fill_64x64, row), 0.8);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::wave_fill_32x32, row), 8.4 / 9);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::tile_use_128x128, row), 20000. / 32768);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::tile_use_128x64, row), 20000. / 32768);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::tile_use_64x64, row), 20000. / 32768);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::tile_use_32x32, row), 20000. / 28672);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::cores_over_sms, row), 64);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::sm_ridge, row), 4);
}

TEST(DeviceRatios, RowsOfAConvolutionAreThoseOfTheBatch) {
  FeatureRow row = convolution(8, 64);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::waves_128x64, row), 1.6);
}

TEST(DeviceRatios, AFullLastWaveIsFull) {
  // 5 tiles of 64 x 64 of each of four products on ten multiprocessors.
  FeatureRow row = product(4, 320, 64, 50);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::waves_64x64, row), 2);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::wave_fill_64x64, row), 1);
}

TEST(DeviceRatios, OfVectors) {
  FeatureRow row(KernelKind::softmax);
  row.set(Feature::outer_size, 45);
  row.set(Feature::elements, 40960);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::groups_over_sms, row), 4.5);
  EXPECT_DOUBLE_EQ(ratio(DeviceRatio::elements_over_threads, row), 2);
  EXPECT_TRUE(std::isnan(ratio(DeviceRatio::waves_64x64, row)));
  EXPECT_TRUE(std::isnan(ratio(DeviceRatio::tiled_over_work, row)));
}

TEST(DeviceRatios, LaunchesCountByTheirFactor) {
  DeviceSpec device = tenSms();
  FeatureRow row = product(3, 200, 100, 50);
  KernelOnDevice kernel(row, device, 2);
  EXPECT_DOUBLE_EQ(kernel.get(DeviceRatio::compute_over_launch), 0.6);
}

TEST(DeviceRatios, WhatIsUnknownIsNeverZero) {
  DeviceSpec device = tenSms();
  device.smCount = device.cores = device.launchOverheadUs = std::nullopt;
  device.cacheBytes.clear();
  FeatureRow row = product(3, 200, 100, 50);
  KernelOnDevice kernel(row, device);
  for (unsigned i = 0; i < kNumDeviceRatios; ++i) {
    DeviceRatio ratio = DeviceRatio(i);
    llvm::StringRef name = deviceRatioInfos()[i].name;
    bool known = ratio == DeviceRatio::intensity_over_ridge ||
                 name.starts_with("tile_use");
    EXPECT_EQ(std::isnan(kernel.get(ratio)), !known) << name.str();
  }
}

TEST(DeviceRatios, NamesAreFoundAndDifferFromFeatures) {
  for (const DeviceRatioInfo &info : deviceRatioInfos()) {
    EXPECT_FALSE(findFeature(info.name)) << info.name.str();
    EXPECT_EQ(findColumn(info.name)->name(), info.name);
    EXPECT_TRUE(findColumn(info.name)->isRatio());
  }
  EXPECT_FALSE(findColumn("flops")->isRatio());
  EXPECT_FALSE(findColumn("moon_phase"));
}

TEST(TiledProduct, TakesTheBestTile) {
  // 16 tiles of 32 x 32 in two rounds: 2 * 1024 * 128 FLOPs each, at .4 of the
  // 100 GFLOP/s of one multiprocessor. Larger tiles leave it idle.
  EXPECT_DOUBLE_EQ(tiledUs(product(1, 128, 128, 116), tenSms()), 13.1072);
}

TEST(TiledProduct, SplitsLongSums) {
  // One tile of 32 x 32 in twenty parts, two on each multiprocessor, which are
  // written and read for their sum.
  double parts = 20, steps = 2000 / parts + 12;
  double us = 2 * 1024 * steps / 1e11 / 0.4 * 2 * 1e6;
  us += 32 * 32 * 8 * parts / 1e11 * 1e6;
  EXPECT_DOUBLE_EQ(tiledUs(product(1, 32, 32, 2000), tenSms()), us);
}

TEST(TiledProduct, IsNotBelowTheTraffic) {
  FeatureRow row = product(1, 1, 1, 1);
  row.set(Feature::bytes, 7e8);
  EXPECT_DOUBLE_EQ(tiledUs(row, tenSms()), 1e4);
}

TEST(TiledProduct, WinogradNeedsThreeByThreeAtStrideOne) {
  FeatureRow row = convolution(256, 256);
  double fast = tiledUs(row, tenSms());
  // Fewer multiplications than are counted: below the roofline.
  EXPECT_LT(fast, row.flops() / 1e12 * 1e6);
  row.set(Feature::stride_h, 2);
  double plain = tiledUs(row, tenSms());
  EXPECT_GT(plain, row.flops() / 1e12 * 1e6);
}

TEST(DeviceRatios, PageIsUpToDate) {
  std::string text;
  llvm::raw_string_ostream os(text);
  printDeviceRatioDocs(os);
  auto page =
      llvm::MemoryBuffer::getFile(GNOMON_SOURCE_DIR "/docs/device-ratios.md");
  ASSERT_TRUE(page) << "docs/device-ratios.md cannot be read";
  EXPECT_EQ((*page)->getBuffer(), text)
      << "regenerate with: gnomon-features --device-ratio-docs > "
         "docs/device-ratios.md";
}

} // namespace
