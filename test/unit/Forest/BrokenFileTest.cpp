// SPDX-License-Identifier: Apache-2.0
// Broken and hostile files: an error with file and field, never more.
#include "ModelText.h"

#include "gmock/gmock.h"

using namespace gnomon;
using testing::HasSubstr;

namespace {

const char *const kTree = "m: learner.gradient_booster.model.trees[0].";
const char *const kCategoryTree = "m: learner.gradient_booster.model.trees[1].";

/// The message after one replacement in the small model.
std::string after(llvm::StringRef from, llvm::StringRef to) {
  return messageOf(replaced(smallModel(), from, to));
}

std::string inTree(llvm::StringRef rest) { return (kTree + rest).str(); }
std::string inCategoryTree(llvm::StringRef rest) {
  return (kCategoryTree + rest).str();
}

std::string ubjsonMessage(llvm::StringRef bytes) {
  llvm::Expected<Forest> forest = parseForestUbjson(bytes, "m");
  return forest ? "no error" : llvm::toString(forest.takeError());
}

/// `count` as UBJSON writes it.
std::string length(uint64_t count) {
  std::string bytes = "L";
  for (unsigned byte = 8; byte-- > 0;)
    bytes += static_cast<char>(count >> (8 * byte));
  return bytes;
}

TEST(BrokenFile, ChildOutOfRange) {
  EXPECT_EQ(
      after("[1, -1, -1]", "[991, -1, -1]"),
      inTree(
          "left_children[0]: child 991 is out of range, the tree has 3 nodes"));
  EXPECT_EQ(
      after("[2, -1, -1]", "[3, -1, -1]"),
      inTree(
          "right_children[0]: child 3 is out of range, the tree has 3 nodes"));
  EXPECT_EQ(
      after("[1, -1, -1]", "[-2, -1, -1]"),
      inTree(
          "left_children[0]: child -2 is out of range, the tree has 3 nodes"));
}

TEST(BrokenFile, CyclesAndSecondParents) {
  EXPECT_EQ(after("[1, -1, -1]", "[0, -1, -1]"),
            inTree("left_children[0]: the root cannot be a child"));
  EXPECT_EQ(after("[2, -1, -1]", "[1, -1, -1]"),
            inTree("right_children[0]: node 1 has a parent already"));
  EXPECT_EQ(after("[1, -1, 3, -1, -1]", "[1, -1, 2, -1, -1]"),
            inCategoryTree("left_children[2]: node 2 has a parent already"));
}

TEST(BrokenFile, NodesOutsideTheTree) {
  EXPECT_EQ(after("[1, -1, -1]", "[-1, -1, -1]"),
            inTree("tree_param.num_deleted: 2 nodes cannot be reached from the "
                   "root, 0 are said to "
                   "be deleted"));
}

TEST(BrokenFile, ArraysOfDifferentLength) {
  EXPECT_EQ(after("[1, -1, -1]", "[1, -1]"),
            inTree("left_children: 2 entries, but the tree has 3 nodes"));
  EXPECT_EQ(after("[0.5, -1.5, 2.5]", "[0.5]"),
            inTree("split_conditions: 1 entries, but the tree has 3 nodes"));
  EXPECT_EQ(after("\"split_type\": [0, 0, 0]", "\"split_type\": []"),
            inTree("split_type: 0 entries, but the tree has 3 nodes"));
  EXPECT_EQ(
      after("\"num_nodes\": \"3\"", "\"num_nodes\": \"2147483647\""),
      inTree("left_children: 3 entries, but the tree has 2147483647 nodes"));
  EXPECT_EQ(after("\"num_nodes\": \"3\"", "\"num_nodes\": \"0\""),
            inTree("tree_param.num_nodes: a tree has one node at least"));
}

TEST(BrokenFile, FeatureOutOfRange) {
  EXPECT_EQ(
      after("\"split_indices\": [1, 0, 0]", "\"split_indices\": [2, 0, 0]"),
      inTree("split_indices[0]: feature 2 is out of range, num_feature is 2"));
  EXPECT_EQ(
      after("\"split_indices\": [1, 0, 0]", "\"split_indices\": [-1, 0, 0]"),
      inTree("split_indices[0]: feature -1 is out of range"));
}

TEST(BrokenFile, FlagsThatAreNeitherZeroNorOne) {
  EXPECT_EQ(after("\"default_left\": [1, 0, 0]", "\"default_left\": [2, 0, 0]"),
            inTree("default_left[0]: expected 0 or 1, found 2"));
  EXPECT_EQ(after("\"split_type\": [0, 0, 0]", "\"split_type\": [7, 0, 0]"),
            inTree("split_type[0]: expected 0 or 1, found 7"));
}

TEST(BrokenFile, ThresholdThatIsNotANumber) {
  std::string bytes = replaced(toUbjson(smallModel()),
                               llvm::StringRef("\x3f\x00\x00\x00\xbf", 5),
                               llvm::StringRef("\x7f\xc0\x00\x00\xbf", 5));
  EXPECT_EQ(ubjsonMessage(bytes),
            inTree("split_conditions[0]: the threshold is not a number"));
}

TEST(BrokenFile, WrongTypes) {
  EXPECT_EQ(after("[1, -1, -1]", "[1, \"x\", -1]"),
            inTree("left_children[1]: expected an integer of 32 bits"));
  EXPECT_EQ(after("[1, -1, -1]", "[1.5, -1, -1]"),
            inTree("left_children[0]: expected an integer of 32 bits"));
  EXPECT_EQ(after("[1, -1, -1]", "[4294967296, -1, -1]"),
            inTree("left_children[0]: expected an integer of 32 bits"));
  EXPECT_EQ(after("[0.5, -1.5, 2.5]", "[0.5, null, 2.5]"),
            inTree("split_conditions[1]: expected a number"));
  EXPECT_EQ(after("\"num_nodes\": \"3\"", "\"num_nodes\": 3"),
            inTree("tree_param.num_nodes: expected a string"));
  EXPECT_EQ(after("\"num_nodes\": \"3\"", "\"num_nodes\": \"-3\""),
            inTree("tree_param.num_nodes: expected a whole number from 0 to "
                   "2147483647 in a string, "
                   "found \"-3\""));
  EXPECT_EQ(after("\"tree_info\": [0, 0]", "\"tree_info\": {}"),
            "m: learner.gradient_booster.model.tree_info: expected an array");
  EXPECT_EQ(after("\"objective\": {\"name\": \"reg:squarederror\"}",
                  "\"objective\": \"x\""),
            "m: learner.objective: expected an object");
  EXPECT_EQ(after("[\"a\", \"b\"]", "[\"a\", {}]"),
            "m: learner.feature_names[1]: expected a string");
}

TEST(BrokenFile, MissingMembers) {
  EXPECT_EQ(after("\"left_children\"", "\"left\""),
            "m: learner.gradient_booster.model.trees[0]: member "
            "\"left_children\" is missing");
  EXPECT_EQ(after("\"split_indices\"", "\"split\""),
            "m: learner.gradient_booster.model.trees[0]: member "
            "\"split_indices\" is missing");
  EXPECT_EQ(after("\"gradient_booster\"", "\"x\""),
            "m: learner: member \"gradient_booster\" is missing");
  EXPECT_EQ(
      after("\"tree_info\"", "\"x\""),
      "m: learner.gradient_booster.model: member \"tree_info\" is missing");
  EXPECT_EQ(after("\"trees\"", "\"x\""),
            "m: learner.gradient_booster.model: member \"trees\" is missing");
  EXPECT_EQ(after("\"base_score\"", "\"x\""),
            "m: learner.learner_model_param: member \"base_score\" is missing");
  EXPECT_EQ(
      after("\"num_feature\"", "\"x\""),
      "m: learner.learner_model_param: member \"num_feature\" is missing");
  EXPECT_EQ(after("\"objective\"", "\"x\""),
            "m: learner: member \"objective\" is missing");
  EXPECT_EQ(messageOf("{\"learner\": {}}"),
            "m: learner: member \"gradient_booster\" is missing");
}

TEST(BrokenFile, CountsThatDisagree) {
  EXPECT_EQ(after("\"num_trees\": \"2\"", "\"num_trees\": \"3\""),
            "m: learner.gradient_booster.model.gbtree_model_param.num_trees: "
            "found 3, the model has 2 trees");
  EXPECT_EQ(after("\"tree_info\": [0, 0]", "\"tree_info\": [0]"),
            "m: learner.gradient_booster.model.tree_info: 1 entries, the model "
            "has 2 trees");
  EXPECT_EQ(after("\"tree_info\": [0, 0]", "\"tree_info\": [0, 1]"),
            "m: learner.gradient_booster.model.tree_info[1]: output 1 is out "
            "of range, the model has 1");
  EXPECT_EQ(after("[\"a\", \"b\"]", "[\"a\"]"),
            "m: learner.feature_names: 1 names, num_feature is 2");
  EXPECT_EQ(after("\"num_class\": \"0\"", "\"num_class\": \"2147483647\""),
            "m: learner.learner_model_param.num_class: expected a whole number "
            "from 0 to 65536 in a "
            "string, found \"2147483647\"");
}

TEST(BrokenFile, BoostersAndObjectivesByName) {
  EXPECT_EQ(after("\"gbtree\"", "\"gblinear\""),
            "m: learner.gradient_booster.name: booster \"gblinear\" is not "
            "supported, expected gbtree or dart");
  EXPECT_EQ(after("\"gbtree\"", "\"dart\""),
            "m: learner.gradient_booster: member \"weight_drop\" is missing");
  EXPECT_EQ(
      after("reg:squarederror", "reg:nonsense"),
      "m: learner.objective.name: objective \"reg:nonsense\" is not known");
}

TEST(BrokenFile, BaseScores) {
  const char *const where = "m: learner.learner_model_param.base_score: ";
  auto message = [](llvm::StringRef score) {
    return after("[1.25E-1]", score);
  };
  EXPECT_EQ(message("x"),
            std::string(where) + "expected a finite number, found \"x\"");
  EXPECT_EQ(message(""),
            std::string(where) + "expected a finite number, found \"\"");
  EXPECT_EQ(message("nan"),
            std::string(where) + "expected a finite number, found \"nan\"");
  EXPECT_EQ(message("[1E99]"),
            std::string(where) + "expected a finite number, found \"1E99\"");
  EXPECT_EQ(message("[0.5"),
            std::string(where) + "the closing bracket is missing");
  EXPECT_EQ(message("[1,2]"),
            std::string(where) + "2 numbers, the model has 1 outputs");
  EXPECT_EQ(messageOf(replaced(replaced(smallModel(), "[1.25E-1]", "1"),
                               "reg:squarederror", "binary:logistic")),
            std::string(where) + "1 is outside the range of binary:logistic");
}

TEST(BrokenFile, Categories) {
  EXPECT_EQ(after("[7, 2, 40]", "[7, 2, 16777217]"),
            inCategoryTree("categories[2]: category 16777217 is out of range"));
  EXPECT_EQ(after("[7, 2, 40]", "[7, -1, 40]"),
            inCategoryTree("categories[1]: category -1 is out of range"));
  EXPECT_EQ(after("[7, 2, 40]", "[7, 2, 40, 41]"),
            inCategoryTree("categories: 4 entries, the sets hold 3"));
  EXPECT_EQ(
      after("\"categories_nodes\": [0]", "\"categories_nodes\": [5]"),
      inCategoryTree(
          "categories_nodes[0]: node 5 is out of range, the tree has 5 nodes"));
  EXPECT_EQ(
      after("\"categories_nodes\": [0]", "\"categories_nodes\": [1]"),
      inCategoryTree(
          "categories_nodes: node 0 splits by categories, but has no set"));
  EXPECT_EQ(
      after("\"categories_segments\": [0]", "\"categories_segments\": [1]"),
      inCategoryTree("categories_segments[0]: found 1, the set begins at 0"));
  EXPECT_EQ(
      after("\"categories_sizes\": [3]", "\"categories_sizes\": [2147483647]"),
      inCategoryTree("categories_sizes[0]: size 2147483647 is out of range, 3 "
                     "categories are left"));
  EXPECT_EQ(
      after("\"categories_sizes\": [3]", "\"categories_sizes\": [3, 1]"),
      inCategoryTree("categories_sizes: 2 entries, categories_nodes has 1"));
}

TEST(BrokenFile, DuplicatedMembers) {
  EXPECT_THAT(llvm::toString(
                  parseForestJson(
                      replaced(smallModel(), "\"version\"", "\"learner\""), "m")
                      .takeError()),
              HasSubstr("member \"learner\" appears twice in one object"));
  EXPECT_THAT(ubjsonMessage("{" + length(1) + "aZ" + length(1) + "aZ}"),
              HasSubstr("m: member \"a\" appears twice"));
}

TEST(BrokenFile, UbjsonCountsBeyondTheFile) {
  std::string head = "{" + length(1) + "a";
  EXPECT_THAT(ubjsonMessage("{" + length(1ull << 31)),
              HasSubstr("length 2147483648, but 0 bytes are left"));
  EXPECT_THAT(ubjsonMessage("{" + length(~0ull)),
              HasSubstr("length -1, but 0 bytes are left"));
  EXPECT_THAT(ubjsonMessage(head + "[$d#" + length(3) + "xxxxxxxx"),
              HasSubstr("m: a: 3 elements, but 8 bytes are left"));
  EXPECT_THAT(ubjsonMessage(head + "[#" + length(1ull << 31) + "TTT"),
              HasSubstr("m: a: length 2147483648, but 3 bytes are left"));
  EXPECT_THAT(ubjsonMessage(head + "[$Z#" + length(1) + "}"),
              HasSubstr("m: a: arrays of one type hold numbers only"));
  EXPECT_THAT(ubjsonMessage(head + "[$d}"),
              HasSubstr("m: a: expected the number of elements"));
  EXPECT_THAT(ubjsonMessage(head + "?}"),
              HasSubstr("m: a: unknown type of value"));
}

TEST(BrokenFile, BytesBehindTheModel) {
  EXPECT_THAT(ubjsonMessage(toUbjson(smallModel()) + "x"),
              HasSubstr("m: 1 bytes follow the model"));
}

TEST(BrokenFile, DeepNesting) {
  EXPECT_THAT(
      llvm::toString(
          parseForest("{\"a\": " + std::string(1000000, '['), "m").takeError()),
      HasSubstr("nest deeper than"));
  EXPECT_THAT(ubjsonMessage("{" + length(1) + "a" + std::string(1000000, '[')),
              HasSubstr("nest deeper than"));
}

TEST(BrokenFile, NeitherFormat) {
  EXPECT_THAT(messageOf("[]"), HasSubstr("m: neither JSON nor UBJSON"));
  EXPECT_THAT(llvm::toString(parseForest("", "m").takeError()),
              HasSubstr("m: neither"));
}

TEST(BrokenFile, CutShortAnywhere) {
  std::string text = smallModel(), bytes = toUbjson(text);
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_TRUE(llvm::errorToBool(
        parseForest(llvm::StringRef(text).take_front(size), "m").takeError()))
        << size;
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_TRUE(llvm::errorToBool(
        parseForest(llvm::StringRef(bytes).take_front(size), "m").takeError()))
        << size;
}

TEST(BrokenFile, EveryByteReplaced) {
  for (std::string whole : {smallModel(), toUbjson(smallModel())})
    for (size_t at = 0; at < whole.size(); ++at)
      for (char byte : {'\x00', '\x01', '\x7f', '\x80', '\xff', '[', '{', '}',
                        '$', '#', 'L', '9'}) {
        std::string broken = whole;
        broken[at] = byte;
        llvm::consumeError(parseForest(broken, "m").takeError());
      }
}

} // namespace
