// SPDX-License-Identifier: Apache-2.0
// Which operations a runtime executes once, when it loads the model.

#include "gnomon/Features/LoadTime.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace gnomon;

bool gnomon::isConstant(mlir::Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  if (name.consume_front("onnx."))
    return name == "Constant" || name == "NoValue";
  return op->hasTrait<mlir::OpTrait::ConstantLike>();
}

/// The constant operand counts as data here: random numbers differ each run.
static bool isPure(llvm::StringRef name) {
  return !name.starts_with("Random") && name != "Bernoulli" &&
         name != "Multinomial" && name != "Return" && name != "Yield" &&
         name != "EntryPoint" && name != "Custom" &&
         !name.starts_with("Sequence") && !name.starts_with("Optional");
}

enum class Dependence { None, Operands, Run };

/// What the results of an operation depend on.
static Dependence dependence(mlir::Operation *op) {
  if (isConstant(op))
    return Dependence::None;
  llvm::StringRef name = op->getName().getStringRef();
  if (!name.consume_front("onnx.") || !isPure(name) ||
      op->getNumRegions() != 0 || op->getNumOperands() == 0)
    return Dependence::Run;
  if (name == "Shape" || name == "Size" || name.starts_with("ShapeV")) {
    auto type =
        mlir::dyn_cast<mlir::RankedTensorType>(op->getOperand(0).getType());
    if (type && type.hasStaticShape())
      return Dependence::None;
  }
  return Dependence::Operands;
}

LoadTimeAnalysis::LoadTimeAnalysis(mlir::Operation *root) {
  root->walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
    Dependence on = dependence(op);
    if (on == Dependence::None ||
        (on == Dependence::Operands &&
         llvm::all_of(op->getOperands(),
                      [&](mlir::Value value) { return isLoadTime(value); }))) {
      loadTime.insert(op);
      if (!isConstant(op))
        computing.push_back(op);
    }
  });
}

bool LoadTimeAnalysis::isLoadTime(mlir::Value value) const {
  mlir::Operation *op = value.getDefiningOp();
  return op && loadTime.contains(op);
}

bool gnomon::isLoadTime(mlir::Operation *op) {
  llvm::SmallVector<mlir::Operation *> work{op};
  llvm::DenseSet<mlir::Operation *> seen{op};
  while (!work.empty()) {
    mlir::Operation *current = work.pop_back_val();
    Dependence on = dependence(current);
    if (on == Dependence::Run)
      return false;
    if (on == Dependence::None)
      continue;
    for (mlir::Value operand : current->getOperands()) {
      mlir::Operation *def = operand.getDefiningOp();
      if (!def)
        return false;
      if (seen.insert(def).second)
        work.push_back(def);
    }
  }
  return true;
}
