// SPDX-License-Identifier: Apache-2.0
// Rewrites a serialized ONNX model without its big tensors, copying no weight.

#ifndef GNOMON_TARGET_ONNX_WIRESCAN_H
#define GNOMON_TARGET_ONNX_WIRESCAN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace gnomon {

/// Which tensors stay. Shape inference reads integer and bool constants, and
/// small float ones (scales, ranges); everything bigger is weights.
struct StripLimits {
  uint64_t integerElements = 1024;
  uint64_t otherElements = 64;
};

/// A model without its big tensors.
struct StrippedModel {
  /// A serialized ModelProto, complete except for the data of big tensors. Each
  /// of those is an external tensor with the entries `offset` and `length`
  /// (decimal bytes within the scanned file) and `kEncodingKey`: how the bytes
  /// there encode the elements.
  std::string bytes;
  uint64_t strippedTensors = 0;
  uint64_t strippedBytes = 0;
};

/// Key of the external-data entry that marks a reference into the model's own
/// file. Its value: `raw` (little-endian elements, as in raw_data) or the name
/// of the typed field whose packed varints lie there (`int32_data`,
/// `int64_data`, `uint64_data`).
inline constexpr llvm::StringLiteral kEncodingKey = "gnomon.encoding";

/// Strip `file`, the bytes of a ModelProto. Initializers, sparse ones, tensors
/// in attributes, and all of these in nested graphs and functions are scanned.
/// Errors: wire format broken (cut short, lengths beyond the end), nested
/// deeper than 64 graphs; the message gives the byte and the path of fields.
llvm::Expected<StrippedModel> stripWeights(llvm::StringRef file,
                                           const StripLimits &limits = {});

} // namespace gnomon

#endif // GNOMON_TARGET_ONNX_WIRESCAN_H
