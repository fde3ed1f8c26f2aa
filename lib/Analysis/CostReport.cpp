// SPDX-License-Identifier: Apache-2.0
// Costs as text, JSON and tables.

#include "gnomon/Analysis/CostReport.h"
#include "gnomon/Features/Schema.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gnomon;
using namespace mlir;
namespace json = llvm::json;

//===- Names --------------------------------------------------------------===//

std::vector<std::string> gnomon::outputNames(const Kernel &kernel) {
  std::vector<std::string> names;
  for (Value output : kernel.outputs)
    if (StringRef name = tensorName(output); !name.empty())
      names.push_back(name.str());
  return names;
}

std::vector<std::string> gnomon::operationNames(const Kernel &kernel) {
  std::vector<std::string> names;
  for (Operation *op : kernel.ops)
    names.push_back(op->getName().getStringRef().str());
  return names;
}

std::string gnomon::locationText(LocationAttr location) {
  if (auto name = dyn_cast<NameLoc>(location))
    return name.getName().str();
  if (auto file = dyn_cast<FileLineColLoc>(location)) {
    if (file.getLine() == 0) // the file as a whole
      return file.getFilename().str();
    return llvm::formatv("{0}:{1}:{2}", file.getFilename().getValue(),
                         file.getLine(), file.getColumn());
  }
  std::string text;
  llvm::raw_string_ostream(text) << location;
  return text;
}

/// Program order, or the dearest `top`.
static std::vector<size_t> listed(const FunctionCost &cost,
                                  std::optional<size_t> top) {
  std::vector<size_t> order = cost.dearestFirst();
  if (top && *top < order.size())
    order.resize(*top);
  if (!top)
    llvm::sort(order);
  return order;
}

//===- JSON ---------------------------------------------------------------===//

/// Rounded to picoseconds: further digits say nothing and fill files.
static double rounded(double us) { return std::round(us * 1e6) / 1e6; }

/// A time that may not be known.
static json::Value known(double us) {
  return std::isnan(us) ? json::Value(nullptr) : json::Value(rounded(us));
}

/// Counts of operations stay whole numbers as long as they can.
static json::Value count(double value) {
  if (std::isnan(value))
    return nullptr;
  if (std::abs(value) < 9e15 && value == std::floor(value))
    return int64_t(value);
  return value;
}

static json::Object networkJson(const FunctionCost &cost,
                                const CostSetup &setup) {
  json::Object sources;
  for (Source source : allSources) {
    const SourceShare &share = cost.share(source);
    sources[stringify(source)] =
        json::Object{{"ops", int64_t(share.ops)},
                     {"flops", count(share.flops)},
                     {"latency_us", rounded(share.latencyUs)}};
  }
  return json::Object{{"latency_us", rounded(cost.latencyUs)},
                      {"low_us", rounded(cost.lowUs)},
                      {"high_us", rounded(cost.highUs)},
                      {"confidence", setup.confidence()},
                      {"sources", std::move(sources)}};
}

static json::Object kernelJson(const KernelCost &cost) {
  const Estimate &estimate = cost.estimate;
  json::Object result{{"name", cost.kernel.name},
                      {"kind", cost.kindName()},
                      {"op", cost.kernel.op},
                      {"ops", json::Array(operationNames(cost.kernel))},
                      {"location", locationText(cost.location)},
                      {"flops", count(cost.flops())},
                      {"bytes", count(cost.bytes())},
                      {"runs", cost.kernel.runs},
                      {"roofline_us", known(cost.rooflineUs)},
                      {"latency_us", rounded(estimate.latencyUs)},
                      {"low_us", rounded(estimate.lowUs)},
                      {"high_us", rounded(estimate.highUs)},
                      {"source", stringify(estimate.source)}};
  if (!cost.reason.empty())
    result["reason"] = cost.reason;
  return result;
}

static json::Array kernelsJson(const FunctionCost &cost,
                               std::optional<size_t> top) {
  json::Array kernels;
  for (size_t index : listed(cost, top))
    kernels.push_back(kernelJson(cost.kernels[index]));
  return kernels;
}

json::Value gnomon::costReport(const ModuleCost &cost, const CostSetup &setup,
                               std::optional<size_t> top) {
  json::Object report{
      {"schema", 1},
      {"device", setup.deviceName()},
      {"bundle", json::Object{{"name", setup.bundleName()},
                              {"fingerprint", setup.fingerprint()}}}};
  const FunctionCost none;
  const FunctionCost &entry =
      cost.functions.empty() ? none : cost.functions[cost.entry];
  report["network"] = networkJson(entry, setup);
  report["kernels"] = kernelsJson(entry, top);
  if (cost.functions.size() > 1) {
    json::Array functions;
    for (const FunctionCost &function : cost.functions)
      functions.push_back(
          json::Object{{"name", func::FuncOp(function.function).getName()},
                       {"network", networkJson(function, setup)},
                       {"kernels", kernelsJson(function, top)}});
    report["functions"] = std::move(functions);
  }
  return report;
}

