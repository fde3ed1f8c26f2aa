// SPDX-License-Identifier: Apache-2.0
// Which network of which space a file holds, without Python.

#include "RecognizeCalls.h"

#include "Session.h"
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

Answer<std::string> python::recognizeFile(const std::string &path,
                                          const std::string &space,
                                          const Sizes &sizes) {
  const Space *only = space.empty() ? nullptr : findSpace(space);
  if (!only && !space.empty())
    return {std::nullopt,
            "no space '" + space + "': expected one of " + namesOfSpaces()};
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
  llvm::Expected<RecognitionResult> result =
      recognizeNetwork(functions.front(), only);
  if (!result)
    return {std::nullopt, path + ": " + llvm::toString(result.takeError())};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(toJson(*result));
  return {text, ""};
}
