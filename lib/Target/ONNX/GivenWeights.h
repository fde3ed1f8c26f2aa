// SPDX-License-Identifier: Apache-2.0
// The initializers of an ONNX file, by name.

#ifndef GNOMON_LIB_TARGET_ONNX_GIVENWEIGHTS_H
#define GNOMON_LIB_TARGET_ONNX_GIVENWEIGHTS_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <string>

namespace gnomon {

/// Where the weights of a network lie that has none of its own.
class GivenWeights {
public:
  /// Errors: a file that cannot be read or is no ONNX model.
  static llvm::Expected<GivenWeights> open(llvm::StringRef path,
                                           mlir::MLIRContext *context);

  /// The elements of an initializer, or a reference to them. Errors: no
  /// initializer of this name, one of another type.
  llvm::Expected<mlir::Attribute> find(llvm::StringRef name,
                                       mlir::RankedTensorType type) const;

private:
  std::string path;
  llvm::StringMap<mlir::Attribute> initializers;
};

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_GIVENWEIGHTS_H
