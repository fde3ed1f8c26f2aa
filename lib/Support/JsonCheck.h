// SPDX-License-Identifier: Apache-2.0
// What a JSON text must satisfy before llvm::json may see it.
#ifndef GNOMON_LIB_SUPPORT_JSONCHECK_H
#define GNOMON_LIB_SUPPORT_JSONCHECK_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace gnomon {

/// Refuses nesting deeper than `maxDepth` (llvm::json recurses without a
/// limit) and members that appear twice in one object (llvm::json keeps the
/// last one silently). Other faults of syntax are left to the parser. Keys are
/// compared as spelled. `source` names the text in messages.
llvm::Error checkJsonStructure(llvm::StringRef text, unsigned maxDepth,
                               llvm::StringRef source);

} // namespace gnomon

#endif // GNOMON_LIB_SUPPORT_JSONCHECK_H
