// SPDX-License-Identifier: Apache-2.0
// Which network of which space a plain network is.

#ifndef GNOMON_SPACES_RECOGNIZE_H
#define GNOMON_SPACES_RECOGNIZE_H

#include "gnomon/Spaces/Space.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace gnomon {

/// A space that the network lies in.
struct Recognition {
  const Space *space;
  SpaceOptions options; ///< one resolution, the multiplier of channels
  int64_t classes;      ///< of the last layer, which may be any number
  Selection selection;
  llvm::json::Object architecture; ///< canonical
};

/// How far a comparison with a space came.
struct NearMiss {
  const Space *space;
  double widthMult;
  size_t matched;       ///< operations, counted from the output
  mlir::Location where; ///< the operation of the network that differs
  std::string found, expected;
};

struct RecognitionResult {
  /// The smallest space first: a network of CompOFA is one of OFA-MobileNetV3,
  /// too.
  std::vector<Recognition> matches;
  /// The other spaces, the nearest first.
  std::vector<NearMiss> misses;
};

/// Compares a function of onnx operations with every space, or with `only`.
///
/// Only what decides how long a network takes is compared: operations, kernels,
/// strides, groups, channels and how values are joined. Constants, batch
/// normalization (there, folded into convolutions, or spelled as products and
/// sums), identities and changes of shape around 1x1 images do not matter; hard
/// swish, hard sigmoid, relu6, means and linear layers may be spelled as
/// exporters and simplifiers do. Networks are equal if their data flow is, back
/// from the result.
///
/// Where several architectures are one network, it is the one that the module
/// states (`gnomon.space` and `gnomon.architecture`, also as metadata of ONNX),
/// if that is one of them. Otherwise identities of FBNet and ProxylessNAS come
/// last among layers of one shape, edges of NAS-Bench-201 that nobody reads are
/// none, and of its cells that are the same graph one is taken, always the
/// same.
///
/// Errors: a function that is not from one static image [n, 3, h, h] to one
/// result.
llvm::Expected<RecognitionResult> recognizeNetwork(mlir::func::FuncOp function,
                                                   const Space *only = nullptr);

/// {"schema": 1, "space", "architecture", "resolution", "classes", "also"} and,
/// where the space has several, "width_mult"; "also" lists the other matches
/// with the same members. Without a match "space" is null, and "nearest" lists
/// up to three misses: {"space", "matched_layers", "node", "found", "expected",
/// "message"}.
llvm::json::Object toJson(const RecognitionResult &result);

/// "ofa-mbv3: after 120 operations from the output, 'conv7' is a 5x5 ...; a 3x3
/// ... was expected".
std::string describe(const NearMiss &miss);

} // namespace gnomon

#endif // GNOMON_SPACES_RECOGNIZE_H
