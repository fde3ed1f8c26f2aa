// SPDX-License-Identifier: Apache-2.0
// Which operations a runtime executes once, when it loads the model.

#ifndef GNOMON_FEATURES_LOADTIME_H
#define GNOMON_FEATURES_LOADTIME_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseSet.h"
#include <vector>

namespace gnomon {

/// The load-time operations below one root: constants, pure operations on
/// load-time values only, and Shape or Size of statically shaped tensors.
/// One walk, linear in the number of operands; no recursion along chains.
class LoadTimeAnalysis {
public:
  explicit LoadTimeAnalysis(mlir::Operation *root);

  bool isLoadTime(mlir::Operation *op) const { return loadTime.contains(op); }
  /// Whether the value is the result of a load-time operation.
  bool isLoadTime(mlir::Value value) const;

  /// The load-time operations that compute: all but the constants. In program
  /// order.
  llvm::ArrayRef<mlir::Operation *> work() const { return computing; }

private:
  std::vector<mlir::Operation *> computing;
  llvm::DenseSet<mlir::Operation *> loadTime;
};

/// The same question for one operation. Looks at everything the operation
/// depends on: use the analysis for more than a few questions.
bool isLoadTime(mlir::Operation *op);

/// Whether the operation is a constant, an initializer or the absent operand.
bool isConstant(mlir::Operation *op);

} // namespace gnomon

#endif // GNOMON_FEATURES_LOADTIME_H
