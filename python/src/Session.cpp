// SPDX-License-Identifier: Apache-2.0
// The MLIR context of one call, and its diagnostics as text.

#include "Session.h"
#include "gnomon/Analysis/CostReport.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/FeatureOpInterface.h"
#include "gnomon/Target/ONNX/Subnetwork.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

static DialectRegistry dialects() {
  DialectRegistry registry;
  registry.insert<GnomonDialect, DLTIDialect, func::FuncDialect>();
  registerONNXDialect(registry);
  registerFeatureModels(registry);
  registerSubnetworkImporter(registry);
  return registry;
}

Session::Session() : context(dialects(), MLIRContext::Threading::DISABLED) {
  context.loadAllAvailableDialects();
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      say(diagnostic);
    return success();
  });
}

OwningOpRef<ModuleOp> Session::open(StringRef path) {
  if (path.ends_with(".onnx"))
    return importOnnx(path, importOptions, &context);
  return parseSourceFile<ModuleOp>(path, ParserConfig(&context));
}

OwningOpRef<ModuleOp> Session::parse(StringRef text) {
  return parseSourceString<ModuleOp>(text, ParserConfig(&context));
}

void Session::size(const Sizes &sizes) {
  for (const auto &[name, shape] : sizes.shapes)
    importOptions.shapes[name].assign(shape.begin(), shape.end());
  for (const auto &[name, size] : sizes.dims)
    importOptions.dims[name] = size;
}

std::string Session::takeProblem() {
  return problem.empty() ? "failed without a diagnostic" : std::move(problem);
}

void Session::say(Diagnostic &diagnostic) {
  llvm::raw_string_ostream os(problem);
  os << (problem.empty() ? "" : "\n") << locationText(diagnostic.getLocation())
     << ": " << diagnostic;
  for (Diagnostic &note : diagnostic.getNotes())
    os << "\n  note: " << locationText(note.getLocation()) << ": " << note;
}
