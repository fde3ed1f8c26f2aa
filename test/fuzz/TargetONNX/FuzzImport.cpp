// SPDX-License-Identifier: Apache-2.0
// Any bytes are a module or a diagnostic; a module has features and an export.
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/Extract.h"
#include "gnomon/Features/FeatureOpInterface.h"
#include "gnomon/Target/ONNX/Export.h"
#include "gnomon/Target/ONNX/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"

#include <cstdlib>

using namespace gnomon;

static void use(mlir::ModuleOp module) {
  LoadTimeAnalysis loadTime(module);
  module.walk([&](mlir::Operation *op) { extractFeatures(op, &loadTime); });
  std::string bytes;
  llvm::raw_string_ostream out(bytes);
  (void)exportOnnx(module, {}, out);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect>();
  registerONNXDialect(registry);
  registerFeatureModels(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.allowUnregisteredDialects();
  bool refused = false;
  context.getDiagEngine().registerHandler([&](mlir::Diagnostic &diagnostic) {
    refused |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
  });
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      importOnnxBytes(bytes, "fuzz.onnx", {}, &context);
  if (module)
    use(*module);
  else if (!refused)
    std::abort(); // Refused without a word.
  return 0;
}
