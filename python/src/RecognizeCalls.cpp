// SPDX-License-Identifier: Apache-2.0
// Which network of which space a file holds, without Python.

#include "RecognizeCalls.h"

#include "Session.h"
#include "gnomon/Accuracy/MlpEvaluator.h"
#include "gnomon/Spaces/Recognize.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

using namespace gnomon;
using namespace gnomon::python;

static std::string namesOfSpaces() {
  std::string names;
  for (const Space *space : allSpaces())
    names += (names.empty() ? "" : ", ") + space->name().str();
  return names;
}

/// What a model says about a network of its space.
static llvm::Expected<llvm::json::Object> ask(const MlpFile &model,
                                              const Recognition &network) {
  llvm::Expected<std::vector<float>> row =
      model.encoding.encode(network.selection);
  if (!row)
    return row.takeError();
  if (row->size() != model.network.numInputs() ||
      model.network.numOutputs() != 1)
    return llvm::createStringError(
        model.source + ": expected a network of " + llvm::Twine(row->size()) +
        " inputs and 1 output, found " +
        llvm::Twine(model.network.numInputs()) + " and " +
        llvm::Twine(model.network.numOutputs()));
  float value = 0;
  model.network.forward(*row, value);
  return llvm::json::Object{{"model", model.name},
                            {"metric", model.metric.name},
                            {"unit", model.metric.unit},
                            {"value", value}};
}

/// The recognition as JSON, with the model's answer if there is a model.
static llvm::Expected<llvm::json::Object>
recognizeWith(mlir::func::FuncOp function, const Space *only,
              const MlpFile *model) {
  llvm::Expected<RecognitionResult> result = recognizeNetwork(function, only);
  if (!result)
    return result.takeError();
  llvm::json::Object object = toJson(*result);
  if (model && !result->matches.empty()) {
    llvm::Expected<llvm::json::Object> answer =
        ask(*model, result->matches.front());
    if (!answer)
      return answer.takeError();
    object["answer"] = std::move(*answer);
  }
  return object;
}

static llvm::Expected<std::optional<MlpFile>>
readModel(const std::string &path, const std::string &space) {
  if (path.empty())
    return std::nullopt;
  llvm::Expected<MlpFile> file = loadMlpFile(path);
  if (!file)
    return file.takeError();
  if (!space.empty() && space != file->space)
    return llvm::createStringError(path + ": is about " + file->space +
                                   ", expected " + space);
  return std::move(*file);
}

static Answer<std::string> problem(llvm::Error error) {
  return {std::nullopt, llvm::toString(std::move(error))};
}

Answer<std::string> python::recognizeFile(const std::string &path,
                                          const std::string &space,
                                          const Sizes &sizes,
                                          const std::string &model) {
  llvm::Expected<std::optional<MlpFile>> file = readModel(model, space);
  if (!file)
    return problem(file.takeError());
  const std::string &named = *file ? (*file)->space : space;
  const Space *only = named.empty() ? nullptr : findSpace(named);
  if (!only && !named.empty())
    return {std::nullopt,
            "no space '" + named + "': expected one of " + namesOfSpaces()};
  Session session;
  session.size(sizes);
  session.importOptions.otherDims = 1;
  mlir::OwningOpRef<mlir::ModuleOp> module = session.open(path);
  if (!module)
    return {std::nullopt, session.takeProblem()};
  auto functions = llvm::to_vector(module->getOps<mlir::func::FuncOp>());
  if (functions.size() != 1)
    return {std::nullopt, path + ": expected one function, found " +
                              std::to_string(functions.size())};
  llvm::Expected<llvm::json::Object> result =
      recognizeWith(functions.front(), only, *file ? &**file : nullptr);
  if (!result)
    return {std::nullopt, path + ": " + llvm::toString(result.takeError())};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(*result));
  return {text, ""};
}
