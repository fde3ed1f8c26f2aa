// SPDX-License-Identifier: Apache-2.0
// Writes estimates onto operations and into remarks.

#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "gnomon/Transforms/CostPasses.h"
#include "mlir/IR/Remarks.h"

using namespace gnomon;
using namespace mlir;

/// To nanoseconds, so that people can read them.
static llvm::APFloat readable(double us) {
  return llvm::APFloat(std::round(us * 1e3) / 1e3);
}

static EstimateAttr estimateAttr(MLIRContext *context, const Estimate &estimate,
                                 double confidence, StringRef kind,
                                 StringRef kernel) {
  return EstimateAttr::get(context, readable(estimate.latencyUs),
                           readable(estimate.lowUs), readable(estimate.highUs),
                           llvm::APFloat(confidence), estimate.source, kind,
                           kernel);
}

static void removeOldAttributes(ModuleOp module) {
  auto estimate = StringAttr::get(module.getContext(), estimateAttrName);
  auto kernel = StringAttr::get(module.getContext(), kernelAttrName);
  module.walk([&](Operation *op) {
    for (StringAttr name : {estimate, kernel})
      if (op->getDiscardableAttr(name))
        op->removeDiscardableAttr(name);
  });
}

static void emitRemark(const KernelCost &kernel, StringRef function) {
  using remark::detail::Remark;
  auto options = remark::RemarkOpts::name("estimate")
                     .category("gnomon")
                     .function(function);
  auto remark = remark::analysis(kernel.location, options);
  if (!remark)
    return;
  const Estimate &estimate = kernel.estimate;
  remark << Remark::Arg("kernel", kernel.kernel.name)
         << Remark::Arg("kind", kernelKindName(kernel.row.kind))
         << Remark::Arg("latency_us", estimate.latencyUs)
         << Remark::Arg("low_us", estimate.lowUs)
         << Remark::Arg("high_us", estimate.highUs)
         << Remark::Arg("source", stringify(estimate.source));
}

static void annotateKernel(const KernelCost &cost, double confidence) {
  Operation *anchor = cost.kernel.anchor;
  if (!anchor)
    return;
  MLIRContext *context = anchor->getContext();
  for (Operation *op : cost.kernel.ops)
    if (op != anchor)
      op->setDiscardableAttr(kernelAttrName,
                             StringAttr::get(context, cost.kernel.name));
  anchor->setDiscardableAttr(estimateAttrName,
                             estimateAttr(context, cost.estimate, confidence,
                                          kernelKindName(cost.row.kind),
                                          cost.kernel.name));
}

LogicalResult gnomon::annotateCost(ModuleOp module, const ModuleCost &cost,
                                   double confidence, bool failOnUnsupported) {
  removeOldAttributes(module);
  bool failed = false;
  for (const FunctionCost &function : cost.functions) {
    for (const KernelCost &kernel : function.kernels) {
      annotateKernel(kernel, confidence);
      emitRemark(kernel, func::FuncOp(function.function).getName());
      if (kernel.estimate.source != Source::Unsupported)
        continue;
      failed |= failOnUnsupported;
      InFlightDiagnostic diagnostic = failOnUnsupported
                                          ? emitError(kernel.location)
                                          : emitWarning(kernel.location);
      diagnostic << "no cost for kernel '" << kernel.kernel.name
                 << "': " << kernel.reason;
    }
    for (Operation *op : function.freeOps)
      op->setDiscardableAttr(estimateAttrName,
                             estimateAttr(module.getContext(),
                                          {0, 0, 0, Source::Free}, confidence,
                                          "free", ""));
  }
  return success(!failed);
}
