// SPDX-License-Identifier: Apache-2.0
// What the readers make of good files.
#include "ModelText.h"

#include "gmock/gmock.h"

using namespace gnomon;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

Forest load(llvm::StringRef json) {
  return llvm::cantFail(parseForest(json, "m"));
}

void expectSmallModel(const Forest &forest) {
  EXPECT_EQ(forest.trees.size(), 2u);
  EXPECT_EQ(forest.nodes.size(), 8u);
  EXPECT_EQ(forest.numFeatures, 2u);
  EXPECT_EQ(forest.numOutputs(), 1u);
  EXPECT_THAT(forest.baseMargins, ElementsAre(0.125f));
  EXPECT_THAT(forest.featureNames, ElementsAre("a", "b"));
  EXPECT_THAT(forest.categories, ElementsAre(2, 7, 40));
  EXPECT_FALSE(forest.trees[0].hasCategories);
  EXPECT_TRUE(forest.trees[1].hasCategories);
  EXPECT_EQ(forest.nodes[0].feature(), 1u);
  EXPECT_TRUE(forest.nodes[0].defaultsLeft());
  EXPECT_TRUE(forest.nodes[3].isCategorical());
}

TEST(LoadForest, JsonAndUbjsonGiveTheSame) {
  expectSmallModel(llvm::cantFail(parseForestJson(smallModel(), "m")));
  expectSmallModel(
      llvm::cantFail(parseForestUbjson(toUbjson(smallModel()), "m")));
}

TEST(LoadForest, FormatIsFoundByContent) {
  expectSmallModel(load(smallModel()));
  expectSmallModel(load(toUbjson(smallModel())));
  expectSmallModel(load("\n  " + smallModel()));
}

TEST(LoadForest, UnknownMembersAreSkipped) {
  std::string text = replaced(
      smallModel(), R"("version")",
      R"("new": {"x": [1, {"y": null}, "s", true, 1.5], "z": [[0.5]]}, "version")");
  EXPECT_EQ(messageOf(text), "no error");
}

TEST(LoadForest, OldFilesLackCategoriesAndTargets) {
  std::string text =
      replaced(smallModel(),
               R"("categories": [], "categories_nodes": [], )"
               R"("categories_segments": [], "categories_sizes": [])",
               R"("id": 0)");
  text = replaced(text, R"("split_type": [0, 0, 0],)", "");
  text = replaced(text, R"(,
                          "num_target": "1")",
                  "");
  text = replaced(text, R"([1.25E-1])", "1.25E-1");
  EXPECT_EQ(messageOf(text), "no error");
}

TEST(LoadForest, TruthValuesServeAsDefaultDirections) {
  std::string text = replaced(smallModel(), R"("default_left": [1, 0, 0])",
                              R"("default_left": [true, false, false])");
  EXPECT_EQ(messageOf(text), "no error");
  EXPECT_TRUE(load(text).nodes[0].defaultsLeft());
}

TEST(LoadForest, DeletedNodesAreLeftOut) {
  std::string text = replaced(smallModel(), R"("left_children": [1, -1, -1])",
                              R"("left_children": [-1, -1, -1])");
  text = replaced(text, R"("num_nodes": "3", "num_deleted": "0")",
                  R"("num_nodes": "3", "num_deleted": "2")");
  EXPECT_EQ(load(text).nodes.size(), 6u);
}

TEST(LoadForest, NodesAreBreadthFirstWithNeighbouringChildren) {
  std::string text = replaced(
      smallModel(),
      R"("left_children": [1, -1, -1], "right_children": [2, -1, -1])",
      R"("left_children": [2, -1, -1], "right_children": [1, -1, -1])");
  Forest forest = load(text);
  EXPECT_EQ(forest.nodes[0].left, 1u);
  EXPECT_EQ(forest.nodes[1].value, 2.5f);
  EXPECT_EQ(forest.nodes[2].value, -1.5f);
}

TEST(LoadForest, BaseScoreForms) {
  EXPECT_THAT(load(replaced(smallModel(), "[1.25E-1]", "5E-1")).baseMargins,
              ElementsAre(0.5f));
  EXPECT_THAT(load(replaced(smallModel(), "[1.25E-1]", " [ -2 ] ")).baseMargins,
              ElementsAre(-2.0f));
  std::string classes =
      replaced(smallModel(), R"("num_class": "0")", R"("num_class": "3")");
  EXPECT_THAT(load(classes).baseMargins, ElementsAre(0.125f, 0.125f, 0.125f));
  EXPECT_THAT(load(replaced(classes, "[1.25E-1]", "[1,2E0,-3]")).baseMargins,
              ElementsAre(1.0f, 2.0f, -3.0f));
}

TEST(LoadForest, InfiniteLeavesAndThresholdsAreKept) {
  std::string bytes = toUbjson(smallModel());
  bytes =
      replaced(bytes, llvm::StringRef("\x3f\x00\x00\x00\xbf\xc0\x00\x00", 8),
               llvm::StringRef("\x7f\x80\x00\x00\xff\x80\x00\x00", 8));
  Forest forest = load(bytes);
  EXPECT_EQ(forest.nodes[0].value, std::numeric_limits<float>::infinity());
  EXPECT_EQ(forest.nodes[1].value, -std::numeric_limits<float>::infinity());
}

TEST(LoadForest, NoTreesAtAll) {
  Forest forest =
      load(R"({"learner": {"gradient_booster": {"name": "gbtree", "model": {
      "gbtree_model_param": {"num_trees": "0"}, "tree_info": [], "trees": []}},
      "learner_model_param": {"base_score": "1", "num_feature": "0"},
      "objective": {"name": "reg:squarederror"}}})");
  EXPECT_THAT(forest.trees, IsEmpty());
}

} // namespace
