// SPDX-License-Identifier: Apache-2.0
// Readers of the model files that XGBoost writes.
#ifndef GNOMON_FOREST_LOAD_H
#define GNOMON_FOREST_LOAD_H

#include "gnomon/Forest/Forest.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace gnomon {

/// Reads a model that XGBoost (1.6 to 3.2) saved as JSON or UBJSON; the
/// content, not the name, says which. Boosters gbtree and dart. Everything
/// wrong with the file is an error that names the file and the path of the
/// field, such as `m.ubj: learner.gradient_booster.model.trees[3]
/// .left_children[7]: child 991 is out of range, the tree has 15 nodes`.
/// Time and memory are linear in the size of the file, whatever it claims.
llvm::Expected<Forest> loadForest(llvm::StringRef path);

/// The same for bytes in memory; `source` names them in messages.
llvm::Expected<Forest> parseForest(llvm::StringRef bytes,
                                   llvm::StringRef source);

/// The two formats alone.
llvm::Expected<Forest> parseForestJson(llvm::StringRef text,
                                       llvm::StringRef source);
llvm::Expected<Forest> parseForestUbjson(llvm::StringRef bytes,
                                         llvm::StringRef source);

} // namespace gnomon

#endif // GNOMON_FOREST_LOAD_H
