// SPDX-License-Identifier: Apache-2.0
// What the gnomon attributes say, as metadata that viewers of ONNX show.

#ifndef GNOMON_LIB_TARGET_ONNX_METADATA_H
#define GNOMON_LIB_TARGET_ONNX_METADATA_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "onnx/onnx_pb.h"

namespace gnomon {

/// The properties of the model: `onnx.metadata_props` as imported, every
/// `gnomon.*` string of the module under its own name, and the function's
/// estimate as gnomon.latency_us, gnomon.low_us, gnomon.high_us,
/// gnomon.confidence. The last two win over the first.
void addModelMetadata(mlir::func::FuncOp function, onnx::ModelProto &model);

/// The properties of a node: its estimate (gnomon.latency_us, gnomon.low_us,
/// gnomon.high_us, gnomon.source, gnomon.kind, gnomon.kernel) or the kernel it
/// is a part of (gnomon.kernel), and the key of the block that it ends
/// (gnomon.block).
void addNodeMetadata(mlir::Operation &op, onnx::NodeProto &node);

/// Metadata of nodes exists from version 10 of the format on.
inline constexpr int64_t kNodeMetadataVersion = 10;

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_METADATA_H
