// SPDX-License-Identifier: Apache-2.0
// Recurrences: RNN, GRU, LSTM.

#include "OperatorTable.h"

using namespace gnomon;

/// X (steps, batch, inputs), W (directions, gates * hidden, inputs),
/// R (directions, gates * hidden, hidden); layout 1 puts the batch first.
static double extractRecurrent(const OpView &view, FeatureRow &row) {
  Tensor x = view.operand(0), w = view.operand(1);
  bool batchFirst = view.attrInt("layout", 0) == 1;
  double steps = x.dim(batchFirst ? 1 : 0), batch = x.dim(batchFirst ? 0 : 1);
  double inputs = x.dim(2), directions = w.dim(0), gates = view.parameter;
  double hidden = view.attrInt("hidden_size", w.dim(1) / gates);
  row.set(Feature::batch, batch);
  row.set(Feature::sequence_length, steps);
  row.set(Feature::hidden_size, hidden);
  row.set(Feature::directions, directions);
  row.set(Feature::gates, gates);
  row.set(Feature::gemm_m, batch);
  row.set(Feature::gemm_n, gates * hidden);
  row.set(Feature::gemm_k, inputs + hidden);
  row.set(Feature::gemm_batch, steps * directions);
  row.set(Feature::gemm_b_weight, view.isWeight(1));
  row.set(Feature::input_rows, steps * batch);
  row.set(Feature::input_size, inputs);
  row.set(Feature::state_share, hidden / (inputs + hidden));
  row.set(Feature::state_weight_bytes,
          gates * hidden * hidden * w.elementBytes());
  row.set(Feature::step_flops, 2 * batch * gates * hidden * hidden);
  row.set(Feature::hidden_alignment, alignment(hidden, 4096));
  double cells = steps * batch * directions * hidden;
  double macs = cells * gates * (inputs + hidden);
  double work = cells * (gates * 12 + 6);
  row.set(Feature::macs, macs);
  row.set(Feature::elementwise_work, work);
  row.set(Feature::flops, 2 * macs + work);
  return steps * batch * directions * gates * hidden * x.elementBytes();
}

void gnomon::addRecurrent(OperatorTable &table) {
  table.add(KernelKind::recurrent, extractRecurrent, {"RNN"}, 1);
  table.add(KernelKind::recurrent, extractRecurrent, {"GRU"}, 3);
  table.add(KernelKind::recurrent, extractRecurrent, {"LSTM"}, 4);
}
