// SPDX-License-Identifier: Apache-2.0
// Networks read from JSON, and how broken ones are refused.
#include "gnomon/Mlp/Load.h"

#include "gmock/gmock.h"

using namespace gnomon;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string good = R"({"layers": [
    {"inputs": 2, "outputs": 2, "weights": [1, -1, 0, 1], "bias": [0, 1], "relu": true},
    {"inputs": 2, "outputs": 1, "weights": "AABAQAAAgL8="}
  ], "constant": 0.25})";

llvm::Expected<Mlp> parse(llvm::StringRef text) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, "m.json");
  if (!document)
    return document.takeError();
  return parseMlp(document->root());
}

/// What is said about the good text with one piece of it replaced.
std::string refusal(llvm::StringRef from, llvm::StringRef to) {
  std::string text = good;
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  llvm::Expected<Mlp> mlp = parse(text.replace(at, from.size(), to.str()));
  return mlp ? "taken" : llvm::toString(mlp.takeError());
}

TEST(MlpLoad, ReadsNumbersAndBase64) {
  Mlp mlp = llvm::cantFail(parse(good));
  std::vector<float> answers(3);
  mlp.forward({0, 0, 2, 1, -1, -5}, answers);
  EXPECT_THAT(answers, ElementsAre(-0.75f, 1.25f, 12.25f));
}

TEST(MlpLoad, RefusesBrokenNumbers) {
  EXPECT_EQ(refusal("[1, -1, 0, 1]", "[1, -1, 0]"),
            "m.json: layers[0].weights: expected 4 numbers, found 3");
  EXPECT_EQ(refusal("[0, 1]", "\"AAAA\""),
            "m.json: layers[0].bias: expected base64 of numbers of 4 bytes, "
            "found 3 bytes");
  EXPECT_THAT(refusal("AABAQ", "AAB?Q"),
              HasSubstr("m.json: layers[1].weights: not base64"));
  EXPECT_EQ(refusal("AABAQAAAgL8=", "AAAA"),
            "m.json: layers[1].weights: expected base64 of numbers of 4 "
            "bytes, found 3 bytes");
  EXPECT_EQ(refusal("AABAQAAAgL8=", "AADAfwAAgL8="),
            "m.json: layers[1]: has a weight or bias that is not a finite "
            "number of single precision");
  EXPECT_THAT(refusal("[1, -1, 0, 1]", "[1, -1, 0, \"x\"]"),
              HasSubstr("m.json: layers[0].weights[3]: expected a number"));
  EXPECT_THAT(refusal("[1, -1, 0, 1]", "[1, -1, 0, 1e300]"),
              HasSubstr("layers[0]: has a weight or bias that is not"));
}

TEST(MlpLoad, RefusesWrongMembers) {
  EXPECT_EQ(refusal("layers", "layer"), "m.json: member \"layers\" is missing");
  EXPECT_THAT(refusal("true", "1"),
              HasSubstr("layers[0].relu: expected true or false"));
  EXPECT_THAT(refusal("\"outputs\": 2", "\"outputs\": 4000000000"),
              HasSubstr("m.json: layers[0].outputs: "));
  EXPECT_THAT(refusal("\"outputs\": 2", "\"outputs\": 60000"),
              HasSubstr("weights: expected 120000 numbers, found 4"));
  EXPECT_THAT(refusal("0.25", "\"0.25\""), HasSubstr("m.json: constant: "));
  EXPECT_THAT(
      refusal("\"inputs\": 2, \"outputs\": 1", "\"inputs\": 1, \"outputs\": 2"),
      HasSubstr("m.json: layers[1]: takes 1 inputs, the layer before gives 2"));
}

} // namespace
