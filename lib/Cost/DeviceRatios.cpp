// SPDX-License-Identifier: Apache-2.0
// Dimensionless numbers that relate a kernel to a device.

#include "gnomon/Cost/DeviceRatios.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace gnomon;

static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// Threads that a multiprocessor keeps at a time on most GPUs (CUDA C++
/// programming guide, table of technical specifications).
static constexpr double threadsPerSm = 2048;

//===- Names --------------------------------------------------------------===//

static constexpr DeviceRatioInfo infos[] = {
#define GNOMON_DEVICE_RATIO(name, doc) {#name, doc},
#include "gnomon/Cost/DeviceRatios.def"
};

llvm::ArrayRef<DeviceRatioInfo> gnomon::deviceRatioInfos() { return infos; }

std::optional<DeviceRatio> gnomon::findDeviceRatio(llvm::StringRef name) {
  static const auto index = [] {
    llvm::StringMap<DeviceRatio> result;
    for (unsigned i = 0; i < kNumDeviceRatios; ++i)
      result[infos[i].name] = DeviceRatio(i);
    return result;
  }();
  auto found = index.find(name);
  return found == index.end() ? std::nullopt : std::optional(found->second);
}

llvm::StringRef Column::name() const {
  return isRatio() ? infos[code - kNumFeatures].name
                   : featureName(Feature(code));
}

std::optional<Column> gnomon::findColumn(llvm::StringRef name) {
  if (std::optional<Feature> feature = findFeature(name))
    return Column(*feature);
  if (std::optional<DeviceRatio> ratio = findDeviceRatio(name))
    return Column(*ratio);
  return std::nullopt;
}

void gnomon::printDeviceRatioDocs(llvm::raw_ostream &os) {
  os << "# Device ratios\n\n"
        "Made from `include/gnomon/Cost/DeviceRatios.def` by "
        "`gnomon-features --device-ratio-docs`; do not edit.\n\n"
        "Models of the form `utilisation` (docs/bundles.md) see a device only "
        "through these numbers. All are dimensionless. One that needs a number "
        "which the kernel or the device spec does not have is missing (NaN), "
        "never 0. Rows, columns and products are those of the matrix product "
        "inside: a convolution has the output pixels of the whole batch as "
        "rows and a product a group.\n\n"
        "| ratio | meaning |\n|---|---|\n";
  for (const DeviceRatioInfo &info : infos)
    os << "| `" << info.name << "` | " << info.doc << " |\n";
}

//===- Values -------------------------------------------------------------===//

/// Nothing is so many times as large as nothing.
static double over(double value, double unit) {
  return unit > 0 ? value / unit : kUnknown;
}

double gnomon::smRidge(const DeviceSpec &device, llvm::StringRef elementType) {
  return 4 * device.peak(elementType) / device.memoryBandwidth /
         device.smCount.value_or(kUnknown);
}

KernelOnDevice::KernelOnDevice(const FeatureRow &row, const DeviceSpec &device,
                               double launchFactor)
    : row(row), device(device),
      compute(row.flops() / device.peak(row.dtype) * 1e6),
      traffic(row.bytes() / device.memoryBandwidth * 1e6),
      launch(launchFactor * device.launchOverheadUs.value_or(kUnknown)),
      work(device.workUs(row.flops(), row.bytes(), row.dtype)),
      cores(device.cores.value_or(kUnknown)),
      sms(device.smCount.value_or(kUnknown)), product(ProductSize::of(row)) {
  auto cache = device.cacheBytes.find(llvm::StringRef("l2"));
  l2 = cache == device.cacheBytes.end() ? kUnknown : cache->second;
}

double KernelOnDevice::tiledUs() const {
  if (!tiled)
    tiled = gnomon::tiledUs(row, device);
  return *tiled;
}

double KernelOnDevice::tiles(double tileRows, double tileColumns) const {
  return std::ceil(product.m / tileRows) * std::ceil(product.n / tileColumns);
}

double KernelOnDevice::waves(double tileRows, double tileColumns) const {
  return tiles(tileRows, tileColumns) * product.batch / sms;
}

double KernelOnDevice::waveFill(double tileRows, double tileColumns) const {
  double rounds = waves(tileRows, tileColumns);
  return over(rounds, std::ceil(rounds));
}

double KernelOnDevice::tileUse(double tileRows, double tileColumns) const {
  return over(product.m * product.n,
              tiles(tileRows, tileColumns) * tileRows * tileColumns);
}

double KernelOnDevice::get(DeviceRatio ratio) const {
  switch (ratio) {
  case DeviceRatio::intensity_over_ridge:
    return over(compute, traffic);
  case DeviceRatio::compute_over_launch:
    return over(compute, launch);
  case DeviceRatio::traffic_over_launch:
    return over(traffic, launch);
  case DeviceRatio::tiled_over_work:
    return over(tiledUs(), work);
  case DeviceRatio::tiled_over_launch:
    return over(tiledUs(), launch);
  case DeviceRatio::sm_ridge:
    return smRidge(device, row.dtype);
  case DeviceRatio::working_set_over_l2:
    return row.get(Feature::working_set_bytes) / l2;
  case DeviceRatio::weights_over_l2:
    return row.get(Feature::bytes_weights) / l2;
  case DeviceRatio::waves_128x128:
    return waves(128, 128);
  case DeviceRatio::waves_128x64:
    return waves(128, 64);
  case DeviceRatio::waves_64x64:
    return waves(64, 64);
  case DeviceRatio::waves_32x32:
    return waves(32, 32);
  case DeviceRatio::wave_fill_128x128:
    return waveFill(128, 128);
  case DeviceRatio::wave_fill_128x64:
    return waveFill(128, 64);
  case DeviceRatio::wave_fill_64x64:
    return waveFill(64, 64);
  case DeviceRatio::wave_fill_32x32:
    return waveFill(32, 32);
  case DeviceRatio::tile_use_128x128:
    return tileUse(128, 128);
  case DeviceRatio::tile_use_128x64:
    return tileUse(128, 64);
  case DeviceRatio::tile_use_64x64:
    return tileUse(64, 64);
  case DeviceRatio::tile_use_32x32:
    return tileUse(32, 32);
  case DeviceRatio::groups_over_sms:
    return row.get(Feature::outer_size) / sms;
  case DeviceRatio::elements_over_threads:
    return row.get(Feature::elements) / (sms * threadsPerSm);
  case DeviceRatio::cores_over_sms:
    return cores / sms;
  }
  return kUnknown;
}
