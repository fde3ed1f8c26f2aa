// SPDX-License-Identifier: Apache-2.0
// Finds and maps the files that weight references name.

#ifndef GNOMON_LIB_TARGET_ONNX_WEIGHTFILES_H
#define GNOMON_LIB_TARGET_ONNX_WEIGHTFILES_H

#include "Tensors.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace gnomon {

/// Where an external file of the model `modelPath` lies. Errors: an absolute
/// location, one with `..`, or a link that leads out of the model's folder.
llvm::Expected<std::string> resolveLocation(llvm::StringRef modelPath,
                                            llvm::StringRef location);

/// The weights of one model, mapped when first asked for.
class WeightFiles {
public:
  explicit WeightFiles(llvm::StringRef modelPath) : modelPath(modelPath) {}

  /// The bytes of a reference. Errors: as resolveLocation, a file that cannot
  /// be read, and bytes beyond its end.
  llvm::Expected<llvm::StringRef> read(const WeightReference &reference);

private:
  llvm::Expected<llvm::StringRef> open(llvm::StringRef path);

  std::string modelPath;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
};

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_WEIGHTFILES_H
