// SPDX-License-Identifier: Apache-2.0
// Pooling over windows and over whole images, plain and in blocked layout.

#include "Convolution.h"
#include "Elementwise.h"
#include "OperatorTable.h"
#include "Reduction.h"

using namespace gnomon;

/// Value of pool_mode, and work of one element, by the table's parameter.
enum PoolMode { Maximum = 0, Average = 1, Norm = 2 };

static double workPerTap(double mode) { return mode == double(Norm) ? 20 : 1; }

static double extractPool(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), out = view.result();
  llvm::SmallVector<double, 4> kernel;
  for (int64_t size : view.attrInts("kernel_shape"))
    kernel.push_back(double(size));
  fillImages(in, out, row);
  double area = fillWindow(view, in, out, kernel, row);
  row.set(Feature::pool_mode, view.parameter);
  row.set(Feature::pool_ceil, view.attrInt("ceil_mode", 0) != 0);
  row.set(Feature::pool_dilatable,
          view.parameter == double(Average) && view.operatorSet() >= 19);
  fillWork(out.size(), area * workPerTap(view.parameter), row);
  return 0;
}

static double extractBlockedPool(const OpView &view, FeatureRow &row) {
  row.set(Feature::blocked_layout, 1);
  return extractPool(view, row);
}

static double extractGlobalPool(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  fillImages(in, view.result(), row);
  fillTrailingReduction(in, 2, row);
  row.set(Feature::pool_mode, view.parameter);
  fillWork(in.size(), workPerTap(view.parameter), row);
  return 0;
}

static double extractBlockedGlobalPool(const OpView &view, FeatureRow &row) {
  row.set(Feature::blocked_layout, 1);
  return extractGlobalPool(view, row);
}

/// Every region is pooled to pooled_shape; on average the regions are taken
/// to cover the image once.
static double extractRoiPool(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), out = view.result();
  fillImages(in, out, row);
  row.set(Feature::pool_mode, view.parameter);
  fillWork(out.dim(0) * in.size(1), 1, row);
  return 0;
}

/// Scatters the input to the positions it came from; the rest is zero.
static double extractUnpool(const OpView &view, FeatureRow &row) {
  fillImages(view.operand(0), view.result(), row);
  row.set(Feature::index_count, view.operand(1).size());
  fillWork(view.result().size(), 1, row);
  return 0;
}

void gnomon::addPooling(OperatorTable &table) {
  table.add(KernelKind::pool, extractPool, {"MaxPool", "MaxPoolSingleOut"},
            Maximum);
  table.add(KernelKind::pool, extractPool,
            {"AveragePool", "com.microsoft:QLinearAveragePool"}, Average);
  table.add(KernelKind::pool, extractPool, {"LpPool"}, Norm);
  table.add(KernelKind::pool, extractBlockedPool,
            {"com.microsoft.nchwc:MaxPool"}, Maximum);
  table.add(KernelKind::pool, extractBlockedPool,
            {"com.microsoft.nchwc:AveragePool"}, Average);
  table.add(KernelKind::pool, extractRoiPool, {"MaxRoiPool"}, Maximum);
  table.add(KernelKind::scatter, extractUnpool, {"MaxUnpool"});
  constexpr KernelKind global = KernelKind::global_pool;
  table.add(global, extractGlobalPool, {"GlobalMaxPool"}, Maximum);
  table.add(global, extractGlobalPool,
            {"GlobalAveragePool", "com.microsoft:QLinearGlobalAveragePool"},
            Average);
  table.add(global, extractGlobalPool, {"GlobalLpPool"}, Norm);
  table.add(global, extractBlockedGlobalPool,
            {"com.microsoft.nchwc:GlobalMaxPool"}, Maximum);
  table.add(global, extractBlockedGlobalPool,
            {"com.microsoft.nchwc:GlobalAveragePool"}, Average);
}
