// SPDX-License-Identifier: Apache-2.0
// Hand-made models for the tests, in both formats.
#include "ModelText.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

#include "gtest/gtest.h"

using namespace llvm;

namespace gnomon {

std::string smallModel() {
  return R"({"learner": {
  "feature_names": ["a", "b"],
  "gradient_booster": {"name": "gbtree", "model": {
    "gbtree_model_param": {"num_trees": "2"},
    "tree_info": [0, 0],
    "trees": [
      {"tree_param": {"num_nodes": "3", "num_deleted": "0", "size_leaf_vector": "1"},
       "left_children": [1, -1, -1], "right_children": [2, -1, -1], "parents": [-1, 0, 0],
       "split_indices": [1, 0, 0], "split_conditions": [0.5, -1.5, 2.5],
       "default_left": [1, 0, 0], "split_type": [0, 0, 0],
       "categories": [], "categories_nodes": [], "categories_segments": [], "categories_sizes": []},
      {"tree_param": {"num_nodes": "5", "num_deleted": "0", "size_leaf_vector": "1"},
       "left_children": [1, -1, 3, -1, -1], "right_children": [2, -1, 4, -1, -1],
       "split_indices": [0, 0, 1, 0, 0], "split_conditions": [0.5, 10.5, 1.5, 20.5, 30.5],
       "default_left": [0, 0, 1, 0, 0], "split_type": [1, 0, 0, 0, 0],
       "categories": [7, 2, 40], "categories_nodes": [0], "categories_segments": [0],
       "categories_sizes": [3]}]}},
  "learner_model_param": {"base_score": "[1.25E-1]", "num_class": "0", "num_feature": "2",
                          "num_target": "1"},
  "objective": {"name": "reg:squarederror"}},
 "version": [3, 2, 0]})";
}

std::string replaced(std::string text, StringRef from, StringRef to) {
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  return at == std::string::npos ? text
                                 : text.replace(at, from.size(), to.str());
}

static void append(std::string &out, uint64_t value, unsigned size) {
  for (unsigned byte = size; byte-- > 0;)
    out += static_cast<char>(value >> (8 * byte));
}

static void appendText(std::string &out, StringRef text) {
  out += 'L';
  append(out, text.size(), 8);
  out += text;
}

static void appendValue(std::string &out, const json::Value &value);

static void appendArray(std::string &out, const json::Array &array) {
  bool integers =
      all_of(array, [](auto &v) { return v.getAsInteger().has_value(); });
  bool numbers =
      all_of(array, [](auto &v) { return v.getAsNumber().has_value(); });
  bool small = all_of(array, [](auto &v) {
    return v.getAsInteger() && *v.getAsInteger() == int32_t(*v.getAsInteger());
  });
  char type = integers ? (small ? 'l' : 'L') : 'd';
  out += '[';
  if (numbers)
    out += {'$', type};
  out += "#L";
  append(out, array.size(), 8);
  for (const json::Value &element : array) {
    if (!numbers)
      appendValue(out, element);
    else if (integers)
      append(out, *element.getAsInteger(), small ? 4 : 8);
    else
      append(out, llvm::bit_cast<uint32_t>(float(*element.getAsNumber())), 4);
  }
}

static void appendValue(std::string &out, const json::Value &value) {
  if (const json::Object *object = value.getAsObject()) {
    out += '{';
    for (const auto &[key, member] : *object) {
      appendText(out, StringRef(key));
      appendValue(out, member);
    }
    out += '}';
  } else if (const json::Array *array = value.getAsArray()) {
    appendArray(out, *array);
  } else if (auto text = value.getAsString()) {
    out += 'S';
    appendText(out, *text);
  } else if (auto truth = value.getAsBoolean()) {
    out += *truth ? 'T' : 'F';
  } else if (auto integer = value.getAsInteger()) {
    out += 'L';
    append(out, *integer, 8);
  } else if (auto number = value.getAsNumber()) {
    out += 'd';
    append(out, llvm::bit_cast<uint32_t>(float(*number)), 4);
  } else {
    out += 'Z';
  }
}

std::string toUbjson(StringRef text) {
  std::string out;
  appendValue(out, cantFail(json::parse(text)));
  return out;
}

static std::string messageOf(Expected<Forest> forest) {
  if (forest)
    return "no error";
  std::string message = llvm::toString(forest.takeError());
  return message.substr(0, message.find(" (at byte"));
}

std::string messageOf(StringRef text) {
  std::string fromText = messageOf(parseForest(text, "m"));
  EXPECT_EQ(messageOf(parseForest(toUbjson(text), "m")), fromText);
  return fromText;
}

} // namespace gnomon
