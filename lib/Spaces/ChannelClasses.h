// SPDX-License-Identifier: Apache-2.0
// Which tensors of a network must have the same number of channels.

#ifndef GNOMON_LIB_SPACES_CHANNELCLASSES_H
#define GNOMON_LIB_SPACES_CHANNELCLASSES_H

#include "NetworkOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace gnomon::rules {

/// Tensors that share their channels: one number, changed for all or none.
struct ChannelClass {
  int64_t channels = 0;
  /// Full convolutions that make them, and those that read them, in program
  /// order; everything that makes or reads them.
  llvm::SmallVector<mlir::Operation *> producers, consumers, touching;
  /// Something else depends on the number: inputs, outputs, sums of branches,
  /// operations that nobody knows.
  bool isFixed = false;
  bool hasActivation = false;
  llvm::SmallVector<mlir::Operation *> depthwise;

  /// Inside of a block: made by convolutions, changed by an activation, read by
  /// convolutions. The number may change, and nobody outside will notice.
  bool isHidden() const {
    return !isFixed && hasActivation && !producers.empty() &&
           !consumers.empty();
  }
};

/// The classes of one function's body, found by a walk over its operations.
class ChannelClasses {
public:
  explicit ChannelClasses(mlir::func::FuncOp function);

  llvm::ArrayRef<ChannelClass> all() const { return classes; }
  /// The number of a tensor's class; nullopt: it has none.
  std::optional<unsigned> find(mlir::Value value) const;

private:
  void visit(mlir::Operation *op);
  void visitConv(const ConvView &conv);
  bool visitBinary(mlir::Operation *op);
  void fix(mlir::Value value);
  void fixAll(mlir::Operation *op);
  void join(mlir::Value a, mlir::Value b);
  void number(mlir::func::FuncOp function);
  void addTouching(mlir::Operation *op);

  llvm::EquivalenceClasses<void *> sets;
  llvm::SmallVector<mlir::Value> fixed;
  llvm::DenseMap<mlir::Value, unsigned> numbers;
  llvm::SmallVector<ChannelClass, 0> classes;
};

} // namespace gnomon::rules

#endif // GNOMON_LIB_SPACES_CHANNELCLASSES_H
