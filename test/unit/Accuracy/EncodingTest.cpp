// SPDX-License-Identifier: Apache-2.0
// Encodings by name and by assignment, and how broken ones are refused.
#include "gnomon/Accuracy/Encoding.h"
#include "SmallProblem.h"

#include "gmock/gmock.h"

using namespace gnomon;
using testing::ElementsAre;

namespace {

const std::string good = R"({"inputs": 4, "encoding": {
  "resolution": {"128": [[0, 0.5]], "160": [[0, 0.75]]},
  "last": {"a": [[1, 1]], "b": [[2, 1]], "c": [[2, 1], [3, 1]]}}})";

llvm::Expected<Encoding> parse(llvm::StringRef text) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, "e.json");
  if (!document)
    return document.takeError();
  return parseEncoding(document->root());
}

/// What is said about the good text with one piece of it replaced.
std::string refusal(llvm::StringRef from, llvm::StringRef to) {
  std::string text = good;
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  auto encoding = parse(text.replace(at, from.size(), to.str()));
  if (!encoding)
    return llvm::toString(encoding.takeError());
  auto encoder = ProblemEncoder::create(*encoding, smallProblem(), "e.json");
  return encoder ? "taken" : llvm::toString(encoder.takeError());
}

/// The inputs above 0.
std::vector<uint32_t> setInputs(const std::vector<float> &row) {
  std::vector<uint32_t> result;
  for (uint32_t input = 0; input < row.size(); ++input)
    if (row[input] > 0)
      result.push_back(input);
  return result;
}

TEST(Encoding, AddsWhatIsAsked) {
  search::Problem problem = smallProblem();
  auto encoder = llvm::cantFail(
      ProblemEncoder::create(llvm::cantFail(parse(good)), problem, "e"));
  auto encode = [&](search::Assignment assignment) {
    std::vector<float> row(4);
    encoder.encode(assignment, row);
    return row;
  };
  EXPECT_THAT(encode({0, 0, 0}), ElementsAre(0.5f, 0, 0, 0));
  EXPECT_THAT(encode({1, 1, 0}), ElementsAre(0.75f, 1, 0, 0));
  EXPECT_THAT(encode({0, 1, 2}), ElementsAre(0.5f, 0, 1, 1));
}

TEST(Encoding, OfNamesIsThatOfAssignments) {
  Encoding encoding = llvm::cantFail(parse(good));
  EXPECT_THAT(llvm::cantFail(encoding.encode(
                  {{"resolution", "128"}, {"depth", "d2"}, {"last", "c"}})),
              ElementsAre(0.5f, 0, 1, 1));
  EXPECT_EQ(llvm::toString(encoding.encode({{"last", "z"}}).takeError()),
            "the encoding has no option 'z' of decision 'last'");
}

TEST(Encoding, RefusesBrokenMembers) {
  EXPECT_EQ(refusal("[1, 1]", "[4, 1]"),
            "e.json: encoding.last.a[0]: expected [input, value] with an "
            "input from 0 to 3 and a finite value");
  EXPECT_EQ(refusal("[1, 1]", "[0.5, 1]"),
            "e.json: encoding.last.a[0]: expected [input, value] with an "
            "input from 0 to 3 and a finite value");
  EXPECT_EQ(refusal("[[1, 1]]", "1"),
            "e.json: encoding.last.a: expected an array, found a number");
  EXPECT_EQ(refusal("last", "lost"),
            "e.json: encoding: the search 'small' has no decision 'lost'");
  EXPECT_EQ(refusal("\"160\"", "\"161\""),
            "e.json: encoding.resolution: option '160' of the search 'small' "
            "is missing");
}

TEST(Encoding, OfaCodesKernelsRatiosAndResolution) {
  Encoding encoding = ofaMobileNetV3Encoding();
  EXPECT_EQ(encoding.inputs, 128u);
  // Block 0: k5 is input 1, e6 input 62; block 19: k7 is 59, e3 is 117.
  EXPECT_THAT(
      setInputs(llvm::cantFail(encoding.encode({{"resolution", "188"},
                                                {"stage1_block0", "k5e6"},
                                                {"stage5_block3", "k7e3"},
                                                {"stage5_depth", "d4"}}))),
      ElementsAre(1, 59, 62, 117, 124));
  EXPECT_THAT(
      setInputs(llvm::cantFail(encoding.encode({{"resolution", "224"}}))),
      ElementsAre(127));
}

TEST(Encoding, HelpHasAnInputForEachResolution) {
  Encoding encoding = helpMobileNetV3Encoding();
  EXPECT_EQ(encoding.inputs, 145u);
  EXPECT_THAT(setInputs(llvm::cantFail(encoding.encode(
                  {{"resolution", "132"}, {"stage1_block1", "k3e4"}}))),
              ElementsAre(3, 64, 121));
}

} // namespace
