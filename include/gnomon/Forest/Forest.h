// SPDX-License-Identifier: Apache-2.0
// Gradient-boosted trees as plain arrays: what a model file says, ready to ask.
#ifndef GNOMON_FOREST_FOREST_H
#define GNOMON_FOREST_FOREST_H

#include "gnomon/Forest/Objective.h"

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gnomon {

/// One node. An inner node sends a row left when `x[feature] < value`, a
/// missing value (NaN) to its default side. A leaf is its own left child.
struct ForestNode {
  static constexpr uint32_t kInner = 1u << 31;
  static constexpr uint32_t kDefaultLeft = 1u << 30;
  static constexpr uint32_t kCategorical = 1u << 29;
  static constexpr uint32_t kFeatureMask = kCategorical - 1;

  /// Threshold, leaf value, index into `Forest::leafVectors` (leaf of a
  /// vector-leaf tree) or into `Forest::categorySets`: the latter two are
  /// stored as an integer of the same 32 bits.
  float value;
  /// Feature in the low bits, the three flags above in the high ones.
  uint32_t featureAndFlags;
  /// Left child, counted from the root of its tree; the right one follows it.
  uint32_t left;

  bool isInner() const { return featureAndFlags & kInner; }
  bool isCategorical() const { return featureAndFlags & kCategorical; }
  bool defaultsLeft() const { return featureAndFlags & kDefaultLeft; }
  uint32_t feature() const { return featureAndFlags & kFeatureMask; }
};

/// One tree: a run of `Forest::nodes`, breadth first, root first.
struct ForestTree {
  uint32_t firstNode;
  /// The output that the leaves are added to; 0 for vector-leaf trees.
  uint32_t output;
  /// Factor of every leaf (dart); 1 otherwise.
  float weight;
  bool hasCategories;
};

/// The categories that go right at one categorical split: a sorted run of
/// `Forest::categories`.
struct CategorySet {
  uint32_t begin, end;
};

/// A whole model. Filled by the readers, which guarantee that every index is
/// in range and that every walk from a root ends at a leaf. Nothing in it
/// changes afterwards: a const Forest may be shared by any number of threads.
struct Forest {
  std::vector<ForestNode> nodes;
  std::vector<ForestTree> trees;
  std::vector<CategorySet> categorySets;
  std::vector<uint32_t> categories;
  /// Leaves of vector-leaf trees, `numMargins` values each; empty otherwise.
  std::vector<float> leafVectors;
  bool vectorLeaves = false;
  /// Trees carry weights that multiply their leaves (dart).
  bool weighted = false;

  /// Columns that a row must have.
  uint32_t numFeatures = 0;
  /// Sums per row before the objective's link function.
  uint32_t numMargins = 1;
  /// Where every sum starts: one value for each margin, links undone.
  std::vector<float> baseMargins;
  Objective objective;
  /// Names of the columns; empty when the file has none.
  std::vector<std::string> featureNames;

  /// Values per row that `predict` writes: 1 for multi:softmax, which answers
  /// with a class, else one for each margin.
  uint32_t numOutputs() const {
    return objective.link == Link::Argmax ? 1 : numMargins;
  }
};

} // namespace gnomon

#endif // GNOMON_FOREST_FOREST_H
