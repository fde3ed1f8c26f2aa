// SPDX-License-Identifier: Apache-2.0
// JSON field access: values, and messages that name file and path.
#include "gnomon/Support/Json.h"

#include "gmock/gmock.h"

using namespace gnomon;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

JsonDocument parse(llvm::StringRef text) {
  return llvm::cantFail(JsonDocument::parse(text, "test.json"));
}

template <typename T>
std::string messageOf(llvm::Expected<T> result) {
  return result ? "no error" : llvm::toString(result.takeError());
}

TEST(Json, ReadsValuesOfEveryKind) {
  JsonDocument document = parse(
      R"({"a": {"b": 1.5, "n": 7, "t": true, "s": "x"}, "l": [1, 2], "k": ["p", "q"]})");
  JsonView a = llvm::cantFail(document.root().field("a"));
  EXPECT_EQ(llvm::cantFail(llvm::cantFail(a.field("b")).number()), 1.5);
  EXPECT_EQ(llvm::cantFail(llvm::cantFail(a.field("n")).integer(0, 7)), 7);
  EXPECT_TRUE(llvm::cantFail(a.booleanOr("t", false)));
  EXPECT_EQ(llvm::cantFail(a.stringOr("s", "y")), "x");
  EXPECT_EQ(llvm::cantFail(a.stringOr("missing", "y")), "y");
  EXPECT_THAT(
      llvm::cantFail(llvm::cantFail(document.root().field("l")).numbers()),
      ElementsAre(1.0, 2.0));
  EXPECT_THAT(
      llvm::cantFail(llvm::cantFail(document.root().field("k")).strings()),
      ElementsAre("p", "q"));
}

TEST(Json, MembersAreSorted) {
  JsonDocument document = parse(R"({"b": 1, "a": 2})");
  auto members = llvm::cantFail(document.root().members());
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0].first, "a");
  EXPECT_EQ(members[1].first, "b");
}

TEST(Json, ErrorsNameFileAndPath) {
  JsonDocument document =
      parse(R"({"a": {"b": [1, "x"], "n": null, "big": 9}})");
  JsonView a = llvm::cantFail(document.root().field("a"));
  EXPECT_EQ(messageOf(a.field("c")), "test.json: a: member \"c\" is missing");
  EXPECT_EQ(messageOf(a.field("n")), "test.json: a: member \"n\" is missing");
  JsonView b = llvm::cantFail(a.field("b"));
  EXPECT_EQ(messageOf(b.number()),
            "test.json: a.b: expected a number, found an array");
  EXPECT_EQ(messageOf(b.numbers()),
            "test.json: a.b[1]: expected a number, found a string");
  EXPECT_EQ(messageOf(llvm::cantFail(a.field("big")).integer(0, 8)),
            "test.json: a.big: expected a whole number from 0 to 8, found 9");
  EXPECT_EQ(messageOf(b.field("x")),
            "test.json: a.b: expected an object, found an array");
}

TEST(Json, BrokenTextNamesFileLineAndColumn) {
  EXPECT_THAT(messageOf(JsonDocument::parse("{\"a\": \n ?}", "f.json")),
              HasSubstr("f.json: [2:"));
  EXPECT_THAT(messageOf(JsonDocument::parse("", "f.json")),
              HasSubstr("f.json: "));
  EXPECT_EQ(messageOf(JsonDocument::parse("{\"a\": 1,\n \"a\": 2}", "f.json")),
            "f.json:2:3: member \"a\" appears twice in one object");
}

TEST(Json, SameNameInSiblingsAndStringsIsNoDuplicate) {
  EXPECT_EQ(
      messageOf(JsonDocument::parse(
          R"([{"a": "a"}, {"a": {"a": ["a", "a"]}, "b\"": "a"}])", "f.json")),
      "no error");
}

TEST(Json, DeepNestingIsRefusedBeforeParsing) {
  std::string deep(1000000, '[');
  EXPECT_THAT(
      messageOf(JsonDocument::parse(deep, "f.json")),
      HasSubstr("f.json:1:257: objects and arrays nest deeper than 256"));
}

TEST(Json, MissingFileIsNamed) {
  EXPECT_THAT(messageOf(JsonDocument::load("/nowhere/f.json")),
              HasSubstr("/nowhere/f.json: "));
}

} // namespace
