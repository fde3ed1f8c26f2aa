// SPDX-License-Identifier: Apache-2.0
// What an FPGA has for an accelerator.

#ifndef GNOMON_ACCELERATOR_FPGA_H
#define GNOMON_ACCELERATOR_FPGA_H

#include "gnomon/Support/Json.h"

namespace gnomon {

struct Fpga {
  std::string name;
  /// Multipliers in hard logic, look-up tables, memories of 36 Kbit.
  int64_t dsp = 0, lut = 0, bram = 0;
  /// Of the external memory.
  double bytesPerSecond = 0;
  /// What the design is clocked with: an assumption, no property of the part.
  double clockHz = 0;
};

/// Reads {"schema": 1, "name", "dsp", "lut", "bram36",
/// "memory_bandwidth_bytes_per_s", "clock_hz"}; "description" is for people.
llvm::Expected<Fpga> parseFpga(const JsonView &json);

} // namespace gnomon

#endif // GNOMON_ACCELERATOR_FPGA_H
