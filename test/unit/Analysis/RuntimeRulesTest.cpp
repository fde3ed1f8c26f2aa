// SPDX-License-Identifier: Apache-2.0
// Rules files: what is read, and what an error says about a broken one.

#include "gnomon/Analysis/RuntimeRules.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gnomon;
using testing::HasSubstr;

static std::string errorOf(llvm::StringRef text) {
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(text, "rules.json");
  if (!document)
    return llvm::toString(document.takeError());
  llvm::Expected<RuntimeRules> rules = parseRuntimeRules(document->root());
  return rules ? "" : llvm::toString(rules.takeError());
}

static std::string stage(llvm::StringRef contents) {
  return (R"({"schema": 1, "name": "n", "version": "v", "stages": [{)" +
          contents + "}]}")
      .str();
}

TEST(RuntimeRules, ReadsTheShippedFile) {
  llvm::Expected<JsonDocument> document = JsonDocument::load(
      GNOMON_SOURCE_DIR "/data/runtimes/onnxruntime-cpu.json");
  ASSERT_TRUE(bool(document)) << llvm::toString(document.takeError());
  llvm::Expected<RuntimeRules> rules = parseRuntimeRules(document->root());
  ASSERT_TRUE(bool(rules)) << llvm::toString(rules.takeError());
  EXPECT_EQ(rules->blocks->sizes.lookup("512"), 16);
  EXPECT_FALSE(rules->stages.empty());
}

TEST(RuntimeRules, NamesTheFieldOfAnError) {
  EXPECT_THAT(errorOf(R"({"schema": 2})"), HasSubstr("schema"));
  EXPECT_THAT(errorOf(R"({"schema": 1, "name": 3})"),
              HasSubstr("name: expected a string"));
  EXPECT_THAT(errorOf(stage(R"("patterns": {})")),
              HasSubstr("stages[0].patterns"));
  EXPECT_THAT(errorOf(stage(R"("fusions": [])")), HasSubstr("unknown field"));
  EXPECT_THAT(
      errorOf(stage(
          R"("chains": [{"producer": ["Conv"], "consumer": ["Relu"], "slot": "s", "other": "x"}])")),
      HasSubstr("stages[0].chains[0]"));
  EXPECT_THAT(
      errorOf(stage(
          R"("chains": [{"producer": ["Conv"], "consumer": ["Add"], "slot": "s", "other": "any", "before": "Relu"}])")),
      HasSubstr("stages[0].chains[0].before"));
}

TEST(RuntimeRules, RefusesBrokenTransposes) {
  auto transposes = [](llvm::StringRef contents) {
    return errorOf(stage(("\"transposes\": {" + contents + "}").str()));
  };
  EXPECT_EQ(transposes(R"("op": "T", "unsqueeze": "U",
                          "through": {"same": ["Relu"]})"),
            "");
  EXPECT_THAT(transposes(R"("op": "T")"), HasSubstr("unsqueeze"));
  EXPECT_THAT(transposes(R"("op": "T", "unsqueeze": "U",
                            "through": {"odd": ["Relu"]})"),
              HasSubstr("transposes.through.odd: unknown way"));
  EXPECT_THAT(transposes(R"("op": "T", "unsqueeze": "U",
                            "through": {"same": "Relu"})"),
              HasSubstr("transposes.through.same"));
}

TEST(RuntimeRules, RefusesBrokenPatterns) {
  auto pattern = [](llvm::StringRef text, llvm::StringRef input) {
    return errorOf(
        stage((R"("patterns": [{"name": "p", "op": "P", "inputs": [")" + input +
               R"("], "match": [")" + text + R"("]}])")
                  .str()));
  };
  EXPECT_EQ(pattern("Mul(?x, Sigmoid(?x))", "x"), "");
  EXPECT_THAT(pattern("Mul(?x, Sigmoid(?x)", "x"),
              HasSubstr("expected ',' or ')'"));
  EXPECT_THAT(pattern("Mul(?x, )", "x"), HasSubstr("expected an operation"));
  EXPECT_THAT(pattern("?x", "x"), HasSubstr("operation at the root"));
  EXPECT_THAT(pattern("Relu(?x)", "y"), HasSubstr("is no variable"));
  EXPECT_THAT(pattern("Relu[odd](?x)", "x"), HasSubstr("known predicate"));
  std::string deep;
  for (int i = 0; i < 1000; ++i)
    deep += "Neg(";
  EXPECT_THAT(pattern(deep, "x"), HasSubstr("fewer nested"));
}
