// SPDX-License-Identifier: Apache-2.0
// Turns a function of onnx operations into an ONNX graph.

#ifndef GNOMON_LIB_TARGET_ONNX_GRAPHEXPORTER_H
#define GNOMON_LIB_TARGET_ONNX_GRAPHEXPORTER_H

#include "InitialWeights.h"
#include "Tensors.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringSet.h"

namespace gnomon {

/// A tensor whose elements nobody has given.
struct UnsourcedWeight {
  std::string name;
  mlir::RankedTensorType type;
  InitKind init;
};

/// Gives such a tensor its type and elements.
using WeightMaker =
    std::function<llvm::Error(const UnsourcedWeight &, onnx::TensorProto &)>;

/// Emits diagnostics at the operations ONNX cannot hold.
class GraphExporter {
public:
  GraphExporter(WeightReader read, WeightMaker make)
      : read(std::move(read)), make(std::move(make)) {}

  llvm::LogicalResult exportFunction(mlir::func::FuncOp function,
                                     onnx::GraphProto &graph);

private:
  llvm::LogicalResult exportBlock(mlir::Block &block, onnx::GraphProto &graph);
  llvm::LogicalResult exportOperation(mlir::Operation &op,
                                      onnx::GraphProto &graph);
  llvm::LogicalResult exportInitializer(mlir::Operation &op,
                                        mlir::Attribute value,
                                        onnx::GraphProto &graph);
  llvm::LogicalResult exportUnsourced(mlir::Operation &op,
                                      onnx::GraphProto &graph);
  llvm::LogicalResult exportConstant(mlir::Operation &op,
                                     onnx::GraphProto &graph, bool &isDone);
  void nameNode(mlir::Operation &op, onnx::NodeProto &node);
  void nameResults(mlir::Operation &op);
  void nameOutputs(mlir::func::FuncOp function);
  llvm::LogicalResult exportAttributes(mlir::Operation &op,
                                       onnx::NodeProto &node);
  llvm::LogicalResult exportRegions(mlir::Operation &op, onnx::NodeProto &node);
  llvm::LogicalResult exportOutputs(mlir::Operation *terminator,
                                    mlir::ArrayAttr attributes,
                                    onnx::GraphProto &graph);

  /// A name that no other value has, `wanted` if it is free.
  std::string unique(llvm::StringRef wanted) {
    return unique(wanted, "value", taken);
  }
  std::string unique(llvm::StringRef wanted, llvm::StringRef otherwise,
                     llvm::StringSet<> &taken);
  void nameValue(mlir::Value value, llvm::StringRef wanted);

  WeightReader read;
  WeightMaker make;
  llvm::DenseMap<mlir::Value, std::string> names;
  llvm::StringSet<> taken, takenNodes;
  unsigned counter = 0;
};

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_GRAPHEXPORTER_H
