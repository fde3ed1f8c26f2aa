// SPDX-License-Identifier: Apache-2.0
// Attention blocks as one kernel, and rotary embeddings. ONNX gives Attention
// a function body; runtimes with a fused kernel run it as one, so it is
// counted as one here.

#include "Elementwise.h"
#include "OperatorTable.h"

using namespace gnomon;

namespace {
/// Sizes of one attention; `value` is the width of a value head.
struct Sizes {
  double batch, heads, kvHeads, query, keys, head, value;
};
} // namespace

/// Operations per score: scaling, masking, softmax.
static constexpr double workPerScore = 14;

/// `projection` counts multiply-adds made besides the attention proper.
static double fillAttention(const Sizes &sizes, double projection,
                            FeatureRow &row) {
  double scores = sizes.batch * sizes.heads * sizes.query * sizes.keys;
  double macs = scores * (sizes.head + sizes.value) + projection;
  row.set(Feature::batch, sizes.batch);
  row.set(Feature::heads, sizes.heads);
  row.set(Feature::kv_heads, sizes.kvHeads);
  row.set(Feature::q_length, sizes.query);
  row.set(Feature::kv_length, sizes.keys);
  row.set(Feature::head_dim, sizes.head);
  row.set(Feature::gemm_m, sizes.query);
  row.set(Feature::gemm_n, sizes.keys);
  row.set(Feature::gemm_k, sizes.head);
  row.set(Feature::gemm_batch, sizes.batch * sizes.heads);
  row.set(Feature::macs, macs);
  row.set(Feature::elementwise_work, workPerScore * scores);
  row.set(Feature::flops, 2 * macs + workPerScore * scores);
  return scores * row.get(Feature::element_bytes);
}

/// Positions held by a cache (batch, heads, positions, width), if present.
static double pastLength(const OpView &view, unsigned operand) {
  return view.hasOperand(operand) ? view.operand(operand).dim(2) : 0;
}

/// Queries, keys and values with heads as a dimension of their own, or packed
/// into the last one.
static double extractAttention(const OpView &view, FeatureRow &row) {
  Tensor q = view.operand(0), k = view.operand(1), v = view.operand(2);
  bool packed = q.rank() == 3;
  double heads = packed ? view.attrInt("q_num_heads", 1) : q.dim(1);
  double kvHeads = packed ? view.attrInt("kv_num_heads", heads) : k.dim(1);
  Sizes sizes{q.dim(0),
              heads,
              kvHeads,
              q.dim(-2),
              k.dim(-2) + pastLength(view, 4),
              q.dim(-1) / (packed ? heads : 1),
              v.dim(-1) / (packed ? kvHeads : 1)};
  row.set(Feature::causal, view.attrInt("is_causal", 0));
  return fillAttention(sizes, 0, row);
}

/// input (batch, length, width), weights (width, 3 * hidden): projects first.
static double extractFusedAttention(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), weights = view.operand(1);
  double heads = view.attrInt("num_heads", 1);
  double hidden = weights.dim(1) / 3;
  double projection = in.size() * weights.dim(1);
  Sizes sizes{in.dim(0), heads,          heads,         in.dim(1),
              in.dim(1), hidden / heads, hidden / heads};
  row.set(Feature::causal, view.attrInt("unidirectional", 0));
  row.set(Feature::gemm_b_weight, view.isWeight(1));
  return fillAttention(sizes, projection, row);
}

/// query, key, value (batch, length, width); keys may be packed as (batch,
/// heads, length, head) or with the values.
static double extractMultiHead(const OpView &view, FeatureRow &row) {
  Tensor q = view.operand(0), k = view.operand(1);
  double heads = view.attrInt("num_heads", 1);
  double kvHeads = view.attrInt("kv_num_heads", heads);
  double width = q.rank() == 5 ? q.dim(4) : q.dim(-1) / heads;
  double keys = !view.hasOperand(1) ? q.dim(1)
                : k.rank() == 4     ? k.dim(2)
                                    : k.dim(1);
  // Grouped queries append to a cache: operand 3 there, 6 otherwise.
  bool grouped = view.parameter == 1;
  if (grouped)
    keys += pastLength(view, 3);
  else if (k.rank() != 4)
    keys += pastLength(view, 6);
  row.set(Feature::causal, grouped ? 1 : view.attrInt("unidirectional", 0));
  return fillAttention({q.dim(0), heads, kvHeads, q.dim(1), keys, width, width},
                       0, row);
}

/// A state of (head x value) per head is updated and read at every position.
static double extractLinearAttention(const OpView &view, FeatureRow &row) {
  Tensor q = view.operand(0), v = view.operand(2);
  bool packed = q.rank() == 3;
  double heads = packed ? view.attrInt("q_num_heads", 1) : q.dim(1);
  double kvHeads = packed ? view.attrInt("kv_num_heads", heads) : v.dim(1);
  double head = q.dim(-1) / (packed ? heads : 1);
  double value = v.dim(-1) / (packed ? kvHeads : 1);
  double state = q.dim(0) * kvHeads * head * value;
  row.set(Feature::batch, q.dim(0));
  row.set(Feature::heads, heads);
  row.set(Feature::kv_heads, kvHeads);
  row.set(Feature::head_dim, head);
  row.set(Feature::sequence_length, q.dim(-2));
  row.set(Feature::causal, 1);
  double macs = 3 * state * q.dim(-2);
  row.set(Feature::macs, macs);
  row.set(Feature::flops, 2 * macs);
  return state * row.get(Feature::element_bytes);
}

static double extractRotary(const OpView &view, FeatureRow &row) {
  fillWork(view.result().size(), view.parameter, row);
  return 0;
}

void gnomon::addAttention(OperatorTable &table) {
  constexpr KernelKind kind = KernelKind::attention;
  table.add(kind, extractAttention, {"Attention", "FlexAttention"});
  table.add(kind, extractAttention, {"ai.onnx.preview:FlexAttention"});
  table.add(kind, extractFusedAttention,
            {"com.microsoft:Attention", "com.microsoft:QAttention"});
  table.add(kind, extractMultiHead, {"com.microsoft:MultiHeadAttention"}, 0);
  table.add(kind, extractMultiHead, {"com.microsoft:GroupQueryAttention"}, 1);
  table.add(KernelKind::recurrent, extractLinearAttention, {"LinearAttention"});
  table.add(KernelKind::elementwise, extractRotary,
            {"RotaryEmbedding", "com.microsoft:RotaryEmbedding"}, 3);
}
