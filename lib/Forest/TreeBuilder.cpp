// SPDX-License-Identifier: Apache-2.0
// Checks the arrays of one tree and appends it to a forest.
#include "TreeBuilder.h"

#include "ModelSource.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <limits>

using namespace llvm;

namespace gnomon {
namespace {

/// Categories are floats in the rows; beyond 2^24 those skip integers.
constexpr int32_t kMaxCategory = 1 << 24;
constexpr uint32_t kNoSet = std::numeric_limits<uint32_t>::max();

class TreeBuilder {
public:
  TreeBuilder(const RawTree &raw, const ModelSource &source, Forest &forest)
      : raw(raw), source(source), forest(forest) {}

  Expected<LargestFeature> run() {
    if (Error error = checkSizes())
      return error;
    if (Error error = readCategories())
      return error;
    if (raw.leafSize > 1)
      appendLeafVectors();
    if (Error error = appendNodes())
      return error;
    return largest;
  }

private:
  Error fail(StringRef field, const Twine &message) const {
    return source.errorAt(source.path() + "." + field, message);
  }
  Error fail(StringRef field, size_t index, const Twine &message) const {
    return source.errorAt(
        source.path() + "." + field + "[" + Twine(index) + "]", message);
  }

  template <typename T>
  Error checkSize(StringRef field, const std::optional<T> &values) const;
  Error checkSizes();
  Error readCategories();
  Error readCategorySet(size_t index, int64_t &expectedSegment);
  void appendLeafVectors();
  Error appendNodes();
  Error checkChildren(uint32_t node, const std::vector<bool> &reached) const;
  Error checkChild(StringRef field, uint32_t node, int32_t child,
                   const std::vector<bool> &reached) const;
  Expected<ForestNode> makeInner(uint32_t node, uint32_t left);
  Expected<ForestNode> makeLeaf(uint32_t node, uint32_t self);

