// SPDX-License-Identifier: Apache-2.0
// Readers of dense networks kept as JSON.
#ifndef GNOMON_MLP_LOAD_H
#define GNOMON_MLP_LOAD_H

#include "gnomon/Mlp/Mlp.h"
#include "gnomon/Support/Json.h"

namespace gnomon {

/// Reads a network out of a JSON object: `layers`, a list of {`inputs`,
/// `outputs`, `weights`, `bias` (optional), `relu` (optional, default false)},
/// and `constant` (optional, default 0). `weights` holds one row of `inputs`
/// numbers for each output, row after row; it and `bias` are a list of numbers
/// or a string: base64 of the numbers in single precision, little-endian.
///
/// Errors name the field: `m.json: layers[1].weights: expected 64 numbers,
/// found 63`. Memory is bounded by the size of the document, whatever its
/// members claim.
llvm::Expected<Mlp> parseMlp(const JsonView &json);

/// The same for a file whose outermost object is the network.
llvm::Expected<Mlp> loadMlp(llvm::StringRef path);

} // namespace gnomon

#endif // GNOMON_MLP_LOAD_H
