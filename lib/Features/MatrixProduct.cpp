// SPDX-License-Identifier: Apache-2.0
// Matrix products: Gemm, MatMul with broadcast batches, fused and quantized.

#include "MatrixProduct.h"
#include "Elementwise.h"
#include "OperatorTable.h"

using namespace gnomon;

void gnomon::fillProduct(const Product &product, FeatureRow &row) {
  row.set(Feature::gemm_m, product.m);
  row.set(Feature::gemm_n, product.n);
  row.set(Feature::gemm_k, product.k);
  row.set(Feature::gemm_batch, product.batch);
  row.set(Feature::gemm_n_waste_16, roundingWaste(product.n, 16));
  row.set(Feature::gemm_m_alignment, alignment(product.m, 4096));
  row.set(Feature::gemm_n_alignment, alignment(product.n, 4096));
  row.set(Feature::gemm_k_alignment, alignment(product.k, 4096));
  double macs = product.m * product.n * product.k * product.batch;
  row.set(Feature::macs, macs);
  row.set(Feature::flops, 2 * macs);
}

static void fillSides(const OpView &view, unsigned a, unsigned b, bool transA,
                      bool transB, FeatureRow &row) {
  row.set(Feature::gemm_a_weight, view.isWeight(a));
  row.set(Feature::gemm_b_weight, view.isWeight(b));
  row.set(Feature::gemm_a_transposed, transA);
  row.set(Feature::gemm_b_transposed, transB);
}

/// An activation that the product applies to its result.
static void fillActivation(const OpView &view, FeatureRow &row) {
  llvm::StringRef activation = view.attrString("activation");
  if (activation.empty())
    return;
  double work = elementwiseWork(activation) * row.get(Feature::elements);
  row.set(Feature::fused_op_count, 1);
  row.set(Feature::fused_activation_work, work);
  row.set(Feature::fused_elementwise_work, work);
  row.add(Feature::flops, work);
}

static double extractGemm(const OpView &view, FeatureRow &row) {
  Tensor a = view.operand(0), b = view.operand(1);
  bool transA = view.attrInt("transA", 0), transB = view.attrInt("transB", 0);
  fillProduct(
      {a.dim(transA ? 1 : 0), b.dim(transB ? 0 : 1), a.dim(transA ? 0 : 1), 1},
      row);
  fillSides(view, 0, 1, transA, transB, row);
  fillActivation(view, row);
  return 0;
}

/// NumPy's rules: vectors gain a dimension, leading dimensions broadcast; a
/// single right matrix makes rows of the left side's leading dimensions.
static Product matmulProduct(const Tensor &a, const Tensor &b,
                             const Tensor &out, bool transA, bool transB) {
  double k = a.rank() < 2 ? a.dim(-1) : a.dim(transA ? -2 : -1);
  double m = a.rank() < 2 ? 1 : a.dim(transA ? -1 : -2);
  double n = b.rank() < 2 ? 1 : b.dim(transB ? -2 : -1);
  if (!a.ranked || !b.ranked)
    return {kUnknown, kUnknown, kUnknown, kUnknown};
  if (b.size() == n * k && !transA)
    return {out.size() / n, n, k, 1};
  return {m, n, k, out.size() / (m * n)};
}

static double extractProduct(const OpView &view, FeatureRow &row, unsigned a,
                             unsigned b) {
  bool transA = view.attrInt("transA", 0), transB = view.attrInt("transB", 0);
  fillProduct(matmulProduct(view.operand(a), view.operand(b), view.result(),
                            transA, transB),
              row);
  fillSides(view, a, b, transA, transB, row);
  fillActivation(view, row);
  return 0;
}

static double extractMatMul(const OpView &view, FeatureRow &row) {
  return extractProduct(view, row, 0, 1);
}

static double extractQuantizedMatMul(const OpView &view, FeatureRow &row) {
  return extractProduct(view, row, 0, /*b=*/3);
}

/// The right side is packed into a few bits per element; its sizes are the
/// attributes K and N.
static double extractPackedMatMul(const OpView &view, FeatureRow &row) {
  Tensor a = view.operand(0);
  double n = view.attrInt("N", kUnknown), k = view.attrInt("K", kUnknown);
  fillProduct({a.size() / k, n, k, 1}, row);
  fillSides(view, 0, 1, false, true, row);
  return 0;
}

void gnomon::addMatrixProducts(OperatorTable &table) {
  table.add(KernelKind::gemm, extractGemm, {"Gemm", "com.microsoft:FusedGemm"});
  table.add(KernelKind::matmul, extractMatMul,
            {"MatMul", "MatMulInteger", "com.microsoft:FusedMatMul",
             "com.microsoft:FusedMatMulActivation",
             "com.microsoft:MatMulIntegerToFloat",
             "com.microsoft:DynamicQuantizeMatMul"});
  table.add(KernelKind::matmul, extractQuantizedMatMul, {"QLinearMatMul"});
  table.add(KernelKind::matmul, extractPackedMatMul,
            {"com.microsoft:MatMulNBits"});
}
