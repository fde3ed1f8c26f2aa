// SPDX-License-Identifier: Apache-2.0
// The pass that reports NN-Degree and NN-Mass.

#include "gnomon/Analysis/NetworkCounts.h"
#include "gnomon/Analysis/Topology.h"
#include "gnomon/Support/Files.h"
#include "gnomon/Transforms/Passes.h"
#include "llvm/Support/FormatVariadic.h"

namespace gnomon {
#define GEN_PASS_DEF_PRINTTOPOLOGYPASS
#include "gnomon/Transforms/Passes.h.inc"
} // namespace gnomon

using namespace gnomon;
using namespace mlir;

using Selection = std::map<std::string, std::string>;

static Selection selected(ModuleOp module) {
  Selection selection;
  for (DecisionOp decision : module.getOps<DecisionOp>())
    if (std::optional<StringRef> option = decision.getSelected())
      selection[decision.getSymName().str()] = option->str();
  return selection;
}

/// The functions that are there under the selection.
static llvm::Expected<SmallVector<func::FuncOp>>
functionsOf(ModuleOp module, const Selection &selection) {
  SmallVector<func::FuncOp> functions;
  bool isSpace = false;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    isSpace |= function->hasAttr(alternativeAttrName);
    if (!function.isExternal())
      functions.push_back(function);
  }
  if (!isSpace)
    return functions;
  llvm::Expected<func::FuncOp> one = selectedFunction(module, selection);
  if (!one)
    return one.takeError();
  return SmallVector<func::FuncOp>{*one};
}

static llvm::Expected<std::string> report(ModuleOp module, bool isJson) {
  Selection selection = selected(module);
  auto functions = functionsOf(module, selection);
  if (!functions)
    return functions.takeError();
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::Array entries;
  for (func::FuncOp function : *functions) {
    llvm::Expected<Topology> topology = TopologyAnalysis(function)(selection);
    if (!topology)
      return topology.takeError();
    llvm::json::Object entry = topologyReport(*topology);
    entry["name"] = function.getName();
    entries.push_back(std::move(entry));
    if (!isJson)
      printTopology(function.getName(), *topology, stream);
  }
  if (isJson)
    stream << llvm::formatv(
        "{0:2}\n", llvm::json::Value(llvm::json::Object{
                       {"schema", 1}, {"functions", std::move(entries)}}));
  return text;
}

namespace {
struct PrintTopology : gnomon::impl::PrintTopologyPassBase<PrintTopology> {
  using PrintTopologyPassBase::PrintTopologyPassBase;

  void fail(const llvm::Twine &message) {
    emitError(getOperation().getLoc()) << message;
    signalPassFailure();
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (format != "text" && format != "json")
      return fail("format: expected 'text' or 'json', found '" + format + "'");
    llvm::Expected<std::string> text = report(getOperation(), format == "json");
    if (!text)
      return fail(llvm::toString(text.takeError()));
    if (llvm::Error error = writeWholeFile(outputFile, *text))
      fail(llvm::toString(std::move(error)));
  }
};
} // namespace
