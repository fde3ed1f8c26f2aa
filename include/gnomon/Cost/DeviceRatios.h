// SPDX-License-Identifier: Apache-2.0
// Dimensionless numbers that relate a kernel to a device.

#ifndef GNOMON_COST_DEVICERATIOS_H
#define GNOMON_COST_DEVICERATIOS_H

#include "gnomon/Cost/TiledProduct.h"

namespace gnomon {

/// One enumerator per line of DeviceRatios.def, in its order.
enum class DeviceRatio : unsigned {
#define GNOMON_DEVICE_RATIO(name, doc) name,
#include "gnomon/Cost/DeviceRatios.def"
};

inline constexpr unsigned kNumDeviceRatios = 0
#define GNOMON_DEVICE_RATIO(name, doc) +1
#include "gnomon/Cost/DeviceRatios.def"
    ;

/// What DeviceRatios.def says about one ratio.
struct DeviceRatioInfo {
  llvm::StringRef name, doc;
};

/// All ratios, indexed by DeviceRatio.
llvm::ArrayRef<DeviceRatioInfo> deviceRatioInfos();

/// The ratio of that name; std::nullopt if there is none.
std::optional<DeviceRatio> findDeviceRatio(llvm::StringRef name);

/// One kernel on one device, both of which must outlive this: what its ratios
/// are made of. What is not known is NaN. For one thread.
class KernelOnDevice {
public:
  /// `launchFactor`: how many times the device's launch overhead it takes.
  KernelOnDevice(const FeatureRow &row, const DeviceSpec &device,
                 double launchFactor = 1);

  double get(DeviceRatio ratio) const;

  /// Microseconds: the launch, the roofline without it, and tiledUs.
  double launchUs() const { return launch; }
  double workUs() const { return work; }
  double tiledUs() const;

private:
  /// Tiles of the product, and what they make of the device.
  double tiles(double tileRows, double tileColumns) const;
  double waves(double tileRows, double tileColumns) const;
  double waveFill(double tileRows, double tileColumns) const;
  double tileUse(double tileRows, double tileColumns) const;

  const FeatureRow &row;
  const DeviceSpec &device;
  double compute, traffic, launch, work; ///< microseconds
  double l2, cores, sms;                 ///< bytes, counts
  ProductSize product;
  mutable std::optional<double> tiled; ///< when first asked for
};

/// FLOPs a 4-byte element of the device's ridge point over its multiprocessors;
/// NaN where these are not known.
double smRidge(const DeviceSpec &device, llvm::StringRef elementType);

/// A column of a model: a feature of the kernel, or a ratio of kernel and
/// device. The two lists have no name in common.
class Column {
public:
  explicit Column(Feature feature) : code(unsigned(feature)) {}
  explicit Column(DeviceRatio ratio) : code(kNumFeatures + unsigned(ratio)) {}

  bool isRatio() const { return code >= kNumFeatures; }
  llvm::StringRef name() const;
  double get(const FeatureRow &row, const KernelOnDevice &kernel) const {
    return isRatio() ? kernel.get(DeviceRatio(code - kNumFeatures))
                     : row.get(Feature(code));
  }

private:
  unsigned code;
};

/// The column of that name; std::nullopt if there is none.
std::optional<Column> findColumn(llvm::StringRef name);

/// The page docs/device-ratios.md.
void printDeviceRatioDocs(llvm::raw_ostream &os);

} // namespace gnomon

#endif // GNOMON_COST_DEVICERATIOS_H
