// SPDX-License-Identifier: Apache-2.0
// Packed forests beside the reference evaluator, bit for bit.
#include "ModelText.h"

#include "gnomon/Forest/PackedForest.h"

#include "llvm/ADT/bit.h"
#include "gtest/gtest.h"

#include <limits>
#include <random>

using namespace gnomon;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

/// Makes up forests: lopsided trees of 1 to 127 nodes, on odd thresholds.
class MadeUp {
public:
  explicit MadeUp(unsigned seed) : random(seed) {}

  Forest forest(unsigned trees, uint32_t outputs, bool weighted) {
    Forest result;
    result.numFeatures = 5;
    result.numMargins = outputs;
    result.weighted = weighted;
    for (uint32_t output = 0; output < outputs; ++output)
      result.baseMargins.push_back(0.1f * float(output + 1));
    for (unsigned tree = 0; tree < trees; ++tree)
      append(result, uint32_t(random() % outputs));
    return result;
  }

  /// Numbers that thresholds often meet, and those that are hard.
  float number() {
    constexpr float odd[] = {kNaN, kInf, -kInf, 0.0f, -0.0f, 1e-45f, 3.4e38f};
    unsigned draw = random() % 24;
    return draw < 7 ? odd[draw] : float(random() % 17) / 8 - 1;
  }

private:
  void append(Forest &forest, uint32_t output) {
    forest.trees.push_back({uint32_t(forest.nodes.size()), output,
                            forest.weighted ? 0.7f : 1.0f, false});
    uint32_t known = 1, most = random() % 64;
    for (uint32_t at = 0; at < known; ++at)
      if (known < 2 * most && random() % 5) {
        uint32_t flags = ForestNode::kInner;
        flags |= random() % 2 ? ForestNode::kDefaultLeft : 0;
        forest.nodes.push_back({float(random() % 17) / 8 - 1,
                                flags | uint32_t(random() % 5), known});
        known += 2;
      } else {
        forest.nodes.push_back({float(random() % 1000) / 333, 0, at});
      }
  }

  std::mt19937 random;
};

TEST(PackedForest, AgreesWithTheReferenceOnEveryBlock) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    MadeUp made(seed);
    Forest forest = made.forest(seed % 21, 1 + seed % 3, seed % 2);
    std::optional<PackedForest> packed = PackedForest::pack(forest);
    ASSERT_TRUE(packed) << seed;
    constexpr size_t most = 75, stride = 6;
    std::vector<float> values(most * stride);
    for (float &value : values)
      value = made.number();
    for (size_t rows : {0, 1, 7, 8, 9, 31, 32, 33, 75}) {
      std::vector<float> expected(rows * forest.numMargins), found = expected;
      predictMargins(forest, {values.data(), rows, stride}, expected);
      packed->predictMargins({values.data(), rows, stride}, found);
      for (size_t i = 0; i < found.size(); ++i)
        ASSERT_EQ(llvm::bit_cast<uint32_t>(found[i]),
                  llvm::bit_cast<uint32_t>(expected[i]))
            << "seed " << seed << ", " << rows << " rows, margin " << i;
    }
  }
}

/// A tree with one split, and leaves 1 and 2.
Forest stump(ForestNode root) {
  Forest forest;
  forest.numFeatures = 2;
  forest.baseMargins = {0.0f};
  forest.trees.push_back({0, 0, 1.0f, false});
  forest.nodes = {root, {1.0f, 0, 1}, {2.0f, 0, 2}};
  return forest;
}

constexpr uint32_t kRight = ForestNode::kInner;
constexpr uint32_t kLeft = ForestNode::kInner | ForestNode::kDefaultLeft;

TEST(PackedForest, AppliesTheLink) {
  Forest forest = stump({0.0f, kRight, 1});
  forest.objective = *findObjective("count:poisson");
  std::vector<float> rows = {-1, 0, 1, 0}, expected(2), found(2);
  predict(forest, {rows.data(), 2, 2}, expected);
  PackedForest::pack(forest)->predict({rows.data(), 2, 2}, found);
  EXPECT_EQ(found, expected);
}

TEST(PackedForest, LeavesToTheReferenceWhatItCannotHold) {
  EXPECT_TRUE(PackedForest::pack(stump({0.0f, kLeft, 1})));
  EXPECT_TRUE(PackedForest::pack(stump({kInf, kLeft, 1})));
  EXPECT_TRUE(PackedForest::pack(stump({-kInf, kRight, 1})));
  EXPECT_FALSE(PackedForest::pack(stump({-kInf, kLeft, 1})));
  EXPECT_FALSE(PackedForest::pack(stump({kNaN, kRight, 1})));
  Forest odd = stump({0.0f, kLeft, 1});
  odd.nodes[2].value = -kInf;
  EXPECT_FALSE(PackedForest::pack(odd));
  Forest wide = stump({0.0f, kLeft, 1});
  wide.numFeatures = 40000;
  EXPECT_FALSE(PackedForest::pack(wide));
  EXPECT_FALSE(
      PackedForest::pack(llvm::cantFail(parseForest(smallModel(), "m"))))
      << "categories";
}

TEST(PackedForest, LeavesDeepTreesToTheReference) {
  auto chain = [](uint32_t depth) {
    Forest forest = stump({0.0f, kLeft, 1});
    forest.nodes.clear();
    for (uint32_t level = 0; level < depth; ++level) {
      if (level)
        forest.nodes.push_back({1.0f, 0, 2 * level - 1});
      forest.nodes.push_back({float(level), kLeft, 2 * level + 1});
    }
    forest.nodes.push_back({1.0f, 0, 2 * depth - 1});
    forest.nodes.push_back({2.0f, 0, 2 * depth});
    return forest;
  };
  EXPECT_TRUE(PackedForest::pack(chain(32)));
  EXPECT_FALSE(PackedForest::pack(chain(33)));
}

} // namespace
