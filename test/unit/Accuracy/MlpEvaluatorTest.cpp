// SPDX-License-Identifier: Apache-2.0
// Networks as judges of assignments.
#include "gnomon/Accuracy/MlpEvaluator.h"
#include "SmallProblem.h"

#include "gmock/gmock.h"

using namespace gnomon;
using testing::ElementsAre;

namespace {

/// Says x0 + 2 x1 + 4 x2 + 8 x3.
const std::string good = R"({"schema": 1, "kind": "mlp", "name": "m",
  "space": "small", "metric": "accuracy", "unit": "fraction", "sense": "maximize",
  "inputs": 4, "encoding": {
    "resolution": {"128": [[0, 0.5]], "160": [[0, 0.75]]},
    "last": {"a": [[1, 1]], "b": [[2, 1]], "c": [[2, 1], [3, 1]]}},
  "network": {"layers": [{"inputs": 4, "outputs": 1, "weights": [1, 2, 4, 8]}]}})";

llvm::Expected<MlpFile> parse(llvm::StringRef text) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, "m.json");
  if (!document)
    return document.takeError();
  return parseMlpFile(document->root(), "m.json");
}

/// What is said about the good text with one piece of it replaced.
std::string refusal(llvm::StringRef from, llvm::StringRef to) {
  std::string text = good;
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  auto file = parse(text.replace(at, from.size(), to.str()));
  if (!file)
    return llvm::toString(file.takeError());
  search::Problem problem = smallProblem();
  auto encoder = ProblemEncoder::create(file->encoding, problem, file->source);
  if (!encoder)
    return llvm::toString(encoder.takeError());
  auto evaluator = MlpEvaluator::create(file->network, *encoder,
                                        file->metric.sense, file->source);
  return evaluator ? "taken" : llvm::toString(evaluator.takeError());
}

TEST(MlpEvaluator, AnswersBatchesOfAssignments) {
  search::Problem problem = smallProblem();
  MlpFile file = llvm::cantFail(parse(good));
  EXPECT_EQ(file.metric.sense, search::Sense::Maximize);
  auto encoder = llvm::cantFail(
      ProblemEncoder::create(file.encoding, problem, file.source));
  MlpEvaluator evaluator = llvm::cantFail(MlpEvaluator::create(
      file.network, encoder, file.metric.sense, file.source));
  std::vector<search::Assignment> batch = {{0, 0, 0}, {1, 1, 0}, {0, 1, 2}};
  EXPECT_THAT(evaluator.evaluate(batch), ElementsAre(0.5, 2.75, 12.5));
  std::vector<search::Assignment> many(1000, batch[2]);
  EXPECT_THAT(evaluator.evaluate(many), testing::Each(12.5));
  MlpEvaluator less = llvm::cantFail(MlpEvaluator::create(
      file.network, encoder, search::Sense::Minimize, file.source));
  EXPECT_THAT(less.evaluate(batch), ElementsAre(-0.5, -2.75, -12.5));
}

TEST(MlpEvaluator, RefusesWhatDoesNotFit) {
  EXPECT_EQ(
      refusal("\"inputs\": 4, \"encoding\"", "\"inputs\": 5, \"encoding\""),
      "m.json: the network takes 4 inputs, the encoding gives 5");
  EXPECT_EQ(
      refusal("\"inputs\": 4, \"outputs\": 1", "\"inputs\": 2, \"outputs\": 2"),
      "m.json: the network takes 2 inputs, the encoding gives 4");
  EXPECT_EQ(refusal("\"outputs\": 1, \"weights\": [1, 2, 4, 8]",
                    "\"outputs\": 2, \"weights\": [1, 2, 4, 8, 1, 2, 4, 8]"),
            "m.json: expected a network with 1 output, found 2");
  EXPECT_EQ(refusal("\"mlp\"", "\"additive\""),
            "m.json: kind: expected \"mlp\", found \"additive\"");
  EXPECT_EQ(refusal("[1, 2, 4, 8]", "[1]"),
            "m.json: network.layers[0].weights: expected 4 numbers, found 1");
}

} // namespace
