// SPDX-License-Identifier: Apache-2.0
// Imports many ONNX files in one process and says what became of each.

#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Target/ONNX/Export.h"
#include "gnomon/Target/ONNX/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace gnomon;

static cl::opt<std::string> list(cl::Positional, cl::Required,
                                 cl::desc("<file with one path a line>"));
static cl::opt<bool>
    exportBack("export",
               cl::desc("Write every imported model back, to PATH.export"));

static std::string print(mlir::ModuleOp module) {
  std::string text;
  raw_string_ostream stream(text);
  mlir::OpPrintingFlags flags;
  flags.enableDebugInfo();
  module.print(stream, flags);
  return text;
}

static bool writeBack(mlir::ModuleOp module, StringRef path) {
  std::error_code code;
  raw_fd_ostream stream((path + ".export").str(), code);
  return !code && succeeded(exportOnnx(module, {}, stream));
}

/// `imported`, `refused` or, where something is wrong with us, `broken`.
static StringRef examine(StringRef path, mlir::MLIRContext &context) {
  mlir::OwningOpRef<mlir::ModuleOp> module = importOnnx(path, {}, &context);
  if (!module)
    return "refused";
  std::string text = print(*module);
  mlir::OwningOpRef<mlir::ModuleOp> again =
      mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!again || print(*again) != text)
    return "broken";
  return exportBack && !writeBack(*again, path) ? "broken" : "imported";
}

/// One line of JSON: path, result and the first error.
static void report(StringRef path) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect>();
  registerONNXDialect(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  std::string message, location;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &d) {
    if (d.getSeverity() != mlir::DiagnosticSeverity::Error || !message.empty())
      return;
    raw_string_ostream(message) << d;
    raw_string_ostream(location) << d.getLocation();
  });
  StringRef result = examine(path, context);
  outs() << json::Value(json::Object{{"path", path},
                                     {"result", result},
                                     {"location", json::fixUTF8(location)},
                                     {"message", json::fixUTF8(message)}})
         << "\n";
  outs().flush();
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "Import many ONNX files\n");
  auto file = MemoryBuffer::getFile(list);
  if (!file) {
    errs() << list << ": " << file.getError().message() << "\n";
    return 2;
  }
  for (line_iterator line(**file); !line.is_at_end(); ++line)
    report(*line);
  return 0;
}
