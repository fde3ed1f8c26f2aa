// SPDX-License-Identifier: Apache-2.0
// Reads rows of features from text or raw floats.
#ifndef GNOMON_TOOLS_GNOMON_FOREST_ROWS_H
#define GNOMON_TOOLS_GNOMON_FOREST_ROWS_H

#include "gnomon/Forest/Forest.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace gnomon {

/// Lines of `forest.numFeatures` numbers with commas between them: decimal or
/// hexadecimal, `inf`; `nan` or nothing is a missing value. A first line that
/// holds no number is a header, which must repeat the model's feature names
/// where it has them. `source` names the text in messages.
llvm::Expected<std::vector<float>> parseCsvRows(llvm::StringRef text,
                                                const Forest &forest,
                                                llvm::StringRef source);

/// Single-precision floats in the machine's byte order, row after row.
llvm::Expected<std::vector<float>> parseRawRows(llvm::StringRef bytes,
                                                const Forest &forest,
                                                llvm::StringRef source);

} // namespace gnomon

#endif // GNOMON_TOOLS_GNOMON_FOREST_ROWS_H