//===- Text ---------------------------------------------------------------===//

/// Names what a source other than `predicted` covers: one line an operator and
/// reason, dearest first.
static void printCovered(const FunctionCost &cost, Source source,
                         raw_ostream &os) {
  struct Group {
    size_t kernels = 0;
    double latencyUs = 0;
  };
  std::map<std::pair<std::string, std::string>, Group> groups;
  for (const KernelCost &kernel : cost.kernels) {
    if (kernel.estimate.source != source)
      continue;
    Group &group = groups[{kernel.kernel.op, kernel.reason}];
    ++group.kernels;
    group.latencyUs += kernel.estimate.latencyUs;
  }
  std::vector<std::pair<std::pair<std::string, std::string>, Group>> sorted(
      groups.begin(), groups.end());
  llvm::stable_sort(sorted, [](const auto &a, const auto &b) {
    return a.second.latencyUs > b.second.latencyUs;
  });
  for (const auto &[name, group] : sorted)
    os << llvm::formatv("    {0}: {1} kernels, {2:F3} ms: {3}\n", name.first,
                        group.kernels, group.latencyUs / 1e3, name.second);
}

static void printNetwork(const FunctionCost &cost, const CostSetup &setup,
                         raw_ostream &os) {
  os << llvm::formatv("@{0}: {1:F3} ms, ",
                      func::FuncOp(cost.function).getName(),
                      cost.latencyUs / 1e3);
  if (setup.confidence() == 0)
    os << "no interval known\n";
  else
    os << llvm::formatv("between {0:F3} and {1:F3} at {2:P0}\n",
                        cost.lowUs / 1e3, cost.highUs / 1e3,
                        setup.confidence());
  for (Source source : allSources) {
    const SourceShare &share = cost.share(source);
    if (!share.ops && share.latencyUs <= 0)
      continue;
    std::string flops = std::isnan(share.flops)
                            ? "unknown"
                            : llvm::formatv("{0:F3}", share.flops / 1e9).str();
    os << llvm::formatv("  {0,-12} {1,6} ops {2,12} GFLOP {3,12:F3} ms\n",
                        stringify(source), share.ops, flops,
                        share.latencyUs / 1e3);
    if (source != Source::Predicted && source != Source::Free)
      printCovered(cost, source, os);
  }
}

static void printKernels(const FunctionCost &cost, std::optional<size_t> top,
                         raw_ostream &os) {
  os << "  latency (us)          low         high  source        kind          "
        "  "
        "kernel\n";
  std::vector<size_t> order = listed(cost, top ? *top : cost.kernels.size());
  for (size_t index : order) {
    const KernelCost &kernel = cost.kernels[index];
    const Estimate &estimate = kernel.estimate;
    os << llvm::format("  %12.3f %12.3f %12.3f  ", estimate.latencyUs,
                       estimate.lowUs, estimate.highUs)
       << llvm::left_justify(stringify(estimate.source), 14)
       << llvm::left_justify(kernel.kindName(), 16) << kernel.kernel.name
       << "\n";
  }
  if (order.size() < cost.kernels.size())
    os << "  and " << cost.kernels.size() - order.size() << " more kernels\n";
}

void gnomon::printCostText(const ModuleCost &cost, const CostSetup &setup,
                           std::optional<size_t> top, raw_ostream &os) {
  os << "device " << setup.deviceName() << ", bundle " << setup.bundleName()
     << "\n";
  for (const FunctionCost &function : cost.functions) {
    printNetwork(function, setup, os);
    printKernels(function, top, os);
  }
}

//===- CSV ----------------------------------------------------------------===//

/// Quotes a cell where commas, quotes or line ends ask for it.
static void printCell(StringRef text, raw_ostream &os) {
  if (text.find_first_of(",\"\r\n") == StringRef::npos) {
    os << text;
    return;
  }
  os << '"';
  for (char c : text)
    os << (c == '"' ? "\"\"" : StringRef(&c, 1));
  os << '"';
}

void gnomon::printKernelTable(ModuleOp module, const KernelSetup &setup,
                              raw_ostream &os) {
  os << "function,name,kind,op,ops,outputs,runs,roofline_us,";
  printCsvHeader(os);
  os << "\n";
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    for (const KernelCost &kernel :
         describeKernels(function, setup.rules(), setup.device())) {
      std::string cells[] = {function.getName().str(),
                             kernel.kernel.name,
                             kernelKindName(kernel.row->kind).str(),
                             kernel.kernel.op,
                             llvm::join(operationNames(kernel.kernel), " "),
                             llvm::join(outputNames(kernel.kernel), " "),
                             std::to_string(kernel.kernel.runs)};
      for (const std::string &cell : cells) {
        printCell(cell, os);
        os << ',';
      }
      os << llvm::format("%.9g", kernel.rooflineUs) << ',';
      printCsvRow(*kernel.row, os);
      os << "\n";
    }
  }
}
