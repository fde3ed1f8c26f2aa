// SPDX-License-Identifier: Apache-2.0
// Checks the arrays of one tree and appends it to a forest.
#ifndef GNOMON_LIB_FOREST_TREEBUILDER_H
#define GNOMON_LIB_FOREST_TREEBUILDER_H

#include "gnomon/Forest/Forest.h"

#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace gnomon {

class ModelSource;

/// The arrays of one tree as the file has them; one entry per node where
/// nothing else is said.
struct RawTree {
  std::optional<std::vector<int32_t>> leftChildren, rightChildren, splitIndices,
      defaultLeft;
  std::optional<std::vector<float>> splitConditions;
  /// 1 = categorical; absent in files without categories.
  std::optional<std::vector<int32_t>> splitType;
  /// Nodes with a category set; their runs in `categories`.
  std::vector<int32_t> categoriesNodes, categoriesSegments, categoriesSizes,
      categories;
  /// Vector leaves: `leafSize` values per leaf; the right child of a leaf
  /// numbers the leaf.
  std::optional<std::vector<float>> leafWeights;
  std::optional<int64_t> numNodes, numDeleted;
  int64_t leafSize = 1;
};

/// What must wait until the number of features is known, which the files give
/// after the trees: the largest feature of a tree and the node that splits it.
struct LargestFeature {
  int64_t feature = -1;
  uint32_t node = 0;
};

/// Appends `raw` to `forest` (weight 1, output 0). `source` stands at the tree
/// and words the errors.
llvm::Expected<LargestFeature>
appendTree(const RawTree &raw, const ModelSource &source, Forest &forest);

} // namespace gnomon

#endif // GNOMON_LIB_FOREST_TREEBUILDER_H
