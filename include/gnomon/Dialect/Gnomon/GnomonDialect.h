// SPDX-License-Identifier: Apache-2.0
// The gnomon dialect: what Gnomon says about other dialects' operations.

#ifndef GNOMON_DIALECT_GNOMON_GNOMONDIALECT_H
#define GNOMON_DIALECT_GNOMON_GNOMONDIALECT_H

#include "gnomon/Support/Source.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/bit.h"
#include <array>

#include "gnomon/Dialect/Gnomon/GnomonDialect.h.inc"

namespace gnomon {

/// The numbers of an estimate. Two are the same if their bits are.
struct EstimateNumbers {
  double latencyUs = 0, lowUs = 0, highUs = 0;
  double confidence = 0; ///< share of truths inside the interval

  std::array<uint64_t, 4> bits() const {
    return llvm::bit_cast<std::array<uint64_t, 4>>(*this);
  }
  bool operator==(const EstimateNumbers &other) const {
    return bits() == other.bits();
  }
};

inline llvm::hash_code hash_value(const EstimateNumbers &numbers) {
  auto [latency, low, high, confidence] = numbers.bits();
  return llvm::hash_combine(latency, low, high, confidence);
}

} // namespace gnomon

#define GET_ATTRDEF_CLASSES
#include "gnomon/Dialect/Gnomon/GnomonAttributes.h.inc"

namespace gnomon {

/// The discardable attribute that holds an EstimateAttr.
inline constexpr llvm::StringLiteral estimateAttrName = "gnomon.estimate";
/// The discardable attribute that names the kernel an operation is part of.
inline constexpr llvm::StringLiteral kernelAttrName = "gnomon.kernel";
/// The discardable attribute that holds a function's AlternativeAttr.
inline constexpr llvm::StringLiteral alternativeAttrName = "gnomon.alternative";
/// The discardable attribute with a block's key in look-up tables.
inline constexpr llvm::StringLiteral blockAttrName = "gnomon.block";
/// The discardable attribute that says how a constant's weights are made.
inline constexpr llvm::StringLiteral initAttrName = "gnomon.init";
/// The discardable attributes of a module that name a space and the JSON of one
/// of its architectures.
inline constexpr llvm::StringLiteral spaceAttrName = "gnomon.space";
inline constexpr llvm::StringLiteral architectureAttrName =
    "gnomon.architecture";

} // namespace gnomon

#endif // GNOMON_DIALECT_GNOMON_GNOMONDIALECT_H
