// SPDX-License-Identifier: Apache-2.0
// Packs forests, and walks several rows or several trees at once, so that their
// loads overlap.
#include "gnomon/Forest/PackedForest.h"

#include "llvm/ADT/STLExtras.h"

#include <cassert>
#include <cmath>
#include <limits>

using namespace llvm;

namespace gnomon {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr uint32_t kMostDepth = 32;
constexpr uint32_t kMostNodes = std::numeric_limits<uint16_t>::max();
constexpr uint32_t kMostFeatures = kMostNodes / 2 - 1;

/// Rows that pass over one tree before the next tree is touched.
constexpr size_t kRowsPerPass = 32;
constexpr unsigned kLanes = 8;

//===- Packing ------------------------------------------------------------===//

std::optional<PackedForest> PackedForest::pack(const Forest &forest) {
  if (forest.vectorLeaves || forest.numFeatures > kMostFeatures)
    return std::nullopt;
  PackedForest packed;
  packed.nodes.reserve(forest.nodes.size());
  packed.baseMargins = forest.baseMargins;
  packed.numFeatures = forest.numFeatures;
  packed.numMargins = forest.numMargins;
  packed.numOutputs = forest.numOutputs();
  packed.link = forest.objective.link;
  packed.isWeighted = forest.weighted;
  for (size_t index = 0; index < forest.trees.size(); ++index)
    if (!packed.packTree(forest, index))
      return std::nullopt;
  return packed;
}

/// Whether the tree can be packed. Its nodes come breadth first.
bool PackedForest::packTree(const Forest &forest, size_t index) {
  const ForestTree &tree = forest.trees[index];
  if (tree.hasCategories)
    return false;
  auto root = uint32_t(nodes.size());
  SmallVector<uint32_t> depths = {0};
  for (uint32_t at = 0; at < depths.size(); ++at) {
    const ForestNode &node = forest.nodes[tree.firstNode + at];
    // A missing value that goes left, and every walk in a leaf, is -inf.
    bool leansLeft = !node.isInner() || node.defaultsLeft();
    if (std::isnan(node.value) || (leansLeft && node.value == -kInfinity))
      return false;
    if (!node.isInner()) {
      nodes.push_back({node.value, 0, 0});
      continue;
    }
    uint16_t column = 1 + 2 * node.feature() + node.defaultsLeft();
    nodes.push_back({node.value, column, uint16_t(node.left - at)});
    depths.append(2, depths[at] + 1);
    if (depths.size() > kMostNodes)
      return false;
  }
  trees.push_back({root, depths.back(), tree.output, tree.weight});
  return depths.back() <= kMostDepth;
}

//===- Prediction ---------------------------------------------------------===//

void PackedForest::spread(const float *row, float *result) const {
  *result++ = -kInfinity;
  for (uint32_t feature = 0; feature < numFeatures; ++feature) {
    bool missing = std::isnan(row[feature]);
    *result++ = missing ? kInfinity : row[feature];
    *result++ = missing ? -kInfinity : row[feature];
  }
}

/// Takes each lane `steps` steps down from its node `at`; lane i reads the row
/// at i * stride.
template <unsigned Lanes, typename Node>
static void walk(const Node *nodes, const float *rows, size_t stride,
                 uint32_t steps, uint32_t *at) {
  for (uint32_t step = 0; step < steps; ++step)
    for (unsigned lane = 0; lane < Lanes; ++lane) {
      Node node = nodes[at[lane]];
      bool left = rows[lane * stride + node.column] < node.value;
      at[lane] += uint32_t(node.toLeft) + uint32_t(!left);
    }
}

/// Adds the leaves of kLanes rows, tree after tree.
void PackedForest::addRows(const float *rows, size_t count,
                           float *margins) const {
  size_t stride = spreadSize();
  for (const Tree &tree : trees)
    for (size_t first = 0; first < count; first += kLanes) {
      uint32_t at[kLanes];
      std::fill_n(at, kLanes, tree.root);
      walk<kLanes>(nodes.data(), rows + first * stride, stride, tree.depth, at);
      for (unsigned lane = 0; lane < kLanes; ++lane)
        margins[(first + lane) * numMargins + tree.output] +=
            weighted(tree, nodes[at[lane]].value);
    }
}

/// Adds the leaves of one row, kLanes trees at a time and in their order.
void PackedForest::addRow(const float *row, float *margins) const {
  size_t first = 0;
  for (; first + kLanes <= trees.size(); first += kLanes) {
    uint32_t at[kLanes], steps = 0;
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      at[lane] = trees[first + lane].root;
      steps = std::max(steps, trees[first + lane].depth);
    }
    walk<kLanes>(nodes.data(), row, 0, steps, at);
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      const Tree &tree = trees[first + lane];
      margins[tree.output] += weighted(tree, nodes[at[lane]].value);
    }
  }
  for (const Tree &tree : ArrayRef(trees).drop_front(first)) {
    uint32_t at = tree.root;
    walk<1>(nodes.data(), row, 0, tree.depth, &at);
    margins[tree.output] += weighted(tree, nodes[at].value);
  }
}

void PackedForest::predictMargins(RowBlock rows,
                                  MutableArrayRef<float> margins) const {
  assert(margins.size() >= rows.rows * numMargins && "no room for the margins");
  size_t size = spreadSize();
  std::vector<float> spreadRows(std::min(rows.rows, kRowsPerPass) * size);
  for (size_t first = 0; first < rows.rows; first += kRowsPerPass) {
    size_t count = std::min(kRowsPerPass, rows.rows - first);
    float *sums = margins.data() + first * numMargins;
    for (size_t row = 0; row < count; ++row) {
      spread(rows.values + (first + row) * rows.stride,
             spreadRows.data() + row * size);
      llvm::copy(baseMargins, sums + row * numMargins);
    }
    size_t inLanes = count / kLanes * kLanes;
    addRows(spreadRows.data(), inLanes, sums);
    for (size_t row = inLanes; row < count; ++row)
      addRow(spreadRows.data() + row * size, sums + row * numMargins);
  }
}

void PackedForest::predict(RowBlock rows,
                           MutableArrayRef<float> predictions) const {
  assert(predictions.size() >= rows.rows * numOutputs &&
         "no room for the predictions");
  std::vector<float> sums(rows.rows * numMargins);
  predictMargins(rows, sums);
  for (size_t row = 0; row < rows.rows; ++row) {
    auto ofRow = MutableArrayRef(sums).slice(row * numMargins, numMargins);
    applyLink(link, ofRow);
    llvm::copy(ofRow.take_front(numOutputs),
               predictions.data() + row * numOutputs);
  }
}

} // namespace gnomon
