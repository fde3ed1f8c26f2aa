// SPDX-License-Identifier: Apache-2.0
// The MLIR context of one call, and its diagnostics as text.

#ifndef GNOMON_PYTHON_SESSION_H
#define GNOMON_PYTHON_SESSION_H

#include "Calls.h"
#include "gnomon/Target/ONNX/Import.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace gnomon::python {

/// A context with what networks need, and the errors said in it.
class Session {
public:
  Session();

  /// The network of an .onnx or .mlir file; null after a problem.
  mlir::OwningOpRef<mlir::ModuleOp> open(llvm::StringRef path);
  /// A module given as text; null after a problem.
  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text);
  /// Sizes for what is dynamic in files to open.
  void size(const Sizes &sizes);
  /// The errors said so far.
  std::string takeProblem();

  mlir::MLIRContext context;
  ImportOptions importOptions;

private:
  void say(mlir::Diagnostic &diagnostic);

  std::string problem;
};

/// A problem as an answer.
template <typename T>
Answer<T> failure(llvm::Error error) {
  return {std::nullopt, llvm::toString(std::move(error))};
}

} // namespace gnomon::python

#endif // GNOMON_PYTHON_SESSION_H
