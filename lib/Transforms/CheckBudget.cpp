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

static std::string confidenceText(double confidence) {
  if (confidence == 0)
    return "no interval known";
  return llvm::formatv("{0:P0} confidence", confidence).str();
}

/// A bound that leaves kernels out is none: an error that names them.
static LogicalResult requireCosts(const FunctionCost &function) {
  std::vector<const KernelCost *> missing;
  for (const KernelCost &kernel : function.kernels)
    if (kernel.estimate.source == Source::Unsupported)
      missing.push_back(&kernel);
  if (missing.empty())
    return success();
  func::FuncOp op = function.function;
  InFlightDiagnostic error =
      emitError(op.getLoc())
      << "function '" << op.getName()
      << "' cannot be held against a budget: " << missing.size() << " of its "
      << function.kernels.size() << " kernels have no cost";
  for (const KernelCost *kernel : ArrayRef(missing).take_front(namedKernels))
    error.attachNote(kernel->location)
        << "no cost for kernel '" << kernel->kernel.name
        << "': " << kernel->reason;
  return failure();
}

LogicalResult gnomon::checkBudget(const ModuleCost &cost, double maxLatencyUs,
                                  double confidence) {
  bool withinBudget = true;
  for (const FunctionCost &function : cost.functions) {
    withinBudget &= succeeded(requireCosts(function));
    if (function.highUs <= maxLatencyUs)
      continue;
    withinBudget = false;
    func::FuncOp op = function.function;
    InFlightDiagnostic error =
        emitError(op.getLoc())
        << "function '" << op.getName() << "' may take up to "
        << text(function.highUs) << " (" << text(function.latencyUs)
        << " expected, " << confidenceText(confidence)
        << "), over the budget of " << text(maxLatencyUs);
    std::vector<size_t> order = function.dearestFirst();
    order.resize(std::min(order.size(), namedKernels));
    for (size_t index : order) {
      const KernelCost &kernel = function.kernels[index];
      error.attachNote(kernel.location)
          << "kernel '" << kernel.kernel.name << "' (" << kernel.kindName()
          << ") takes " << text(kernel.estimate.latencyUs);
    }
  }
  return success(withinBudget);
}
