// SPDX-License-Identifier: Apache-2.0
// Turns one ONNX graph, nested ones included, into operations.

#ifndef GNOMON_LIB_TARGET_ONNX_GRAPHIMPORTER_H
#define GNOMON_LIB_TARGET_ONNX_GRAPHIMPORTER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OperationSupport.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/StringMap.h"

namespace gnomon {

/// Walks a graph whose values have types (see ModelLoader) and emits
/// diagnostics at the nodes it cannot carry.
class GraphImporter {
public:
  GraphImporter(mlir::OpBuilder &builder, mlir::Location fileLoc)
      : builder(builder), fileLoc(fileLoc) {}

  /// Import the function body: initializers, nodes, then func.return.
  mlir::LogicalResult importBody(const onnx::GraphProto &graph,
                                 mlir::func::FuncOp function);

  /// The inputs that are no initializers: the arguments of the function.
  static llvm::SmallVector<const onnx::ValueInfoProto *>
  argumentsOf(const onnx::GraphProto &graph);

private:
  /// Values and types by name; a nested graph sees those around it.
  struct Scope {
    Scope *outer = nullptr;
    const onnx::GraphProto *graph = nullptr;
    llvm::StringMap<mlir::Value> values;
    llvm::StringMap<mlir::Type> types;
  };

  void collectTypes(const onnx::GraphProto &graph);
  mlir::Type typeOf(llvm::StringRef name);
  mlir::Value lookup(llvm::StringRef name);
  mlir::LogicalResult define(llvm::StringRef name, mlir::Value value,
                             mlir::Location loc);

  mlir::LogicalResult importContents(const onnx::GraphProto &graph);
  mlir::LogicalResult importInitializers(const onnx::GraphProto &graph);
  mlir::LogicalResult importSparseInitializers(const onnx::GraphProto &graph);
  mlir::LogicalResult importNode(const onnx::NodeProto &node);
  mlir::LogicalResult importAttributes(const onnx::NodeProto &node,
                                       mlir::OperationState &state);
  mlir::LogicalResult importRegions(const onnx::NodeProto &node,
                                    mlir::OperationState &state);
  mlir::LogicalResult importRegion(const onnx::GraphProto &graph,
                                   mlir::Region &region, mlir::Location loc);
  /// Says that a node reads what nothing before it defines, and what does.
  mlir::LogicalResult refuseOperand(const onnx::NodeProto &node,
                                    llvm::StringRef input, mlir::Location loc);
  mlir::LogicalResult operandsOf(const onnx::NodeProto &node,
                                 mlir::OperationState &state);
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  outputsOf(const onnx::GraphProto &graph, mlir::Location loc);
  mlir::Value absent(mlir::Location loc);
  mlir::Operation *constant(mlir::Location loc, llvm::StringRef name,
                            llvm::StringRef attributeName,
                            mlir::Attribute attribute, mlir::Type type);
  mlir::Location locationOf(const onnx::NodeProto &node);

  mlir::OpBuilder &builder;
  mlir::Location fileLoc;
  Scope *scope = nullptr;
};

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_GRAPHIMPORTER_H
