// SPDX-License-Identifier: Apache-2.0
// The attribute that says how latency changes with what is decided.

#include "gnomon/Dialect/Gnomon/LatencyGradient.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"

using namespace mlir;

LogicalResult gnomon::verifyLatencyGradient(Operation *op,
                                            Attribute attribute) {
  size_t options = 0;
  if (auto decision = dyn_cast<DecisionOp>(op))
    options = decision.getOptions().size();
  else if (auto choice = dyn_cast<ChoiceOp>(op))
    options = choice.getOptions().size();
  else
    return op->emitError() << "'" << latencyGradientAttrName
                           << "' expected a decision or a choice, found '"
                           << op->getName() << "'";
  auto numbers = dyn_cast<DenseF64ArrayAttr>(attribute);
  if (numbers && size_t(numbers.size()) == options)
    return success();
  return op->emitError() << "'" << latencyGradientAttrName
                         << "' expected an array of " << options
                         << " f64, one for each option, found " << attribute;
}
