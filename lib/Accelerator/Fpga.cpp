// SPDX-License-Identifier: Apache-2.0
// What an FPGA has for an accelerator.

#include "gnomon/Accelerator/Fpga.h"

#include "gnomon/Support/JsonFields.h"

using namespace gnomon;

llvm::Expected<Fpga> gnomon::parseFpga(const JsonView &json) {
  constexpr int64_t kMost = int64_t(1) << 32;
  llvm::Error problem = llvm::Error::success();
  JsonFields fields(json, problem);
  fields.only({"schema", "name", "description", "dsp", "lut", "bram36",
               "memory_bandwidth_bytes_per_s", "clock_hz"});
  fields.integer("schema", 1, 1);
  Fpga fpga;
  fpga.name = fields.string("name");
  fpga.dsp = fields.integer("dsp", 0, kMost);
  fpga.lut = fields.integer("lut", 0, kMost);
  fpga.bram = fields.integer("bram36", 0, kMost);
  fpga.bytesPerSecond = fields.positive("memory_bandwidth_bytes_per_s");
  fpga.clockHz = fields.positive("clock_hz");
  if (problem)
    return std::move(problem);
  return fpga;
}
