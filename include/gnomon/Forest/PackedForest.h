// SPDX-License-Identifier: Apache-2.0
// A forest laid out to be asked about a few dozen rows at a time.
#ifndef GNOMON_FOREST_PACKEDFOREST_H
#define GNOMON_FOREST_PACKEDFOREST_H

#include "gnomon/Forest/Predict.h"

#include <optional>

namespace gnomon {

/// A forest of numeric splits whose walks have no branches. Nodes take 8 bytes
/// and hold how far their left child is; a leaf is its own left child, so that
/// every walk through a tree takes as many steps as the tree is deep, however
/// many rows or trees are walked side by side. A row is spread out before: each
/// column once with +inf and once with -inf for a missing value, between which
/// a node's default side chooses. Answers are those of gnomon::predict, bit for
/// bit. A const PackedForest may be shared by any number of threads.
class PackedForest {
public:
  /// Nothing for forests that need more than that: categories, leaves of
  /// several values, thresholds and leaves that are NaN or -inf, trees deeper
  /// than 32 or of more than 65,535 nodes, more than 32,766 columns.
  static std::optional<PackedForest> pack(const Forest &forest);

  /// As gnomon::predictMargins and gnomon::predict.
  void predictMargins(RowBlock rows,
                      llvm::MutableArrayRef<float> margins) const;
  void predict(RowBlock rows, llvm::MutableArrayRef<float> predictions) const;

private:
  struct Node {
    float value;     ///< threshold, or what the leaf adds
    uint16_t column; ///< of a spread row; 0, which is -inf, in a leaf
    uint16_t toLeft; ///< nodes from this one to its left child; 0 in a leaf
  };
  struct Tree {
    uint32_t root, depth, output;
    float weight;
  };

  bool packTree(const Forest &forest, size_t index);
  size_t spreadSize() const { return 1 + 2 * size_t(numFeatures); }
  void spread(const float *row, float *result) const;
  void addRows(const float *rows, size_t count, float *margins) const;
  void addRow(const float *row, float *margins) const;
  float weighted(const Tree &tree, float leaf) const {
    return isWeighted ? leaf * tree.weight : leaf;
  }

  std::vector<Node> nodes;
  std::vector<Tree> trees;
  std::vector<float> baseMargins;
  uint32_t numFeatures = 0, numMargins = 1, numOutputs = 1;
  Link link = Link::Identity;
  bool isWeighted = false;
};

} // namespace gnomon

#endif // GNOMON_FOREST_PACKEDFOREST_H
