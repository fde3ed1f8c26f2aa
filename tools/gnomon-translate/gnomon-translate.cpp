// SPDX-License-Identifier: Apache-2.0
// Command line between ONNX files and MLIR text.

#include "gnomon/Target/ONNX/Export.h"
#include "gnomon/Target/ONNX/Import.h"
#include "gnomon/Target/ONNX/Subnetwork.h"
#include "gnomon/Transforms/InitAll.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace gnomon;

static cl::OptionCategory category("gnomon-translate options");
static cl::opt<bool> importMode("import-onnx",
                                cl::desc("Read an ONNX file, write IR"),
                                cl::cat(category));
static cl::opt<bool> exportMode("export-onnx",
                                cl::desc("Read IR, write an ONNX file"),
                                cl::cat(category));
static cl::opt<std::string> input(cl::Positional, cl::Required,
                                  cl::desc("<input file>"), cl::cat(category));
static cl::opt<std::string>
    output("o", cl::desc("Where to write (-: standard output)"), cl::init("-"),
           cl::value_desc("file"), cl::cat(category));
static cl::list<std::string>
    shapes("shape",
           cl::desc("Shape of an input, as in --shape input=1x3x224x224"),
           cl::value_desc("name=sizes"), cl::cat(category));
static cl::list<std::string>
    dims("dim", cl::desc("Size of a symbolic dimension, as in --dim batch=1"),
         cl::value_desc("name=size"), cl::cat(category));
static cl::opt<bool> keepWeights("keep-weights",
                                 cl::desc("Put the weights into the IR"),
                                 cl::cat(category));
static cl::opt<std::string>
    passes("passes",
           cl::desc("Passes to run on the imported module, as in "
                    "--passes='gnomon-annotate-cost{bundle=DIR}'"),
           cl::value_desc("pipeline"), cl::cat(category));
static cl::opt<std::string>
    weightsFrom("weights-from",
                cl::desc("The ONNX file that holds the weights"),
                cl::value_desc("file"), cl::cat(category));
static cl::opt<uint64_t>
    initSeed("init-seed",
             cl::desc("What weights without a source are made from"),
             cl::init(0), cl::value_desc("number"), cl::cat(category));

static Error badOption(StringRef option, StringRef text, StringRef expected) {
  return createStringError("--%s %s: %s was expected", option.str().c_str(),
                           text.str().c_str(), expected.str().c_str());
}

/// `1x3x224` as numbers; the empty text is the shape of a scalar.
static bool parseSizes(StringRef text, SmallVectorImpl<int64_t> &sizes) {
  SmallVector<StringRef> parts;
  if (!text.empty())
    text.split(parts, 'x');
  for (StringRef part : parts)
    if (part.getAsInteger(10, sizes.emplace_back()) || sizes.back() < 0)
      return false;
  return true;
}

static Expected<ImportOptions> parseOptions() {
  ImportOptions options;
  options.keepWeights = keepWeights;
  for (StringRef text : shapes) {
    auto [name, sizes] = text.rsplit('=');
    if (name.size() == text.size() || !parseSizes(sizes, options.shapes[name]))
      return badOption("shape", text,
                       "an input's name and sizes, as in input=1x3x224x224,");
  }
  for (StringRef text : dims) {
    auto [name, size] = text.rsplit('=');
    int64_t &number = options.dims[name];
    if (name.size() == text.size() || size.getAsInteger(10, number) ||
        number < 0)
      return badOption("dim", text,
                       "a dimension's name and a size, as in batch=1,");
  }
  return options;
}

/// Write under a temporary name, then rename.
static int writeFile(function_ref<bool(raw_ostream &)> write) {
  if (output == "-")
    return write(outs()) ? 0 : 1;
  bool written = false;
  Error error = writeToOutput(output, [&](raw_ostream &stream) {
    written = write(stream);
    return written ? Error::success()
                   : createStringError("nothing was written");
  });
  if (!error)
    return 0;
  if (written)
    WithColor::error() << output << ": " << toString(std::move(error)) << "\n";
  else
    consumeError(std::move(error));
  return 1;
}

/// 0: the passes ran, 1: one failed, 2: they are spelled wrong.
static int runPasses(mlir::ModuleOp module) {
  mlir::PassManager manager(module.getContext());
  if (failed(mlir::parsePassPipeline(passes, manager)))
    return 2;
  return failed(manager.run(module));
}

static int runImport(mlir::MLIRContext &context) {
  Expected<ImportOptions> options = parseOptions();
  if (!options) {
    WithColor::error() << toString(options.takeError()) << "\n";
    return 2;
  }
  mlir::OwningOpRef<mlir::ModuleOp> module =
      importOnnx(input, *options, &context);
  if (!module)
    return 1;
  if (int failure = passes.empty() ? 0 : runPasses(*module))
    return failure;
  return writeFile([&](raw_ostream &stream) {
    mlir::OpPrintingFlags flags;
    flags.enableDebugInfo();
    module->print(stream, flags);
    return true;
  });
}

static int runExport(mlir::MLIRContext &context) {
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceFile<mlir::ModuleOp>(input, &context);
  if (!module)
    return 1;
  ExportOptions options;
  options.weightsFrom = weightsFrom;
  options.seed = initSeed;
  return writeFile([&](raw_ostream &stream) {
    return succeeded(exportOnnx(*module, options, stream));
  });
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv,
                              "Translate between ONNX files and MLIR\n");
  if (importMode == exportMode) {
    WithColor::error() << "one of --import-onnx and --export-onnx is needed\n";
    return 2;
  }
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect>();
  gnomon::registerAllDialects(registry);
  registerSubnetworkImporter(registry);
  registerAllPasses();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.allowUnregisteredDialects();
  SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler diagnostics(sources, &context);
  int status = importMode ? runImport(context) : runExport(context);
  // Leave the memory to the system: freeing it takes a tenth of a small import.
  outs().flush();
  sys::Process::Exit(status, /*NoCleanup=*/true);
}
