// SPDX-License-Identifier: Apache-2.0
// Command line of the forest evaluator: describes a model, predicts rows.
#include "Rows.h"

#include "gnomon/Forest/Load.h"
#include "gnomon/Forest/PackedForest.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;
using namespace gnomon;

static cl::SubCommand predictCommand("predict",
                                     "Predict rows with an XGBoost model");
static cl::SubCommand infoCommand("info", "Describe an XGBoost model");
static cl::opt<std::string> modelPath(cl::Positional, cl::Required,
                                      cl::desc("MODEL"),
                                      cl::sub(predictCommand),
                                      cl::sub(infoCommand));
static cl::opt<std::string>
    rowsPath("rows", cl::init("-"), cl::value_desc("file"),
             cl::desc("Rows of features; - is standard input"),
             cl::sub(predictCommand));
static cl::opt<bool>
    rawInput("raw-input", cl::sub(predictCommand),
             cl::desc("Rows are single-precision floats instead of CSV"));
static cl::opt<bool>
    rawOutput("raw-output", cl::sub(predictCommand),
              cl::desc("Write single-precision floats instead of text"));
static cl::opt<bool>
    margin("margin", cl::sub(predictCommand),
           cl::desc("Write the sums before the objective's link"));
static cl::opt<bool>
    reference("reference", cl::sub(predictCommand),
              cl::desc("Ask the reference evaluator, not the packed forest"));
static cl::opt<std::string> outputPath("o", cl::init("-"),
                                       cl::value_desc("file"),
                                       cl::desc("Where to write"),
                                       cl::sub(predictCommand));

static void printInfo(const Forest &forest) {
  outs() << "objective: " << forest.objective.name << '\n'
         << "trees: " << forest.trees.size()
         << (forest.weighted ? " (weighted)" : "")
         << (forest.vectorLeaves ? " (vector leaves)" : "") << '\n'
         << "nodes: " << forest.nodes.size() << '\n'
         << "categorical splits: " << forest.categorySets.size() << '\n'
         << "features: " << forest.numFeatures << '\n'
         << "outputs: " << forest.numOutputs() << '\n';
  for (const std::string &name : forest.featureNames)
    outs() << "feature name: " << name << '\n';
}

static void printText(ArrayRef<float> values, size_t perRow, raw_ostream &os) {
  for (size_t index = 0; index < values.size(); ++index)
    os << format("%.9g", values[index]) << ((index + 1) % perRow ? ',' : '\n');
}

static Expected<std::vector<float>> readRows(const Forest &forest) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFileOrSTDIN(
      rowsPath, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(rowsPath + ": " + buffer.getError().message());
  StringRef bytes = (*buffer)->getBuffer();
  StringRef source = (*buffer)->getBufferIdentifier();
  return rawInput ? parseRawRows(bytes, forest, source)
                  : parseCsvRows(bytes, forest, source);
}

static void ask(const Forest &forest, RowBlock rows,
                MutableArrayRef<float> results) {
  std::optional<PackedForest> packed;
  if (!reference)
    packed = PackedForest::pack(forest);
  if (!packed)
    return (margin ? predictMargins : predict)(forest, rows, results);
  margin ? packed->predictMargins(rows, results)
         : packed->predict(rows, results);
}

static Error predictRows(const Forest &forest) {
  if (forest.numFeatures == 0)
    return createStringError(modelPath + ": the model has no features");
  Expected<std::vector<float>> values = readRows(forest);
  if (!values)
    return values.takeError();
  RowBlock rows = {values->data(), values->size() / forest.numFeatures,
                   forest.numFeatures};
  size_t perRow = margin ? forest.numMargins : forest.numOutputs();
  std::vector<float> results(rows.rows * perRow);
  ask(forest, rows, results);

  std::error_code code;
  ToolOutputFile file(outputPath, code, sys::fs::OpenFlags::OF_None);
  if (code)
    return createStringError(outputPath + ": " + code.message());
  if (rawOutput)
    file.os().write(reinterpret_cast<const char *>(results.data()),
                    results.size() * sizeof(float));
  else
    printText(results, perRow, file.os());
  file.keep();
  return Error::success();
}

static Error run() {
  if (!predictCommand && !infoCommand)
    return createStringError(
        "expected a command: predict or info (see --help)");
  Expected<Forest> forest = loadForest(modelPath);
  if (!forest)
    return forest.takeError();
  if (predictCommand)
    return predictRows(*forest);
  printInfo(*forest);
  return Error::success();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv,
                              "Gnomon's evaluator of XGBoost models\n");
  if (Error error = run()) {
    WithColor::error(errs(), "gnomon-forest")
        << toString(std::move(error)) << '\n';
    return 1;
  }
  return 0;
}