  const RawTree &raw;
  const ModelSource &source;
  Forest &forest;
  uint32_t count = 0;
  /// Per node its category set in the forest, empty without categories.
  std::vector<uint32_t> setOfNode;
  /// Number of the tree's first vector leaf in the forest.
  uint32_t firstLeaf = 0;
  LargestFeature largest;
};

template <typename T>
Error TreeBuilder::checkSize(StringRef field,
                             const std::optional<T> &values) const {
  if (!values)
    return source.error("member \"" + field + "\" is missing");
  if (values->size() != count)
    return fail(field, Twine(values->size()) + " entries, but the tree has " +
                           Twine(count) + " nodes");
  return Error::success();
}

Error TreeBuilder::checkSizes() {
  if (!raw.numNodes)
    return source.error("member \"tree_param\" with \"num_nodes\" is missing");
  if (!raw.leftChildren)
    return source.error("member \"left_children\" is missing");
  if (*raw.numNodes < 1)
    return fail("tree_param.num_nodes", "a tree has one node at least");
  if (static_cast<uint64_t>(*raw.numNodes) != raw.leftChildren->size())
    return fail("left_children", Twine(raw.leftChildren->size()) +
                                     " entries, but the tree has " +
                                     Twine(*raw.numNodes) + " nodes");
  count = *raw.numNodes;
  if (forest.nodes.size() + count > std::numeric_limits<uint32_t>::max())
    return source.error("the forest has more than 2^32 nodes");
  if (Error error = checkSize("right_children", raw.rightChildren))
    return error;
  if (Error error = checkSize("split_indices", raw.splitIndices))
    return error;
  if (Error error = checkSize("split_conditions", raw.splitConditions))
    return error;
  if (Error error = checkSize("default_left", raw.defaultLeft))
    return error;
  if (raw.splitType)
    if (Error error = checkSize("split_type", raw.splitType))
      return error;
  if (raw.leafSize > 1 && !raw.leafWeights)
    return source.error(
        "member \"leaf_weights\" is missing: trees with vector leaves are read "
        "as XGBoost 3.2 writes them");
  return Error::success();
}

Error TreeBuilder::readCategories() {
  size_t sets = raw.categoriesNodes.size();
  if (raw.categoriesSegments.size() != sets)
    return fail("categories_segments", Twine(raw.categoriesSegments.size()) +
                                           " entries, categories_nodes has " +
                                           Twine(sets));
  if (raw.categoriesSizes.size() != sets)
    return fail("categories_sizes", Twine(raw.categoriesSizes.size()) +
                                        " entries, categories_nodes has " +
                                        Twine(sets));
  if (sets)
    setOfNode.assign(count, kNoSet);
  int64_t expectedSegment = 0;
  for (size_t index = 0; index < sets; ++index)
    if (Error error = readCategorySet(index, expectedSegment))
      return error;
  if (static_cast<uint64_t>(expectedSegment) != raw.categories.size())
    return fail("categories", Twine(raw.categories.size()) +
                                  " entries, the sets hold " +
                                  Twine(expectedSegment));
  return Error::success();
}

Error TreeBuilder::readCategorySet(size_t index, int64_t &expectedSegment) {
  int32_t node = raw.categoriesNodes[index];
  if (node < 0 || static_cast<uint32_t>(node) >= count)
    return fail("categories_nodes", index,
                "node " + Twine(node) + " is out of range, the tree has " +
                    Twine(count) + " nodes");
  if (setOfNode[node] != kNoSet)
    return fail("categories_nodes", index,
                "node " + Twine(node) + " has a set already");
  int64_t begin = raw.categoriesSegments[index],
          size = raw.categoriesSizes[index];
  if (begin != expectedSegment)
    return fail("categories_segments", index,
                "found " + Twine(begin) + ", the set begins at " +
                    Twine(expectedSegment));
  if (size < 1 || static_cast<uint64_t>(begin + size) > raw.categories.size())
    return fail("categories_sizes", index,
                "size " + Twine(size) + " is out of range, " +
                    Twine(raw.categories.size() - begin) +
                    " categories are left");
  uint32_t first = forest.categories.size();
  for (int64_t at = begin; at < begin + size; ++at) {
    int32_t category = raw.categories[at];
    if (category < 0 || category > kMaxCategory)
      return fail("categories", at,
                  "category " + Twine(category) + " is out of range");
    forest.categories.push_back(category);
  }
  std::sort(forest.categories.begin() + first, forest.categories.end());
  setOfNode[node] = forest.categorySets.size();
  forest.categorySets.push_back(
      {first, static_cast<uint32_t>(forest.categories.size())});
  expectedSegment = begin + size;
  return Error::success();
}

Error TreeBuilder::checkChild(StringRef field, uint32_t node, int32_t child,
                              const std::vector<bool> &reached) const {
  if (child < 0 || static_cast<uint32_t>(child) >= count)
    return fail(field, node,
                "child " + Twine(child) + " is out of range, the tree has " +
                    Twine(count) + " nodes");
  if (child == 0)
    return fail(field, node, "the root cannot be a child");
  if (reached[child])
    return fail(field, node, "node " + Twine(child) + " has a parent already");
  return Error::success();
}

Error TreeBuilder::checkChildren(uint32_t node,
                                 const std::vector<bool> &reached) const {
  int32_t left = (*raw.leftChildren)[node], right = (*raw.rightChildren)[node];
  if (Error error = checkChild("left_children", node, left, reached))
    return error;
  if (Error error = checkChild("right_children", node, right, reached))
    return error;
  if (left == right)
    return fail("right_children", node,
                "node " + Twine(right) + " has a parent already");
  return Error::success();
}

Expected<ForestNode> TreeBuilder::makeInner(uint32_t node, uint32_t left) {
  int32_t feature = (*raw.splitIndices)[node];
  if (feature < 0 || static_cast<uint32_t>(feature) > ForestNode::kFeatureMask)
    return fail("split_indices", node,
                "feature " + Twine(feature) + " is out of range");
  if (feature > largest.feature)
    largest = {feature, node};
  int32_t defaultLeft = (*raw.defaultLeft)[node];
  if (defaultLeft != 0 && defaultLeft != 1)
    return fail("default_left", node,
                "expected 0 or 1, found " + Twine(defaultLeft));
  int32_t type = raw.splitType ? (*raw.splitType)[node] : 0;
  if (type != 0 && type != 1)
    return fail("split_type", node, "expected 0 or 1, found " + Twine(type));
  uint32_t flags =
      ForestNode::kInner | (defaultLeft ? ForestNode::kDefaultLeft : 0);
  if (type == 1) {
    if (setOfNode.empty() || setOfNode[node] == kNoSet)
      return fail("categories_nodes",
                  "node " + Twine(node) +
                      " splits by categories, but has no set");
    return ForestNode{llvm::bit_cast<float>(setOfNode[node]),
                      feature | flags | ForestNode::kCategorical, left};
  }
  float threshold = (*raw.splitConditions)[node];
  if (threshold != threshold)
    return fail("split_conditions", node, "the threshold is not a number");
  return ForestNode{threshold, feature | flags, left};
}

Expected<ForestNode> TreeBuilder::makeLeaf(uint32_t node, uint32_t self) {
  if (raw.leafSize == 1)
    return ForestNode{(*raw.splitConditions)[node], 0, self};
  int32_t leaf = (*raw.rightChildren)[node];
  uint64_t leaves = raw.leafWeights->size() / raw.leafSize;
  if (leaf < 0 || static_cast<uint64_t>(leaf) >= leaves)
    return fail("right_children", node,
                "leaf " + Twine(leaf) + " is out of range, leaf_weights has " +
                    Twine(leaves));
  return ForestNode{llvm::bit_cast<float>(firstLeaf + leaf), 0, self};
}

/// All of them at once: several leaves may name one vector.
void TreeBuilder::appendLeafVectors() {
  firstLeaf = forest.leafVectors.size() / raw.leafSize;
  size_t whole = raw.leafWeights->size() / raw.leafSize * raw.leafSize;
  forest.leafVectors.insert(forest.leafVectors.end(), raw.leafWeights->begin(),
                            raw.leafWeights->begin() + whole);
}

/// Breadth first from the root. Every node is reached once, so there is no
/// cycle; what is never reached must be what the file counts as deleted.
Error TreeBuilder::appendNodes() {
  std::vector<uint32_t> order;
  order.reserve(count);
  order.push_back(0);
  std::vector<bool> reached(count, false);
  reached[0] = true;
  ForestTree tree = {static_cast<uint32_t>(forest.nodes.size()), 0, 1.0f,
                     false};
  for (size_t at = 0; at < order.size(); ++at) {
    uint32_t node = order[at];
    bool isLeaf = (*raw.leftChildren)[node] == -1;
    if (!isLeaf) {
      if (Error error = checkChildren(node, reached))
        return error;
    }
    Expected<ForestNode> made =
        isLeaf ? makeLeaf(node, at) : makeInner(node, order.size());
    if (!made)
      return made.takeError();
    tree.hasCategories |= made->isCategorical();
    forest.nodes.push_back(*made);
    if (isLeaf)
      continue;
    for (int32_t child :
         {(*raw.leftChildren)[node], (*raw.rightChildren)[node]}) {
      reached[child] = true;
      order.push_back(child);
    }
  }
  int64_t lost = count - order.size();
  if (lost != raw.numDeleted.value_or(0))
    return fail("tree_param.num_deleted",
                Twine(lost) + " nodes cannot be reached from the root, " +
                    Twine(raw.numDeleted.value_or(0)) +
                    " are said to be deleted");
  forest.trees.push_back(tree);
  return Error::success();
}

} // namespace

Expected<LargestFeature> appendTree(const RawTree &raw,
                                    const ModelSource &source, Forest &forest) {
  return TreeBuilder(raw, source, forest).run();
}

} // namespace gnomon
