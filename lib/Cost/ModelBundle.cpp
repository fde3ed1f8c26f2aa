// SPDX-License-Identifier: Apache-2.0
// What a bundle says beside its kinds: networks, confidences, devices.

#include "gnomon/Cost/ModelBundle.h"
#include "gnomon/Cost/CostModel.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace gnomon;
using llvm::StringRef;

int64_t gnomon::wholeNs(double us) {
  if (!(us > 0))
    return 0;
  return int64_t(
      std::nearbyint(std::min(us * 1e3, double(NetworkModel::mostNs))));
}

int64_t NetworkModel::shareNs(const Estimate &estimate, int64_t runs) const {
  switch (estimate.source) {
  case Source::Free:
    return wholeNs(perViewUs * double(runs));
  case Source::Unsupported:
    return 0;
  case Source::Predicted:
  case Source::Extrapolated:
  case Source::Roofline:
    break;
  }
  double scaledUs = std::exp(scaleLog) * estimate.latencyUs;
  return wholeNs(
      std::max(scaledUs + perKernelUs * double(runs), 0.5 * scaledUs));
}

int64_t NetworkModel::constantNs() const { return wholeNs(constantUs); }

llvm::Expected<DeviceSpec> ModelBundle::findDevice(StringRef nameOrPath) const {
  if (nameOrPath.empty() || nameOrPath == device.name)
    return device;
  llvm::SmallString<128> inside(folder), beside(folder);
  llvm::sys::path::append(inside, "devices");
  llvm::sys::path::append(beside, "..", "..", "devices");
  auto spec =
      loadDeviceSpec(nameOrPath, {std::string(inside), std::string(beside)});
  if (!spec)
    return spec.takeError();
  return admit(std::move(*spec));
}

llvm::Expected<DeviceSpec> ModelBundle::admit(DeviceSpec spec) const {
  if (spec.kind != device.kind)
    return llvm::createStringError(
        "device '" + spec.name + "' is of kind '" + spec.kind + "'; bundle '" +
        name + "' knows devices of kind '" + device.kind + "' only");
  if (!calibratedFor.empty() && !isSameDevice(spec.name, calibratedFor))
    return llvm::createStringError(
        "device '" + spec.name + "': bundle '" + name +
        "' is calibrated for '" + calibratedFor +
        "' only; the bundle that it was adapted from serves "
        "others");
  if (spec.launchOverheadUs)
    return spec;
  spec.launchOverheadUs = launchOverheadUs;
  for (const auto &[measured, overhead] : launchOverheadsUs)
    if (isSameDevice(measured, spec.name))
      spec.launchOverheadUs = overhead;
  return spec;
}
