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

namespace {
/// Sets and removes the two attributes with their names looked up once.
class Annotator {
public:
  explicit Annotator(MLIRContext *context)
      : estimateName(StringAttr::get(context, estimateAttrName)),
        kernelName(StringAttr::get(context, kernelAttrName)) {}

  void removeOld(ModuleOp module) const {
    module.walk([&](Operation *op) {
      for (StringAttr name : {estimateName, kernelName})
        if (op->getDiscardableAttr(name))
          op->removeDiscardableAttr(name);
    });
  }
  void setEstimate(Operation *op, EstimateAttr estimate) const {
    set(op, estimateName, estimate);
  }
  void setKernel(Operation *op, StringAttr kernel) const {
    set(op, kernelName, kernel);
  }

private:
  /// Sets one attribute where it belongs in the sorted dictionary.
  static void set(Operation *op, StringAttr name, Attribute value) {
    ArrayRef<NamedAttribute> old =
        op->getDiscardableAttrDictionary().getValue();
    auto place = llvm::partition_point(old, [&](NamedAttribute attribute) {
      return attribute.getName().getValue() < name.getValue();
    });
    SmallVector<NamedAttribute, 16> attributes(old.begin(), place);
    attributes.emplace_back(name, value);
    bool replaces = place != old.end() && place->getName() == name;
    attributes.append(place + (replaces ? 1 : 0), old.end());
    op->setDiscardableAttrs(
        DictionaryAttr::getWithSorted(op->getContext(), attributes));
  }

  StringAttr estimateName, kernelName;
};
} // namespace

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
         << Remark::Arg("kind", kernelKindName(kernel.row->kind))
         << Remark::Arg("latency_us", estimate.latencyUs)
         << Remark::Arg("low_us", estimate.lowUs)
         << Remark::Arg("high_us", estimate.highUs)
         << Remark::Arg("source", stringify(estimate.source));
}

static void annotateKernel(const Annotator &annotator, const KernelCost &cost,
                           double confidence) {
  Operation *anchor = cost.kernel.anchor;
  if (!anchor)
    return;
  MLIRContext *context = anchor->getContext();
  if (cost.kernel.ops.size() > 1) {
    auto name = StringAttr::get(context, cost.kernel.name);
    for (Operation *op : cost.kernel.ops)
      if (op != anchor)
        annotator.setKernel(op, name);
  }
  annotator.setEstimate(anchor, estimateAttr(context, cost.estimate, confidence,
                                             kernelKindName(cost.row->kind),
                                             cost.kernel.name));
}

/// A warning, or an error, at a kernel that nobody can cost.
static void diagnoseUnsupported(const KernelCost &kernel, bool asError) {
  InFlightDiagnostic diagnostic =
      asError ? emitError(kernel.location) : emitWarning(kernel.location);
  diagnostic << "no cost for kernel '" << kernel.kernel.name
             << "': " << kernel.reason;
}

LogicalResult gnomon::annotateCost(ModuleOp module, const ModuleCost &cost,
                                   double confidence, bool failOnUnsupported) {
  Annotator annotator(module.getContext());
  annotator.removeOld(module);
  bool failed = false;
  auto free = estimateAttr(module.getContext(), {0, 0, 0, Source::Free},
                           confidence, "free", "");
  for (const FunctionCost &function : cost.functions) {
    StringRef name = func::FuncOp(function.function).getName();
    for (const KernelCost &kernel : function.kernels) {
      annotateKernel(annotator, kernel, confidence);
      emitRemark(kernel, name);
      if (kernel.estimate.source != Source::Unsupported)
        continue;
      failed |= failOnUnsupported;
      diagnoseUnsupported(kernel, failOnUnsupported);
    }
    for (Operation *op : function.freeOps)
      annotator.setEstimate(op, free);
  }
  return success(!failed);
}
