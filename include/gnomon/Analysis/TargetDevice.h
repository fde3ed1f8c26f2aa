// SPDX-License-Identifier: Apache-2.0
// The device that a module's target specification asks for.

#ifndef GNOMON_ANALYSIS_TARGETDEVICE_H
#define GNOMON_ANALYSIS_TARGETDEVICE_H

#include "gnomon/Device/DeviceSpec.h"
#include "mlir/IR/BuiltinOps.h"

namespace gnomon {

/// A device by its name or path, or in numbers; neither: none is asked for.
struct TargetDevice {
  std::string name;
  std::optional<DeviceSpec> spec;
};

/// What the module's dlti.target_system_spec says in its entries whose names
/// begin with "gnomon.": either "gnomon.device", a name or path, or the members
/// of a device specification in numbers, with dots into its objects:
///   "GPU" = #dlti.target_device_spec<"gnomon.peak_flops.f32" = 1.4e13 : f64,
///     "gnomon.memory_bandwidth_bytes_per_s" = 9.0e11 : f64,
///     "gnomon.caches_bytes.l2" = 6291456, "gnomon.sm_count" = 80>
/// The name is then "gnomon.name", else that of the entry ("GPU"); the kind is
/// "gnomon.kind", else gpu where the entry is called "GPU" and cpu elsewhere.
/// Entries that a specification does not have, values of another type, and
/// several different devices are errors.
llvm::Expected<TargetDevice> targetDevice(mlir::ModuleOp module);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_TARGETDEVICE_H
