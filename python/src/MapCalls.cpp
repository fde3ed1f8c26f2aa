// SPDX-License-Identifier: Apache-2.0
// Accelerators on FPGAs, without Python.

#include "MapCalls.h"
#include "Session.h"
#include "gnomon/Accelerator/Layers.h"
#include "gnomon/Accelerator/Report.h"
#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Analysis/KernelFeatures.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gnomon;
using namespace gnomon::python;

namespace {
/// The layers of a network, and what is none.
struct Layers {
  std::vector<AcceleratorLayer> layers;
  std::map<std::string, int64_t> others; ///< by kind
  double otherMacs = 0;

  void add(std::string name, const FeatureRow &row, int64_t runs) {
    if (std::optional<AcceleratorLayer> layer = layerOf(row)) {
      layer->name = std::move(name);
      layer->runs *= runs;
      layers.push_back(std::move(*layer));
      return;
    }
    if (row.kind != KernelKind::free)
      others[kernelKindName(row.kind).str()] += runs;
    if (row.has(Feature::macs))
      otherMacs += row.get(Feature::macs) * double(runs);
  }
};
} // namespace

static Layers layersOf(mlir::ModuleOp module, const RuntimeRules &rules) {
  Layers found;
  for (auto function : module.getOps<mlir::func::FuncOp>()) {
    if (function.isExternal())
      continue;
    LoadTimeAnalysis loadTime(function);
    KernelRows rows(module.getContext(), loadTime);
    for (const Kernel &kernel : formKernels(function, rules)) {
      std::shared_ptr<const FeatureRow> row = rows.get(kernel);
      found.add(kernel.name.empty() ? kernel.op : kernel.name,
                row ? *row : rowOfUnknown(), kernel.runs);
    }
  }
  return found;
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

static llvm::Expected<llvm::json::Object> map(const MapRequest &request,
                                              Session &session) {
  auto fpgaText = JsonDocument::parse(request.fpgaJson, request.fpgaName);
  if (!fpgaText)
    return fpgaText.takeError();
  auto fpga = parseFpga(fpgaText->root());
  if (!fpga)
    return fpga.takeError();
  auto rulesText = JsonDocument::parse(request.rulesJson, "rules");
  if (!rulesText)
    return rulesText.takeError();
  auto rules = parseRuntimeRules(rulesText->root());
  if (!rules)
    return rules.takeError();
  session.importOptions.otherDims = 1;
  mlir::OwningOpRef<mlir::ModuleOp> module = session.open(request.path);
  if (!module)
    return llvm::createStringError(session.takeProblem());
  Layers found = layersOf(*module, *rules);
  llvm::json::Array mappings;
  for (int64_t bits : request.bits) {
    auto mapping = mapNetwork(found.layers, *fpga,
                              {bits, request.pipelined, request.algorithm});
    if (!mapping)
      return mapping.takeError();
    llvm::json::Object report = asJson(*mapping, *fpga);
    report["bits"] = bits;
    mappings.push_back(std::move(report));
  }
  llvm::json::Object kernels;
  for (const auto &[kind, count] : found.others)
    kernels[kind] = count;
  return llvm::json::Object{
      {"mappings", std::move(mappings)},
      {"others", llvm::json::Object{{"kernels", std::move(kernels)},
                                    {"macs", found.otherMacs}}}};
}

Answer<std::string> python::mapReport(const MapRequest &request) {
  Session session;
  llvm::Expected<llvm::json::Object> report = map(request, session);
  if (!report)
    return failure<std::string>(report.takeError());
  return {llvm::formatv("{0}", llvm::json::Value(std::move(*report))), ""};
}
