// SPDX-License-Identifier: Apache-2.0
// Writes estimates onto operations and into remarks.

#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "gnomon/Transforms/CostPasses.h"
#include "mlir/IR/Remarks.h"

using namespace gnomon;
using namespace mlir;

/// To nanoseconds, so that people can read them.
static double readable(double us) { return std::round(us * 1e3) / 1e3; }

static EstimateAttr estimateAttr(MLIRContext *context, const Estimate &estimate,
                                 double confidence, StringRef kind,
                                 StringRef kernel) {
  return EstimateAttr::get(context,
                           {readable(estimate.latencyUs),
                            readable(estimate.lowUs), readable(estimate.highUs),
                            confidence},
                           estimate.source, kind, kernel);
}

namespace {
/// Collects what each operation is to carry, then writes all of it in one walk
/// that takes old attributes away, too.
class Annotator {
public:
  explicit Annotator(MLIRContext *context)
      : context(context), names{StringAttr::get(context, estimateAttrName),
                                StringAttr::get(context, kernelAttrName)} {}

  void reserve(size_t operations) { marks.reserve(operations); }
  void setEstimate(Operation *op, EstimateAttr estimate) {
    marks[op][0] = estimate;
  }
  void setKernel(Operation *op, StringAttr kernel) { marks[op][1] = kernel; }

  void write(ModuleOp module) const {
    module.walk([&](Operation *op) { write(op, marks.lookup(op)); });
  }

private:
  /// The values of the two attributes; null: without it.
  using Mark = std::array<Attribute, 2>;

  /// The new attributes go where they belong in the sorted dictionary.
  void write(Operation *op, const Mark &mark) const {
    auto isOurs = [&](NamedAttribute attribute) {
      return llvm::is_contained(names, attribute.getName());
    };
    if (!mark[0] && !mark[1] &&
        llvm::none_of(op->getRawDictionaryAttrs(), isOurs))
      return;
    DictionaryAttr dictionary = op->getDiscardableAttrDictionary();
    SmallVector<NamedAttribute, 16> attributes;
    llvm::copy_if(dictionary, std::back_inserter(attributes),
                  std::not_fn(isOurs));
    for (auto [name, value] : llvm::zip_equal(names, mark))
      if (value)
        attributes.insert(
            llvm::lower_bound(attributes, NamedAttribute(name, value)),
            NamedAttribute(name, value));
    op->setDiscardableAttrs(DictionaryAttr::getWithSorted(context, attributes));
  }

  MLIRContext *context;
  std::array<StringAttr, 2> names; ///< of estimate and kernel
  llvm::DenseMap<Operation *, Mark> marks;
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
         << Remark::Arg("kind", kernel.kindName())
         << Remark::Arg("latency_us", estimate.latencyUs)
         << Remark::Arg("low_us", estimate.lowUs)
         << Remark::Arg("high_us", estimate.highUs)
         << Remark::Arg("source", stringify(estimate.source));
}

static void annotateKernel(Annotator &annotator, const KernelCost &cost,
                           double confidence) {
  Operation *anchor = cost.kernel.anchor;
  if (!anchor)
    return;
  MLIRContext *context = anchor->getContext();
  if (cost.kernel.ops.size() > 1) {
    StringAttr name = cost.kernel.nameAttr;
    if (!name || !isa<NoneType>(name.getType()))
      name = StringAttr::get(context, cost.kernel.name);
    for (Operation *op : cost.kernel.ops)
      if (op != anchor)
        annotator.setKernel(op, name);
  }
  annotator.setEstimate(anchor,
                        estimateAttr(context, cost.estimate, confidence,
                                     cost.kindName(), cost.kernel.name));
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
  size_t operations = 0;
  for (const FunctionCost &function : cost.functions) {
    operations += function.freeOps.size();
    for (const KernelCost &kernel : function.kernels)
      operations += kernel.opCount();
  }
  annotator.reserve(operations);
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
  annotator.write(module);
  return success(!failed);
}
