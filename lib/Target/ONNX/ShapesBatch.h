// SPDX-License-Identifier: Apache-2.0
// Another batch for networks that were exported for a batch of one.

#ifndef GNOMON_LIB_TARGET_ONNX_SHAPESBATCH_H
#define GNOMON_LIB_TARGET_ONNX_SHAPESBATCH_H

#include "llvm/Support/Error.h"

#include "onnx/onnx_pb.h"

namespace gnomon::shapes {

/// Makes a network whose inputs declare 1 as their first dimension take
/// `batch`, and forgets what the file says about the sizes of other tensors.
/// False, and nothing is changed, if it has a dimension called "batch" or no
/// such input. Inputs of rank 1 and initializers stay.
bool applyBatch(onnx::GraphProto &graph, int64_t batch);

/// After shapes are inferred: refuses a network that writes its batch of one
/// down, in a Reshape that makes one of `batch` images.
llvm::Error checkBatch(const onnx::GraphProto &graph, int64_t batch);

} // namespace gnomon::shapes

#endif // GNOMON_LIB_TARGET_ONNX_SHAPESBATCH_H
