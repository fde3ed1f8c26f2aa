// SPDX-License-Identifier: Apache-2.0
// The reference evaluator on hand-made forests.
#include "ModelText.h"

#include "gnomon/Forest/Predict.h"

#include "gmock/gmock.h"

#include <limits>
#include <random>

using namespace gnomon;
using testing::ElementsAre;
using testing::FloatEq;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<float> margins(const Forest &forest,
                           const std::vector<float> &values) {
  size_t rows = values.size() / forest.numFeatures;
  std::vector<float> result(rows * forest.numMargins);
  predictMargins(forest, {values.data(), rows, forest.numFeatures}, result);
  return result;
}

/// The leaf of the first tree of the small model (feature 1 against 0.5).
float firstTree(float value) {
  Forest forest = llvm::cantFail(parseForest(smallModel(), "m"));
  forest.trees.resize(1);
  return margins(forest, {0.0f, value})[0] - 0.125f;
}

/// The leaf of the second tree: categories {2, 7, 40} of feature 0 go right.
float secondTree(float category) {
  Forest forest = llvm::cantFail(parseForest(smallModel(), "m"));
  forest.trees.erase(forest.trees.begin());
  return margins(forest, {category, 0.0f})[0] - 0.125f;
}

TEST(Predict, SmallerGoesLeftEqualGoesRight) {
  EXPECT_EQ(firstTree(0.25f), -1.5f);
  EXPECT_EQ(firstTree(0.5f), 2.5f);
  EXPECT_EQ(firstTree(-kInf), -1.5f);
  EXPECT_EQ(firstTree(kInf), 2.5f);
}

TEST(Predict, MissingTakesTheDefaultSide) {
  EXPECT_EQ(firstTree(kNaN), -1.5f);
  EXPECT_EQ(secondTree(kNaN), 20.5f);
}

TEST(Predict, CategoriesInTheSetGoRight) {
  for (float category : {2.0f, 7.0f, 40.0f, 7.9f})
    EXPECT_EQ(secondTree(category), 20.5f) << category;
}

TEST(Predict, OtherCategoriesGoLeft) {
  for (float category :
       {0.0f, 3.0f, 41.0f, -1.0f, -0.5f, 16777216.0f, 1e30f, kInf, -kInf})
    EXPECT_EQ(secondTree(category), 10.5f) << category;
}

TEST(Predict, ZerosAreEqualAndDenormalsCount) {
  std::string text =
      replaced(smallModel(), "[0.5, -1.5, 2.5]", "[0.0, -1.5, 2.5]");
  Forest forest = llvm::cantFail(parseForest(text, "m"));
  forest.trees.resize(1);
  EXPECT_THAT(margins(forest, {0, -0.0f, 0, 0.0f, 0, -1e-45f}),
              ElementsAre(2.625f, 2.625f, -1.375f));
}

TEST(Predict, SumsStartAtTheBaseAndFollowTheTrees) {
  std::string text = replaced(smallModel(), "[1.25E-1]", "1E8");
  text = replaced(text, "[0.5, -1.5, 2.5]", "[0.5, 3.0, -1E8]");
  Forest forest = llvm::cantFail(parseForest(text, "m"));
  // In order: 1e8 + 3 = 1e8, then + 10.5 = 1e8 + 8. Leaves first would give
  // 1e8 + 16.
  EXPECT_THAT(margins(forest, {0, 0, 0, 1}), ElementsAre(1e8f + 8.0f, 10.5f));
}

TEST(Predict, TreesGoToTheirOutputs) {
  std::string text =
      replaced(smallModel(), R"("num_class": "0")", R"("num_class": "3")");
  text = replaced(text, R"("tree_info": [0, 0])", R"("tree_info": [2, 0])");
  text = replaced(text, "reg:squarederror", "multi:softmax");
  Forest forest = llvm::cantFail(parseForest(text, "m"));
  EXPECT_THAT(margins(forest, {0, 1}), ElementsAre(10.625f, 0.125f, 2.625f));
  std::vector<float> row = {0, 1}, prediction(1);
  predict(forest, {row.data(), 1, 2}, prediction);
  EXPECT_EQ(forest.numOutputs(), 1u);
  EXPECT_THAT(prediction, ElementsAre(0.0f));
}

TEST(Predict, DartWeighsLeaves) {
  std::string text = replaced(
      smallModel(), R"("name": "gbtree", "model": {)",
      R"("name": "dart", "weight_drop": [0.5, 2.0], "gbtree": {"model": {)");
  text = replaced(text, R"([3]}]}})", R"([3]}]}}})");
  Forest forest = llvm::cantFail(parseForest(text, "m"));
  EXPECT_THAT(margins(forest, {0, 1}), ElementsAre(0.125f + 1.25f + 21.0f));
}

TEST(Predict, VectorLeaves) {
  Forest forest = llvm::cantFail(
      parseForest(R"({"learner": {"gradient_booster": {"name": "gbtree",
      "model": {"tree_info": [0], "trees": [
        {"tree_param": {"num_nodes": "3", "num_deleted": "0", "size_leaf_vector": "2"},
         "left_children": [1, -1, -1], "right_children": [2, 1, 0], "split_indices": [0, 0, 0],
         "split_conditions": [0.0, 1.0, 1.0], "default_left": [0, 0, 0],
         "leaf_weights": [1.5, 2.5, 3.5, 4.5]}]}},
      "learner_model_param": {"base_score": "[1,2]", "num_feature": "1", "num_target": "2"},
      "objective": {"name": "reg:squarederror"}}})",
                  "m"));
  EXPECT_THAT(margins(forest, {-1, 1}), ElementsAre(4.5f, 6.5f, 2.5f, 4.5f));
}

TEST(Predict, BlocksOfEverySizeAndStrideAgreeWithSingleRows) {
  Forest forest = llvm::cantFail(parseForest(smallModel(), "m"));
  std::mt19937 random(1);
  constexpr size_t stride = 5, most = 200;
  std::vector<float> values(most * stride), single(most), block(most);
  for (float &value : values)
    value = static_cast<float>(random() % 64) / 8.0f - 1.0f;
  for (size_t row = 0; row < most; ++row)
    predict(forest, {values.data() + row * stride, 1, stride},
            llvm::MutableArrayRef(single).slice(row, 1));
  for (size_t rows = 0; rows <= most; rows += rows < 20 ? 1 : 37) {
    predict(forest, {values.data(), rows, stride}, block);
    EXPECT_TRUE(std::equal(block.begin(), block.begin() + rows, single.begin()))
        << rows;
  }
}

} // namespace
