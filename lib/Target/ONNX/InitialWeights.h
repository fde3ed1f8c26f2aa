// SPDX-License-Identifier: Apache-2.0
// Weights for tensors without a source: the same bytes on every machine.

#ifndef GNOMON_LIB_TARGET_ONNX_INITIALWEIGHTS_H
#define GNOMON_LIB_TARGET_ONNX_INITIALWEIGHTS_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gnomon {

/// How a tensor is filled. Uniform values lie in [-bound, bound] and are never
/// zero.
enum class InitKind {
  Zeros,
  Ones,
  KaimingUniform, ///< bound sqrt(6 / product of the sizes but the first)
  Small,          ///< bound 0.01
};

/// The kind of a name; nothing where there is none.
std::optional<InitKind> parseInitKind(llvm::StringRef name);

/// What `gnomon.init` is when it is absent: kaiming_uniform for tensors of two
/// dimensions and more, small for others.
InitKind defaultInitKind(mlir::RankedTensorType type);

/// The little-endian bytes of a tensor. Element i is a function of seed, name
/// and i alone, by integer arithmetic, one correctly rounded square root and
/// one correctly rounded product. Errors: an element type that takes no such
/// values (floats of 16, 32 and 64 bits take all, integers zeros and ones), a
/// shape that is not static.
llvm::Expected<std::string> initialWeights(mlir::RankedTensorType type,
                                           InitKind kind, uint64_t seed,
                                           llvm::StringRef name);

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_INITIALWEIGHTS_H
