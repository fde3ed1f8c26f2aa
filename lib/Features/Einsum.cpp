// SPDX-License-Identifier: Apache-2.0
// Einsum: the matrix product inside an equation such as "bhid,bhjd->bhij".

#include "OperatorTable.h"
#include "llvm/ADT/StringExtras.h"
#include <map>

using namespace gnomon;

/// Labels of one term, one per dimension of the tensor; an ellipsis becomes
/// digits counted from the right, so that broadcast dimensions line up.
static std::string expandLabels(llvm::StringRef term, unsigned rank) {
  std::string labels;
  auto [before, after] = term.split("...");
  bool ellipsis = term.contains("...");
  auto letters = [&](llvm::StringRef text) {
    for (char c : text)
      if (llvm::isAlpha(c))
        labels += c;
  };
  letters(before);
  if (ellipsis) {
    unsigned named =
        llvm::count_if(term, [](char c) { return llvm::isAlpha(c); });
    for (unsigned i = rank > named ? std::min(rank - named, 10u) : 0; i-- > 0;)
      labels += char('0' + i);
    letters(after);
  }
  return labels;
}

namespace {
struct Equation {
  std::string left, right, out;
  std::map<char, double> sizes;
};
} // namespace

static void addSizes(const Tensor &tensor, llvm::StringRef labels,
                     std::map<char, double> &sizes) {
  for (auto [i, label] : llvm::enumerate(labels)) {
    double extent = tensor.dim(i);
    auto [it, isNew] = sizes.try_emplace(label, extent);
    if (!isNew && !(it->second > extent))
      it->second = extent;
  }
}

/// Without an arrow the result holds the labels that occur once, sorted.
static std::string implicitResult(llvm::StringRef labels) {
  std::string result;
  for (auto c : std::string(labels))
    if (labels.count(c) == 1 || llvm::isDigit(c))
      result += result.find(c) == std::string::npos ? std::string(1, c) : "";
  llvm::sort(result);
  return result;
}

static Equation parse(const OpView &view) {
  auto [inputs, output] = view.attrString("equation").split("->");
  auto [first, second] = inputs.split(',');
  Equation equation;
  Tensor a = view.operand(0), b = view.operand(1);
  equation.left = expandLabels(first, a.rank());
  addSizes(a, equation.left, equation.sizes);
  if (view.operandCount() > 1) {
    equation.right = expandLabels(second, b.rank());
    addSizes(b, equation.right, equation.sizes);
  }
  equation.out = view.attrString("equation").contains("->")
                     ? expandLabels(output, view.result().rank())
                     : implicitResult(equation.left + equation.right);
  return equation;
}

/// Labels of both sides are batch if kept and summed otherwise; the others are
/// rows or columns.
static double extractEinsum(const OpView &view, FeatureRow &row) {
  if (view.operandCount() > 2) {
    row.gap = "Einsum of more than two operands has no fixed order";
    return 0;
  }
  Equation equation = parse(view);
  double m = 1, n = 1, k = 1, batch = 1;
  for (auto [label, size] : equation.sizes) {
    bool left = llvm::StringRef(equation.left).contains(label);
    bool right = llvm::StringRef(equation.right).contains(label);
    bool kept = llvm::StringRef(equation.out).contains(label);
    (!kept ? k : left && right ? batch : left ? m : n) *= size;
  }
  row.set(Feature::gemm_m, m);
  row.set(Feature::gemm_n, n);
  row.set(Feature::gemm_k, k);
  row.set(Feature::gemm_batch, batch);
  row.set(Feature::gemm_a_weight, view.isWeight(0));
  row.set(Feature::gemm_b_weight, view.isWeight(1));
  double macs = m * n * k * batch;
  row.set(Feature::macs, macs);
  row.set(Feature::flops, 2 * macs);
  return 0;
}

void gnomon::addEinsum(OperatorTable &table) {
  table.add(KernelKind::matmul, extractEinsum, {"Einsum"});
}
