// SPDX-License-Identifier: Apache-2.0
// From a document of XGBoost's model schema to a forest.
#ifndef GNOMON_LIB_FOREST_MODELREADER_H
#define GNOMON_LIB_FOREST_MODELREADER_H

#include "gnomon/Forest/Forest.h"

#include "llvm/Support/Error.h"

namespace gnomon {

class ModelSource;

/// Walks the whole document. Members that prediction does not need are
/// skipped, missing ones that it needs are errors.
llvm::Expected<Forest> readModel(ModelSource &source);

} // namespace gnomon

#endif // GNOMON_LIB_FOREST_MODELREADER_H
