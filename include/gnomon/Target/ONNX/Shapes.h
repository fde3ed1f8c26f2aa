// SPDX-License-Identifier: Apache-2.0
// Shape inference over an ONNX model that goes on where ONNX's own gives up.
#ifndef GNOMON_TARGET_ONNX_SHAPES_H
#define GNOMON_TARGET_ONNX_SHAPES_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace onnx {
class ModelProto;
}

namespace gnomon {

/// What the user says about the inputs of a model.
struct ShapeOptions {
  /// Name of a graph input -> its dimensions.
  llvm::StringMap<llvm::SmallVector<int64_t>> shapes;
  /// Name of a symbolic dimension (`batch`) -> its value, everywhere in the
  /// model. Where nothing is called `batch`, it is the first dimension of the
  /// inputs that declare 1 there.
  llvm::StringMap<int64_t> dims;
  /// Size of dimensions of inputs that neither names, if any.
  std::optional<int64_t> otherDims;
};

struct ShapeReport {
  /// Which values stayed without a static shape and why: first causes only, in
  /// the order of the graph. Also where a declared type contradicts the
  /// inferred one, which is kept.
  std::vector<std::string> notes;
};

/// Infers the element type and the shape of every value of `model` in place:
/// they become the `value_info` of the graph and of nested graphs, and the
/// types of the graph outputs. Model-local functions must have been inlined
/// before.
///
/// Integers that the graph computes from shapes (and small tensors in general)
/// are evaluated, also where they are known in part only; what remains unknown
/// stays a symbolic or absent dimension. Time and memory are linear in the size
/// of the model: tensors of more than a few thousand elements are never
/// evaluated.
///
/// Errors: a shape for an input that does not exist, a shape whose rank or
/// dimensions contradict the declared ones, two values for one symbolic
/// dimension, graphs nested too deeply.
llvm::Expected<ShapeReport> inferShapes(onnx::ModelProto &model,
                                        const ShapeOptions &options);

} // namespace gnomon

#endif // GNOMON_TARGET_ONNX_SHAPES_H
