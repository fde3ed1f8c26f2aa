// SPDX-License-Identifier: Apache-2.0
// Plain networks of spaces, and what tests count in them.

#include "PlainNetwork.h"

#include "gnomon/Transforms/Choices.h"
#include "mlir/IR/Verifier.h"
#include "gtest/gtest.h"

using namespace mlir;

namespace gnomon::test {

OwningOpRef<ModuleOp> plainNetwork(MLIRContext &context, const Space &space,
                                   const Selection &selection,
                                   SpaceOptions options) {
  context.allowUnregisteredDialects();
  int64_t resolution = 0;
  StringRef(selection.at("resolution")).getAsInteger(10, resolution);
  options.resolutions = {resolution};
  auto module = space.build(context, options);
  if (!module) {
    ADD_FAILURE() << llvm::toString(module.takeError());
    return {};
  }
  if (failed(verify(**module)) ||
      failed(recordSelection(**module, selection)) ||
      failed(materializeChoices(**module)) || failed(verify(**module))) {
    ADD_FAILURE() << "no network of " << space.name().str();
    return {};
  }
  return std::move(*module);
}

static int64_t elements(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

/// Adds weights that are read, once each.
static void countConstant(Operation &op, Counts &counts) {
  for (OpOperand &use : op.getUses()) {
    StringRef user = use.getOwner()->getName().getStringRef();
    unsigned index = use.getOperandNumber();
    bool isWeight = user == "onnx.Conv" || user == "onnx.Gemm" ||
                    (user == "onnx.BatchNormalization" && index < 3);
    if (isWeight) {
      counts.params += elements(op.getResult(0));
      return;
    }
  }
}

Counts countNetwork(ModuleOp module) {
  Counts counts;
  module.walk([&](Operation *op) {
    StringRef name = op->getName().getStringRef();
    if (!name.consume_front("onnx."))
      return;
    if (name == "Constant")
      return countConstant(*op, counts);
    ++counts.ops;
    counts.unread += op->use_empty();
    if (name != "Conv" && name != "Gemm")
      return;
    ++counts.layers;
    Value weight = op->getOperand(1), result = op->getResult(0);
    counts.macs += elements(weight) * elements(result) /
                   cast<RankedTensorType>(result.getType()).getDimSize(1);
  });
  return counts;
}

} // namespace gnomon::test
