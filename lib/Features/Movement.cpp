// SPDX-License-Identifier: Apache-2.0
// Copies without arithmetic: how long the runs are that stay together.

#include "Convolution.h"
#include "OperatorTable.h"

using namespace gnomon;

/// Sets run features for runs of `run` elements out of `total`.
static void fillRuns(double run, double total, FeatureRow &row) {
  row.set(Feature::flops, 0);
  row.set(Feature::inner_run_bytes, run * row.get(Feature::element_bytes));
  row.set(Feature::run_count, total / run);
}

/// Permutation of the dimensions larger than one, neighbours that stay
/// neighbours merged; sizes of the merged input dimensions in `sizes`.
static Ints mergedPermutation(const Tensor &in, const Ints &perm,
                              llvm::SmallVectorImpl<double> &sizes) {
  Ints kept;
  for (int64_t axis : perm)
    if (axis >= 0 && axis < int64_t(in.rank()) && in.shape[axis] != 1)
      kept.push_back(axis);
  Ints heads;
  auto follows = [&](int64_t a, int64_t b) {
    for (int64_t i = a + 1; i < b; ++i)
      if (in.shape[i] != 1)
        return false;
    return a < b;
  };
  for (auto [i, axis] : llvm::enumerate(kept)) {
    if (i != 0 && follows(kept[i - 1], axis)) {
      sizes.back() *= in.dim(axis);
      continue;
    }
    heads.push_back(axis);
    sizes.push_back(in.dim(axis));
  }
  return heads;
}

/// Dimensions that are not on the longest run that keeps its order.
static double permutationMoves(const Ints &perm) {
  if (perm.size() > 64)
    return kUnknown; // No tensor has that many; the walk is quadratic.
  llvm::SmallVector<unsigned, 8> runs;
  unsigned longest = 0;
  for (size_t i = 0; i < perm.size(); ++i) {
    unsigned run = 1;
    for (size_t j = 0; j < i; ++j)
      if (perm[j] < perm[i])
        run = std::max(run, runs[j] + 1);
    runs.push_back(run);
    longest = std::max(longest, run);
  }
  return double(perm.size() - longest);
}

/// Class of permutation_class; `heads` as mergedPermutation makes them.
static double permutationClass(const Ints &heads) {
  if (heads.size() < 2)
    return 0;
  if (heads.back() == *llvm::max_element(heads))
    return 2;
  bool swap = heads.size() == 2 ||
              (heads.size() == 3 && heads[0] == *llvm::min_element(heads));
  return swap ? 1 : 3;
}

static double extractTranspose(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  Ints perm = view.attrInts("perm");
  if (perm.empty())
    for (int64_t i = in.rank(); i-- > 0;)
      perm.push_back(i);
  llvm::SmallVector<double, 8> sizes;
  Ints heads = mergedPermutation(in, perm, sizes);
  double kind = permutationClass(heads);
  if (!sizes.empty()) {
    row.set(Feature::source_inner_size,
            sizes[llvm::max_element(heads) - heads.begin()]);
    row.set(Feature::target_inner_size, sizes.back());
  }
  row.set(Feature::permutation_class, kind);
  row.set(Feature::permutation_moves, permutationMoves(perm));
  double run = kind == 1 || kind == 3 || sizes.empty() ? 1 : sizes.back();
  fillRuns(run, in.size(), row);
  return 0;
}

/// Runs shared by two shapes: equal trailing dimensions times the smaller of
/// the first ones that differ.
static double commonRun(const Tensor &a, const Tensor &b) {
  double run = 1;
  for (int64_t i = 1, e = std::min(a.rank(), b.rank()); i <= e; ++i) {
    double x = a.dim(-i), y = b.dim(-i);
    run *= std::min(x, y);
    if (!(x == y))
      break;
  }
  return run;
}

static double extractConcat(const OpView &view, FeatureRow &row) {
  double run = kUnknown, parts = 0, outer = kUnknown;
  for (unsigned i = 0, e = view.operandCount(); i != e; ++i) {
    Tensor part = view.operand(i);
    size_t first = view.axis(0, part.rank());
    run = i == 0 ? part.size(first) : std::min(part.size(first), run);
    outer = part.size(0, first);
    ++parts;
  }
  fillRuns(run, 0, row);
  row.set(Feature::run_count, outer * parts);
  return 0;
}

static double extractSplit(const OpView &view, FeatureRow &row) {
  Tensor part = view.result();
  size_t first = view.axis(0, part.rank());
  fillRuns(part.size(first), 0, row);
  row.set(Feature::run_count, part.size(0, first) * view.op->getNumResults());
  return 0;
}

/// Only what is taken is read.
static double extractSlice(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), out = view.result();
  std::optional<Ints> steps = view.intsOf("steps", 4);
  bool dense =
      !view.hasOperand(4) ||
      (steps && llvm::all_of(*steps, [](int64_t s) { return s == 1; }));
  Feature source =
      view.isWeight(0) ? Feature::bytes_weights : Feature::bytes_in;
  row.set(source, out.bytes());
  fillRuns(dense ? commonRun(in, out) : 1, out.size(), row);
  return 0;
}

/// Pad, Expand, Tile and the like: runs are what both shapes share.
static double extractCopy(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), out = view.result();
  fillRuns(commonRun(in, out), out.size(), row);
  return 0;
}

/// Nothing but the result is touched: constants spread, ranges.
static double extractFill(const OpView &view, FeatureRow &row) {
  double size = view.result().size();
  fillRuns(size, size, row);
  return 0;
}

/// Single elements change places.
static double extractShuffle(const OpView &view, FeatureRow &row) {
  fillImages(view.operand(0), view.result(), row);
  fillRuns(1, view.result().size(), row);
  return 0;
}

/// Between plain and channel-blocked images.
static double extractReorder(const OpView &view, FeatureRow &row) {
  row.set(Feature::blocked_layout, 1);
  return extractShuffle(view, row);
}

void gnomon::addMovement(OperatorTable &table) {
  constexpr KernelKind kind = KernelKind::movement;
  table.add(kind, extractTranspose, {"Transpose"});
  table.add(kind, extractConcat, {"Concat", "com.microsoft:QLinearConcat"});
  table.add(kind, extractSplit, {"Split"});
  table.add(kind, extractSlice, {"Slice"});
  table.add(kind, extractCopy,
            {"Pad", "Expand", "Tile", "Trilu", "CenterCropPad",
             "ReverseSequence", "com.microsoft:Pad", "com.microsoft:Trilu"});
  table.add(kind, extractFill, {"ConstantOfShape", "EyeLike", "Range"});
  table.add(kind, extractShuffle, {"DepthToSpace", "SpaceToDepth", "Col2Im"});
  table.add(KernelKind::layout, extractShuffle, {"LayoutTransform"});
  table.add(KernelKind::layout, extractReorder,
            {"com.microsoft.nchwc:ReorderInput",
             "com.microsoft.nchwc:ReorderOutput"});
}
