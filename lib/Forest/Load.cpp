// SPDX-License-Identifier: Apache-2.0
// Finds out the format of a model file by its first bytes.
#include "gnomon/Forest/Load.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace gnomon {

/// After the brace UBJSON has the type of the first key's length, JSON a quote
/// or white space.
static bool looksLikeUbjson(StringRef bytes) {
  return bytes.size() > 1 && bytes[0] == '{' &&
         StringRef("iUIlL").contains(bytes[1]);
}

Expected<Forest> parseForest(StringRef bytes, StringRef source) {
  if (looksLikeUbjson(bytes))
    return parseForestUbjson(bytes, source);
  if (bytes.ltrim().starts_with("{"))
    return parseForestJson(bytes, source);
  return createStringError(
      source +
      ": neither JSON nor UBJSON, as XGBoost's save_model writes them");
}

Expected<Forest> loadForest(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(path + ": " + buffer.getError().message());
  return parseForest((*buffer)->getBuffer(), path);
}

} // namespace gnomon
