// SPDX-License-Identifier: Apache-2.0
// What was found for an FPGA, as JSON.

#include "gnomon/Accelerator/Report.h"

using namespace gnomon;

llvm::json::Object gnomon::resourcesReport(const EngineResources &resources) {
  return llvm::json::Object{{"dsp", resources.dsp},
                            {"lut", resources.lut},
                            {"bram36", resources.bram}};
}

llvm::json::Object gnomon::fpgaReport(const Fpga &fpga) {
  return llvm::json::Object{
      {"fpga", fpga.name},
      {"clock_hz", fpga.clockHz},
      {"available", resourcesReport({fpga.dsp, fpga.lut, fpga.bram})}};
}

static llvm::json::Object engineReport(const MappedEngine &engine) {
  int64_t macs = 0;
  for (const AcceleratorLayer &layer : engine.work.layers)
    macs += layer.macs();
  const EngineConfiguration &configuration = engine.configuration;
  return llvm::json::Object{
      {"engine", engine.work.name},
      {"layers", int64_t(engine.work.layers.size())},
      {"macs", macs},
      {"channels_in", configuration.in},
      {"channels_out", configuration.out},
      {"taps", configuration.taps},
      {"multipliers", configuration.inLut ? "lut" : "dsp"},
      {"cycles", engine.cycles},
      {"used", resourcesReport(engine.resources)}};
}

llvm::json::Object gnomon::mappingReport(const Mapping &mapping,
                                         const Fpga &fpga) {
  auto ms = [&](int64_t cycles) { return double(cycles) / fpga.clockHz * 1e3; };
  llvm::json::Object report;
  if (mapping.engines.empty()) {
    report["engines"] = nullptr;
    report["least"] = resourcesReport(mapping.least);
    return report;
  }
  llvm::json::Array engines;
  for (const MappedEngine &engine : mapping.engines)
    engines.push_back(engineReport(engine));
  report["engines"] = std::move(engines);
  report["used"] = resourcesReport(mapping.used);
  report["latency_ms"] = ms(mapping.latencyCycles);
  report["interval_ms"] = ms(mapping.intervalCycles);
  report["memory_ms"] = ms(mapping.memoryCycles);
  report["frames_per_s"] = fpga.clockHz / double(mapping.intervalCycles);
  return report;
}
