// SPDX-License-Identifier: Apache-2.0
// Reads and writes at computed indices.

#include "OperatorTable.h"

using namespace gnomon;

static void fillIndexed(double count, double sliceElements, double elementSize,
                        FeatureRow &row) {
  row.set(Feature::flops, 0);
  row.set(Feature::index_count, count);
  row.set(Feature::inner_run_bytes, sliceElements * elementSize);
}

/// Of the data only what is picked is read; `picked` in bytes.
static void readOnly(const OpView &view, double picked, FeatureRow &row) {
  double data = view.operand(0).bytes();
  Feature source =
      view.isWeight(0) ? Feature::bytes_weights : Feature::bytes_in;
  row.set(source, row.get(source) - data + std::min(picked, data));
}

/// One slice below `axis` per index and outer position.
static double extractGather(const OpView &view, FeatureRow &row) {
  Tensor data = view.operand(0), out = view.result();
  double slice = data.size(view.axis(0, data.rank()) + 1);
  fillIndexed(view.operand(1).size(), slice, data.elementBytes(), row);
  row.set(Feature::run_count, out.size() / slice);
  readOnly(view, out.bytes(), row);
  return 0;
}

static double extractGatherElements(const OpView &view, FeatureRow &row) {
  Tensor out = view.result();
  fillIndexed(view.operand(1).size(), 1, out.elementBytes(), row);
  row.set(Feature::run_count, out.size());
  readOnly(view, out.bytes(), row);
  return 0;
}

/// The last dimension of the indices addresses a slice.
static double extractGatherND(const OpView &view, FeatureRow &row) {
  Tensor indices = view.operand(1), out = view.result();
  double count = indices.size() / indices.dim(-1);
  fillIndexed(count, out.size() / count, out.elementBytes(), row);
  row.set(Feature::run_count, count);
  readOnly(view, out.bytes(), row);
  return 0;
}

/// The data is copied, then single elements are replaced.
static double extractScatterElements(const OpView &view, FeatureRow &row) {
  Tensor indices = view.operand(1);
  fillIndexed(indices.size(), 1, view.operand(0).elementBytes(), row);
  row.set(Feature::run_count, indices.size());
  return 0;
}

/// The data is copied, then slices are replaced.
static double extractScatterND(const OpView &view, FeatureRow &row) {
  Tensor indices = view.operand(1), updates = view.operand(2);
  double count = indices.size() / indices.dim(-1);
  fillIndexed(count, updates.size() / count, updates.elementBytes(), row);
  row.set(Feature::run_count, count);
  return 0;
}

/// Updates go into the cache in place, at one position per batch entry.
static double extractTensorScatter(const OpView &view, FeatureRow &row) {
  Tensor update = view.operand(1);
  double run = update.size(view.axis(-2, update.rank()));
  fillIndexed(update.dim(0), run, update.elementBytes(), row);
  row.set(Feature::run_count, update.size() / run);
  return 0;
}

/// One element per index is set in a result of zeros.
static double extractOneHot(const OpView &view, FeatureRow &row) {
  fillIndexed(view.operand(0).size(), 1, view.result().elementBytes(), row);
  return 0;
}

void gnomon::addIndexing(OperatorTable &table) {
  table.add(KernelKind::gather, extractGather,
            {"Gather", "ArrayFeatureExtractor"});
  table.add(KernelKind::gather, extractGatherElements, {"GatherElements"});
  table.add(KernelKind::gather, extractGatherND,
            {"GatherND", "com.microsoft:GatherND"});
  table.add(KernelKind::scatter, extractScatterElements,
            {"Scatter", "ScatterElements"});
  table.add(KernelKind::scatter, extractScatterND, {"ScatterND"});
  table.add(KernelKind::scatter, extractTensorScatter, {"TensorScatter"});
  table.add(KernelKind::scatter, extractOneHot, {"OneHot"});
}
