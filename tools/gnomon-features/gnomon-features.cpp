// SPDX-License-Identifier: Apache-2.0
// Prints the feature list in its forms, the operator table, and what of a
// module no extractor knows.

#include "gnomon/Cost/DeviceRatios.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/Extract.h"
#include "gnomon/Features/FeatureOpInterface.h"
#include "gnomon/Features/Schema.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

namespace cl = llvm::cl;

enum class Print { Schema, Csv, Docs, RatioDocs, Operators, Rows, Uncovered };

static cl::opt<Print> print(
    cl::desc("What to print:"), cl::Required,
    cl::values(clEnumValN(Print::Schema, "schema", "Feature schema as JSON"),
               clEnumValN(Print::Csv, "csv-header", "Feature names"),
               clEnumValN(Print::Docs, "docs", "The page docs/features.md"),
               clEnumValN(Print::RatioDocs, "device-ratio-docs",
                          "The page docs/device-ratios.md"),
               clEnumValN(Print::Operators, "operators",
                          "Operators with an extractor and their kinds"),
               clEnumValN(Print::Rows, "rows",
                          "One CSV line per operation of a module: operator, "
                          "kind, load_time, gap, features"),
               clEnumValN(Print::Uncovered, "uncovered",
                          "Operators of a module that have no extractor, with "
                          "their number; exit status 1 if there are any")));

static cl::opt<std::string>
    input(cl::Positional, cl::init("-"),
          cl::desc("<MLIR file for --rows and --uncovered>"));

static int printUncovered(mlir::ModuleOp module) {
  auto missing = gnomon::operatorsWithoutExtractor(module);
  for (const auto &[name, count] : missing)
    llvm::outs() << name << " " << count << "\n";
  return missing.empty() ? 0 : 1;
}

static int printRows(mlir::ModuleOp module) {
  llvm::raw_ostream &os = llvm::outs();
  gnomon::LoadTimeAnalysis loadTime(module);
  os << "operator,kind,load_time,gap,";
  gnomon::printCsvHeader(os);
  os << "\n";
  module.walk([&](mlir::Operation *op) {
    auto row = gnomon::extractFeatures(op, &loadTime);
    if (!row)
      return;
    os << gnomon::operatorName(op) << "," << gnomon::kernelKindName(row->kind)
       << "," << loadTime.isLoadTime(op) << "," << row->gap << ",";
    gnomon::printCsvRow(*row, os);
    os << "\n";
  });
  return 0;
}

/// Parses the input and hands it on; 2 if it does not parse.
static int withModule(llvm::function_ref<int(mlir::ModuleOp)> print) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect>();
  gnomon::registerONNXDialect(registry);
  gnomon::registerFeatureModels(registry);
  mlir::MLIRContext context(registry);
  context.allowUnregisteredDialects();
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(input, &context);
  return module ? print(*module) : 2;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "Gnomon's features\n");
  llvm::raw_ostream &os = llvm::outs();
  switch (print) {
  case Print::Schema:
    os << llvm::formatv("{0:2}\n", llvm::json::Value(gnomon::featureSchema()));
    return 0;
  case Print::Csv:
    gnomon::printCsvHeader(os);
    os << "\n";
    return 0;
  case Print::Docs:
    gnomon::printFeatureDocs(os);
    return 0;
  case Print::RatioDocs:
    gnomon::printDeviceRatioDocs(os);
    return 0;
  case Print::Operators:
    for (const gnomon::OperatorClass &op : gnomon::knownOperators())
      os << op.name << " " << gnomon::kernelKindName(op.kind) << "\n";
    return 0;
  case Print::Uncovered:
    return withModule(printUncovered);
  case Print::Rows:
    return withModule(printRows);
  }
  return 2;
}
