// SPDX-License-Identifier: Apache-2.0
// Accelerators on FPGAs, without Python.

#include "MapCalls.h"
#include "Session.h"
#include "gnomon/Accelerator/Report.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gnomon;
using namespace gnomon::python;

static llvm::Expected<std::vector<AcceleratorLayer>>
readLayers(const MapRequest &request) {
  std::vector<AcceleratorLayer> layers;
  for (auto [name, sizes] : llvm::zip(request.names, request.layers)) {
    if (sizes.size() != 10)
      return llvm::createStringError("layer '" + name +
                                     "': expected 10 numbers, found " +
                                     llvm::Twine(sizes.size()));
    layers.push_back({name, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4],
                      sizes[5], sizes[6], sizes[7], sizes[8], sizes[9]});
  }
  return layers;
}

static llvm::json::Object asJson(const Mapping &mapping, const Fpga &fpga) {
  llvm::json::Object report = mappingReport(mapping, fpga);
  for (auto &[name, value] : fpgaReport(fpga))
    report[name] = std::move(value);
  report["candidates"] = int64_t(mapping.candidates);
  if (!mapping.engines.empty())
    report["gap_ms"] =
        mapping.gap ? llvm::json::Value(*mapping.gap / fpga.clockHz * 1e3)
                    : llvm::json::Value(nullptr);
  return report;
}

static llvm::Expected<llvm::json::Object> map(const MapRequest &request) {
  auto document = JsonDocument::parse(request.fpgaJson, request.fpgaName);
  if (!document)
    return document.takeError();
  auto fpga = parseFpga(document->root());
  if (!fpga)
    return fpga.takeError();
  auto layers = readLayers(request);
  if (!layers)
    return layers.takeError();
  auto mapping = mapNetwork(
      *layers, *fpga, {request.bits, request.pipelined, request.algorithm});
  if (!mapping)
    return mapping.takeError();
  return asJson(*mapping, *fpga);
}

Answer<std::string> python::mapReport(const MapRequest &request) {
  llvm::Expected<llvm::json::Object> report = map(request);
  if (!report)
    return {std::nullopt, llvm::toString(report.takeError())};
  return {llvm::formatv("{0}", llvm::json::Value(std::move(*report))), ""};
}
