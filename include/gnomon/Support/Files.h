// SPDX-License-Identifier: Apache-2.0
// Writing whole files: readers see the old content or the new, nothing between.

#ifndef GNOMON_SUPPORT_FILES_H
#define GNOMON_SUPPORT_FILES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace gnomon {

/// Writes `content` to a temporary file beside `path` and renames it. A `path`
/// of "-" means standard output.
llvm::Error writeWholeFile(llvm::StringRef path, llvm::StringRef content);

} // namespace gnomon

#endif // GNOMON_SUPPORT_FILES_H
