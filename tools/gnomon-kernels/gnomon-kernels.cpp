// SPDX-License-Identifier: Apache-2.0
// Prints the kernels of every function of a module, one a line, to compare them
// with a runtime's.

#include "gnomon/Analysis/Kernels.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace gnomon;

static llvm::cl::opt<std::string> input(llvm::cl::Positional,
                                        llvm::cl::desc("<module.mlir>"),
                                        llvm::cl::init("-"));
static llvm::cl::opt<std::string>
    rulesFile("rules", llvm::cl::Required,
              llvm::cl::desc("the runtime's rules"));
static llvm::cl::opt<unsigned>
    simdBits("simd-bits", llvm::cl::init(256),
             llvm::cl::desc("width of the device's vectors"));

static llvm::Expected<RuntimeRules> readRules() {
  llvm::Expected<JsonDocument> document = JsonDocument::load(rulesFile);
  if (!document)
    return document.takeError();
  return parseRuntimeRules(document->root());
}

static void printNames(llvm::ArrayRef<mlir::Value> values) {
  llvm::interleave(
      values, llvm::outs(),
      [](mlir::Value value) { llvm::outs() << tensorName(value); }, " ");
}

/// Tab separated: what runs, results, operations inside, layout, runs.
static void print(const Kernel &kernel) {
  llvm::outs() << kernel.op << '\t';
  printNames(kernel.outputs);
  llvm::outs() << '\t';
  llvm::interleave(
      kernel.ops, llvm::outs(),
      [](mlir::Operation *op) {
        llvm::outs() << (op->getNumResults() ? tensorName(op->getResult(0))
                                             : llvm::StringRef());
      },
      " ");
  llvm::outs() << '\t'
               << (kernel.blocked ? "blocked"
                   : kernel.view  ? "view"
                                  : "plain")
               << '\t' << kernel.runs << (kernel.runsKnown ? "" : "+") << '\n';
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::ParseCommandLineOptions(argc, argv,
                                    "kernels that a runtime forms\n");
  llvm::Expected<RuntimeRules> rules = readRules();
  if (!rules) {
    llvm::WithColor::error() << llvm::toString(rules.takeError()) << '\n';
    return 1;
  }
  mlir::DialectRegistry registry;
  registerONNXDialect(registry);
  registry.insert<mlir::func::FuncDialect>();
  mlir::MLIRContext context(registry);
  context.allowUnregisteredDialects();
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(input, &context);
  if (!module)
    return 1;
  for (auto function : module->getOps<mlir::func::FuncOp>())
    for (const Kernel &kernel : formKernels(function, *rules, {simdBits}))
      print(kernel);
  return 0;
}
