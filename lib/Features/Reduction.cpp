// SPDX-License-Identifier: Apache-2.0
// Reductions, arg-extrema, scans and sorting along axes; softmax.

#include "Reduction.h"
#include "Elementwise.h"
#include "OperatorTable.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace gnomon;

void gnomon::fillReduction(const Tensor &tensor, llvm::ArrayRef<int64_t> axes,
                           FeatureRow &row) {
  if (!tensor.ranked)
    return;
  int64_t rank = tensor.rank();
  llvm::SmallBitVector reduced(rank);
  for (int64_t axis : axes)
    if (axis >= -rank && axis < rank)
      reduced.set(axis < 0 ? axis + rank : axis);
  double outer = 1, count = 1, inner = 1;
  int last = reduced.find_last();
  for (int64_t i = 0; i != rank; ++i)
    (reduced[i] ? count : i < last ? outer : inner) *= tensor.dim(i);
  row.set(Feature::outer_size, outer);
  row.set(Feature::reduced_size, count);
  row.set(Feature::inner_size, inner);
  row.set(Feature::inner_stride_alignment,
          alignment(inner * tensor.elementBytes(), 65536));
  row.set(Feature::axes_count, reduced.count());
  row.set(Feature::axes_innermost,
          reduced.any() && last == rank - 1 &&
              last - reduced.find_first() + 1 == int64_t(reduced.count()));
}

void gnomon::fillTrailingReduction(const Tensor &tensor, int64_t axis,
                                   FeatureRow &row) {
  Ints axes;
  for (int64_t i = axis, rank = tensor.rank(); i < rank; ++i)
    axes.push_back(i);
  fillReduction(tensor, axes, row);
}

/// The axes reduced; all if none is named. Nothing is set where they are an
/// operand that is not constant: counts follow from the types even so.
static double extractReduce(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  fillWork(in.size(), view.parameter, row);
  std::optional<Ints> axes = view.intsOf("axes", 1);
  if (!axes && view.hasOperand(1)) {
    row.set(Feature::outer_size, view.result().size());
    row.set(Feature::reduced_size, in.size() / view.result().size());
  } else if (axes && !axes->empty()) {
    fillReduction(in, *axes, row);
  } else {
    fillTrailingReduction(in, 0, row);
  }
  return 0;
}

/// Operators along one axis: attribute `axis`, default 0.
static double extractAlongAxis(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  fillReduction(in, {view.axis(0, in.rank())}, row);
  fillWork(in.size(), view.parameter, row);
  return 0;
}

/// Scans: the axis is operand 1.
static double extractScan(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  if (std::optional<Ints> axis = view.intsOf("axis", 1))
    fillReduction(in, *axis, row);
  fillWork(in.size(), view.parameter, row);
  return 0;
}

/// A heap of k elements meets every element of the axis.
static double extractTopK(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  int64_t axis = view.axis(-1, in.rank());
  fillReduction(in, {axis}, row);
  double k = view.result().dim(axis);
  row.set(Feature::selected_count, k);
  fillWork(in.size(), 1 + std::log2(std::max(k, 1.0)), row);
  return 0;
}

/// Before operator set 13, everything from `axis` (default 1) on is one group.
static double extractSoftmax(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  int64_t set = view.operatorSet();
  if (set > 0 && set < 13)
    fillTrailingReduction(in, view.axis(1, in.rank()), row);
  else
    fillReduction(in, {view.axis(-1, in.rank())}, row);
  fillWork(view.result().size(), view.parameter, row);
  return 0;
}

void gnomon::addReductions(OperatorTable &table) {
  constexpr KernelKind kind = KernelKind::reduction;
  table.add(kind, extractReduce,
            {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"},
            1);
  table.add(kind, extractReduce,
            {"ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum"}, 2);
  table.add(kind, extractReduce, {"ReduceLogSumExp"}, 10);
  table.add(kind, extractAlongAxis, {"ArgMax", "ArgMin"}, 2);
  table.add(kind, extractScan, {"CumSum", "CumProd"}, 1);
  table.add(kind, extractTopK, {"TopK"});
  table.add(
      KernelKind::softmax, extractSoftmax,
      {"Softmax", "com.microsoft:BiasSoftmax", "com.microsoft:QLinearSoftmax"},
      12);
  table.add(KernelKind::softmax, extractSoftmax, {"LogSoftmax"}, 13);
  table.add(KernelKind::softmax, extractSoftmax, {"Hardmax"}, 2);
}
