// SPDX-License-Identifier: Apache-2.0
// Prints the feature list in its forms, the operator table, and what of a
// module no extractor knows.

#include "gnomon/Features/Extract.h"
#include "gnomon/Features/Schema.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

namespace cl = llvm::cl;

enum class Print { Schema, Csv, Docs, Operators, Uncovered };

static cl::opt<Print> print(
    cl::desc("What to print:"), cl::Required,
    cl::values(clEnumValN(Print::Schema, "schema", "Feature schema as JSON"),
               clEnumValN(Print::Csv, "csv-header", "Feature names"),
               clEnumValN(Print::Docs, "docs", "The page docs/features.md"),
               clEnumValN(Print::Operators, "operators",
                          "Operators with an extractor and their kinds"),
               clEnumValN(Print::Uncovered, "uncovered",
                          "Operators of a module that have no extractor, with "
                          "their number; exit status 1 if there are any")));

static cl::opt<std::string> input(cl::Positional, cl::init("-"),
                                  cl::desc("<MLIR file for --uncovered>"));

static int printUncovered() {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  context.allowUnregisteredDialects();
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(input, &context);
  if (!module)
    return 2;
  auto missing = gnomon::operatorsWithoutExtractor(*module);
  for (const auto &[name, count] : missing)
    llvm::outs() << name << " " << count << "\n";
  return missing.empty() ? 0 : 1;
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
  case Print::Operators:
    for (const gnomon::OperatorClass &op : gnomon::knownOperators())
      os << op.name << " " << gnomon::kernelKindName(op.kind) << "\n";
    return 0;
  case Print::Uncovered:
    return printUncovered();
  }
  return 2;
}
