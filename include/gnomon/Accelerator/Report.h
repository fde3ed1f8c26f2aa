// SPDX-License-Identifier: Apache-2.0
// What was found for an FPGA, as JSON.

#ifndef GNOMON_ACCELERATOR_REPORT_H
#define GNOMON_ACCELERATOR_REPORT_H

#include "gnomon/Accelerator/Mapping.h"
#include "llvm/Support/JSON.h"

namespace gnomon {

/// {"dsp", "lut", "bram36"}.
llvm::json::Object resourcesReport(const EngineResources &resources);

/// {"fpga", "clock_hz", "available"}.
llvm::json::Object fpgaReport(const Fpga &fpga);

/// {"engines": null, "least"}, or "engines" with configuration, resources and
/// cycles of each, "used", "latency_ms", "interval_ms", "memory_ms",
/// "frames_per_s".
llvm::json::Object mappingReport(const Mapping &mapping, const Fpga &fpga);

} // namespace gnomon

#endif // GNOMON_ACCELERATOR_REPORT_H
