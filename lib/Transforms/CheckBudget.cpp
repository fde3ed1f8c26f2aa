// SPDX-License-Identifier: Apache-2.0
// Holds predictions against a latency budget.

#include "gnomon/Transforms/CostPasses.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gnomon;
using namespace mlir;

static constexpr size_t namedKernels = 5;

static std::string text(double us) {
  return llvm::formatv("{0:F1} us", us).str();
}

LogicalResult gnomon::checkBudget(const ModuleCost &cost, double maxLatencyUs,
                                  double confidence) {
  bool withinBudget = true;
  for (const FunctionCost &function : cost.functions) {
    if (function.highUs <= maxLatencyUs)
      continue;
    withinBudget = false;
    func::FuncOp op = function.function;
    InFlightDiagnostic error =
        emitError(op.getLoc())
        << "function '" << op.getName() << "' may take up to "
        << text(function.highUs) << " (" << text(function.latencyUs)
        << " expected, " << llvm::formatv("{0:P0}", confidence).str()
        << " confidence), over the budget of " << text(maxLatencyUs);
    std::vector<size_t> order = function.dearestFirst();
    order.resize(std::min(order.size(), namedKernels));
    for (size_t index : order) {
      const KernelCost &kernel = function.kernels[index];
      error.attachNote(kernel.location)
          << "kernel '" << kernel.kernel.name << "' ("
          << kernelKindName(kernel.row.kind) << ") takes "
          << text(kernel.estimate.latencyUs);
    }
  }
  return success(withinBudget);
}
