// SPDX-License-Identifier: Apache-2.0
// What a device can do at best, and the roofline time that follows from it.

#ifndef GNOMON_DEVICE_DEVICESPEC_H
#define GNOMON_DEVICE_DEVICESPEC_H

#include "gnomon/Support/Json.h"
#include <map>
#include <optional>
#include <string>

namespace gnomon {

/// A device as data: one JSON object. `name`, `peak_flops.f32` and
/// `memory_bandwidth_bytes_per_s` must be there; what else is absent is
/// unknown, never zero.
struct DeviceSpec {
  std::string name;
  std::string kind;        ///< "cpu", "gpu"
  std::string description; ///< free text
  /// Peak FLOP/s by element type as MLIR spells it ("f32", "f16", "i8").
  std::map<std::string, double, std::less<>> peakFlops;
  double memoryBandwidth = 0;                            ///< bytes per second
  std::map<std::string, double, std::less<>> cacheBytes; ///< "l1d", "l2", "l3"
  std::optional<double> cores, clockHz, simdBits, memoryBytes, smCount;
  std::optional<double> launchOverheadUs; ///< what a kernel costs at least

  /// Peak FLOP/s for an element type; f32's where the type has none of its own.
  double peak(llvm::StringRef elementType) const;

  /// max(flops / peak, bytes / bandwidth) in microseconds. Work that is not
  /// known (NaN) counts as none.
  double workUs(double flops, double bytes, llvm::StringRef elementType) const;

  /// workUs + launch overhead, if that is known.
  double rooflineUs(double flops, double bytes,
                    llvm::StringRef elementType) const;
};

llvm::Expected<DeviceSpec> parseDeviceSpec(const JsonView &json);

/// Whether two names of devices differ in case and separators at most.
bool isSameDevice(llvm::StringRef one, llvm::StringRef other);

/// Whether `wanted` may mean the device `name`: neither case nor separators
/// count, and words after the first may be cut short and left out. "V100" and
/// "v100-pcie" may mean v100-pcie-32gb, "a100-80" a100-pcie-80gb.
bool mayMeanDevice(llvm::StringRef wanted, llvm::StringRef name);

/// Loads a device: `nameOrPath` is a path when it ends in ".json", otherwise
/// the name of NAME.json in one of `folders`, tried in order, or else the only
/// one there that it may mean.
llvm::Expected<DeviceSpec> loadDeviceSpec(llvm::StringRef nameOrPath,
                                          llvm::ArrayRef<std::string> folders);

} // namespace gnomon

#endif // GNOMON_DEVICE_DEVICESPEC_H
