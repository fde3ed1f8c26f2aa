// SPDX-License-Identifier: Apache-2.0
// The portable reference evaluator: obvious, in XGBoost's order of additions.
#include "gnomon/Forest/Predict.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <cassert>

using namespace llvm;

namespace gnomon {
namespace {

/// Rows that pass over one tree before the next tree is touched.
constexpr size_t kRowsPerPass = 64;

bool isMissing(float value) { return value != value; }

/// In the set: right. Not in the set, negative, too large: left. Fractions
/// are cut off.
bool categoryGoesLeft(const Forest &forest, const ForestNode &node,
                      float value) {
  constexpr float endOfCategories = 16777217.0f;
  if (value < 0.0f || value >= endOfCategories)
    return true;
  CategorySet set = forest.categorySets[llvm::bit_cast<uint32_t>(node.value)];
  const uint32_t *begin = forest.categories.data() + set.begin;
  const uint32_t *end = forest.categories.data() + set.end;
  return !std::binary_search(begin, end, static_cast<uint32_t>(value));
}

/// The leaf that one row of a tree with categorical splits falls into.
const ForestNode &findLeaf(const Forest &forest, const ForestTree &tree,
                           const float *row) {
  const ForestNode *nodes = forest.nodes.data() + tree.firstNode;
  const ForestNode *node = nodes;
  while (node->isInner()) {
    float value = row[node->feature()];
    bool left = isMissing(value)        ? node->defaultsLeft()
                : node->isCategorical() ? categoryGoesLeft(forest, *node, value)
                                        : value < node->value;
    node = nodes + node->left + !left;
  }
  return *node;
}

/// Walks `Lanes` rows through a tree of numeric splits at once, so that their
/// loads overlap. A lane that has reached its leaf stays there.
template <unsigned Lanes>
void findLeaves(const ForestNode *nodes, const float *rows, size_t stride,
                const ForestNode **leaves) {
  uint32_t at[Lanes] = {};
  uint32_t busy = nodes[0].featureAndFlags & ForestNode::kInner;
  while (busy) {
    busy = 0;
    for (unsigned lane = 0; lane < Lanes; ++lane) {
      ForestNode node = nodes[at[lane]];
      float value = rows[lane * stride + node.feature()];
      uint32_t left =
          uint32_t(value < node.value) |
          (uint32_t(isMissing(value)) & uint32_t(node.defaultsLeft()));
      at[lane] = node.left + (uint32_t(node.isInner()) & (left ^ 1u));
      busy |= nodes[at[lane]].featureAndFlags;
    }
    busy &= ForestNode::kInner;
  }
  for (unsigned lane = 0; lane < Lanes; ++lane)
    leaves[lane] = nodes + at[lane];
}

void findLeaves(const Forest &forest, const ForestTree &tree, RowBlock rows,
                const ForestNode **leaves) {
  const ForestNode *nodes = forest.nodes.data() + tree.firstNode;
  size_t row = 0;
  if (!tree.hasCategories) {
    for (; row + 8 <= rows.rows; row += 8)
      findLeaves<8>(nodes, rows.values + row * rows.stride, rows.stride,
                    leaves + row);
    for (; row + 2 <= rows.rows; row += 2)
      findLeaves<2>(nodes, rows.values + row * rows.stride, rows.stride,
                    leaves + row);
  }
  for (; row < rows.rows; ++row)
    leaves[row] = &findLeaf(forest, tree, rows.values + row * rows.stride);
}

void addLeafVector(const Forest &forest, const ForestTree &tree,
                   const ForestNode &leaf, float *margins) {
  const float *vector =
      forest.leafVectors.data() +
      size_t(llvm::bit_cast<uint32_t>(leaf.value)) * forest.numMargins;
  for (uint32_t output = 0; output < forest.numMargins; ++output)
    margins[output] +=
        forest.weighted ? vector[output] * tree.weight : vector[output];
}

void addTree(const Forest &forest, const ForestTree &tree,
             ArrayRef<const ForestNode *> leaves, float *margins) {
  size_t step = forest.numMargins;
  if (forest.vectorLeaves) {
    for (auto [row, leaf] : enumerate(leaves))
      addLeafVector(forest, tree, *leaf, margins + row * step);
    return;
  }
  for (auto [row, leaf] : enumerate(leaves)) {
    float value = forest.weighted ? leaf->value * tree.weight : leaf->value;
    margins[row * step + tree.output] += value;
  }
}

} // namespace

void predictMargins(const Forest &forest, RowBlock rows,
                    MutableArrayRef<float> margins) {
  assert(margins.size() >= rows.rows * forest.numMargins &&
         "no room for the margins");
  assert((rows.rows < 2 || rows.stride >= forest.numFeatures) &&
         "rows are too short");
  const ForestNode *leaves[kRowsPerPass];
  for (size_t first = 0; first < rows.rows; first += kRowsPerPass) {
    RowBlock pass = {rows.values + first * rows.stride,
                     std::min(kRowsPerPass, rows.rows - first), rows.stride};
    float *sums = margins.data() + first * forest.numMargins;
    for (size_t row = 0; row < pass.rows; ++row)
      llvm::copy(forest.baseMargins, sums + row * forest.numMargins);
    for (const ForestTree &tree : forest.trees) {
      findLeaves(forest, tree, pass, leaves);
      addTree(forest, tree, ArrayRef(leaves, pass.rows), sums);
    }
  }
}

void predict(const Forest &forest, RowBlock rows,
             MutableArrayRef<float> predictions) {
  size_t margins = forest.numMargins, outputs = forest.numOutputs();
  assert(predictions.size() >= rows.rows * outputs &&
         "no room for the predictions");
  if (margins == outputs) {
    predictMargins(forest, rows, predictions);
    for (size_t row = 0; row < rows.rows; ++row)
      applyLink(forest.objective.link,
                predictions.slice(row * margins, margins));
    return;
  }
  std::vector<float> sums(rows.rows * margins);
  predictMargins(forest, rows, sums);
  for (size_t row = 0; row < rows.rows; ++row) {
    auto ofRow = MutableArrayRef(sums).slice(row * margins, margins);
    applyLink(forest.objective.link, ofRow);
    llvm::copy(ofRow.take_front(outputs), predictions.data() + row * outputs);
  }
}

} // namespace gnomon
