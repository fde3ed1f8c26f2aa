// SPDX-License-Identifier: Apache-2.0
// Normalizations. They have ONNX function bodies of ten operations and more;
// runtimes run them as one kernel, so they are counted as one here.

#include "Convolution.h"
#include "Elementwise.h"
#include "OperatorTable.h"
#include "Reduction.h"

using namespace gnomon;

/// Scale and shift by channel with statistics known in advance.
static double extractBatchNorm(const OpView &view, FeatureRow &row) {
  fillImages(view.operand(0), view.result(), row);
  fillWork(view.operand(0).size(), view.parameter, row);
  return 0;
}

/// Groups reach from `axis` (default: last) to the end.
static double extractTrailingNorm(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  fillTrailingReduction(in, view.axis(-1, in.rank()), row);
  fillWork(view.operand(0).size(), view.parameter, row);
  return 0;
}

/// One axis only.
static double extractAxisNorm(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  fillReduction(in, {view.axis(-1, in.rank())}, row);
  fillWork(view.operand(0).size(), view.parameter, row);
  return 0;
}

/// Statistics over the pixels of a channel.
static double extractInstanceNorm(const OpView &view, FeatureRow &row) {
  fillImages(view.operand(0), view.result(), row);
  fillTrailingReduction(view.operand(0), 2, row);
  fillWork(view.operand(0).size(), view.parameter, row);
  return 0;
}

/// Statistics over the pixels of a group of channels.
static double extractGroupNorm(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  double groups = view.attrInt("num_groups", view.attrInt("groups", 1));
  fillImages(in, view.result(), row);
  row.set(Feature::groups, groups);
  row.set(Feature::outer_size, in.dim(0) * groups);
  row.set(Feature::reduced_size, in.size(1) / groups);
  row.set(Feature::inner_size, 1);
  fillWork(in.size(), view.parameter, row);
  return 0;
}

/// Sums of squares over neighbouring channels, then a power.
static double extractLocalResponseNorm(const OpView &view, FeatureRow &row) {
  double window = view.attrInt("size", 1);
  fillImages(view.operand(0), view.result(), row);
  row.set(Feature::reduced_size, window);
  fillWork(view.operand(0).size(), 2 * window + 25, row);
  return 0;
}

static double extractMeanVarianceNorm(const OpView &view, FeatureRow &row) {
  Ints axes = view.attrInts("axes");
  if (axes.empty())
    axes = {0, 2, 3};
  fillReduction(view.operand(0), axes, row);
  fillWork(view.operand(0).size(), view.parameter, row);
  return 0;
}

/// Reads one row of each embedding table for every result row.
static double extractEmbedLayerNorm(const OpView &view, FeatureRow &row) {
  Tensor out = view.result();
  double tables = view.hasOperand(4) ? 3 : 2;
  row.set(Feature::bytes_weights, tables * out.bytes());
  row.set(Feature::index_count, view.operand(0).size());
  fillTrailingReduction(out, int64_t(out.rank()) - 1, row);
  fillWork(out.size(), view.parameter + tables, row);
  return 0;
}

void gnomon::addNormalizations(OperatorTable &table) {
  constexpr KernelKind kind = KernelKind::normalization;
  table.add(kind, extractBatchNorm,
            {"BatchNormalization", "BatchNormalizationInferenceMode"}, 2);
  table.add(kind, extractTrailingNorm, {"LayerNormalization"}, 8);
  table.add(kind, extractTrailingNorm,
            {"RMSNormalization", "RMSLayerNormalization",
             "SimplifiedLayerNormalization"},
            5);
  table.add(kind, extractTrailingNorm,
            {"com.microsoft:SkipLayerNormalization",
             "com.microsoft:SkipSimplifiedLayerNormalization"},
            9);
  table.add(kind, extractEmbedLayerNorm,
            {"com.microsoft:EmbedLayerNormalization"}, 8);
  table.add(kind, extractAxisNorm, {"LpNormalization", "Normalizer"}, 4);
  table.add(kind, extractInstanceNorm, {"InstanceNormalization"}, 8);
  table.add(kind, extractGroupNorm, {"GroupNormalization"}, 8);
  table.add(kind, extractLocalResponseNorm, {"LRN"});
  table.add(kind, extractMeanVarianceNorm, {"MeanVarianceNormalization"}, 8);
}
