// SPDX-License-Identifier: Apache-2.0
// Dimensionless numbers that relate a kernel to a device.

#ifndef GNOMON_COST_DEVICERATIOS_H
#define GNOMON_COST_DEVICERATIOS_H

#include "gnomon/Device/DeviceSpec.h"
#include "gnomon/Features/FeatureRow.h"

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

/// One kernel on one device: what its ratios are made of. What is not known is
/// NaN.
class KernelOnDevice {
public:
  KernelOnDevice(const FeatureRow &row, const DeviceSpec &device);

  double get(DeviceRatio ratio) const;

private:
  /// Tiles of the product, and what they make of the device.
  double tiles(double tileRows, double tileColumns) const;
  double waves(double tileRows, double tileColumns) const;
  double waveFill(double tileRows, double tileColumns) const;
  double tileUse(double tileRows, double tileColumns) const;

  const FeatureRow &row;
  double computeUs, trafficUs, launchUs; ///< microseconds
  double l2, cores, sms;                 ///< bytes, counts
  double rows, columns, products;        ///< of the matrix product inside
};

/// The page docs/device-ratios.md.
void printDeviceRatioDocs(llvm::raw_ostream &os);

} // namespace gnomon

#endif // GNOMON_COST_DEVICERATIOS_H
