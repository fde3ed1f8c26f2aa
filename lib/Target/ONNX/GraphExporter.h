// SPDX-License-Identifier: Apache-2.0
// Turns a function of onnx operations into an ONNX graph.

#ifndef GNOMON_LIB_TARGET_ONNX_GRAPHEXPORTER_H
#define GNOMON_LIB_TARGET_ONNX_GRAPHEXPORTER_H

#include "Tensors.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringSet.h"

namespace gnomon {

/// Emits diagnostics at the operations ONNX cannot hold.
class GraphExporter {
public:
  explicit GraphExporter(WeightReader read) : read(std::move(read)) {}

  llvm::LogicalResult exportFunction(mlir::func::FuncOp function,
                                     onnx::GraphProto &graph);

private:
  llvm::LogicalResult exportBlock(mlir::Block &block, onnx::GraphProto &graph);
  llvm::LogicalResult exportOperation(mlir::Operation &op,
                                      onnx::GraphProto &graph);
  llvm::LogicalResult exportInitializer(mlir::Operation &op,
                                        mlir::Attribute value,
                                        onnx::GraphProto &graph);
  llvm::LogicalResult exportAttributes(mlir::Operation &op,
                                       onnx::NodeProto &node);
  llvm::LogicalResult exportRegions(mlir::Operation &op, onnx::NodeProto &node);
  llvm::LogicalResult exportOutputs(mlir::Operation *terminator,
                                    mlir::ArrayAttr attributes,
                                    onnx::GraphProto &graph);

  /// A name that no other value has, `wanted` if it is free.
  std::string unique(llvm::StringRef wanted);
  void nameValue(mlir::Value value, llvm::StringRef wanted);

  WeightReader read;
  llvm::DenseMap<mlir::Value, std::string> names;
  llvm::StringSet<> taken;
  unsigned counter = 0;
};

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_GRAPHEXPORTER_H
