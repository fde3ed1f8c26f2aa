// SPDX-License-Identifier: Apache-2.0
// Tables of values: what a search makes of them, and how broken ones are
// refused.
#include "gnomon/Accuracy/ValueTables.h"
#include "SmallProblem.h"

#include "gmock/gmock.h"

using namespace gnomon;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string good = R"({"schema": 1, "kind": "additive", "name": "t",
  "space": "small", "metric": "accuracy", "unit": "fraction", "sense": "maximize",
  "tables": [
    {"decisions": [], "values": 0.5},
    {"decisions": ["resolution"], "values": {"128": 0, "160": 0.01, "192": 0.015}},
    {"decisions": ["last"], "values": {"a": 0.001, "b": 0.002, "c": 0.003}},
    {"decisions": ["last", "resolution"], "values": {
      "a": {"128": 0, "160": 0}, "b": {"128": 0, "160": 1e-9},
      "c": {"128": 0, "160": 2e-9}}}
  ]})";

llvm::Expected<ValueTables> parse(llvm::StringRef text) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, "t.json");
  if (!document)
    return document.takeError();
  return parseValueTables(document->root(), "t.json");
}

/// What is said about the good text with one piece of it replaced.
std::string refusal(llvm::StringRef from, llvm::StringRef to) {
  std::string text = good;
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  llvm::Expected<ValueTables> tables =
      parse(text.replace(at, from.size(), to.str()));
  if (!tables)
    return llvm::toString(tables.takeError());
  auto terms = valueTerms(*tables, smallProblem());
  return terms ? "taken" : llvm::toString(terms.takeError());
}

search::Problem withAccuracy() {
  search::Problem problem = smallProblem();
  ValueTables tables = llvm::cantFail(parse(good));
  auto terms = llvm::cantFail(valueTerms(tables, problem));
  addMetric(problem, tables.metric, std::move(terms));
  return problem;
}

TEST(ValueTables, BecomeAMetricOfASearch) {
  search::Problem problem = withAccuracy();
  EXPECT_EQ(llvm::toString(problem.check()), "");
  EXPECT_EQ(problem.metrics[1].name, "accuracy");
  EXPECT_EQ(problem.metrics[1].sense, search::Sense::Maximize);
  EXPECT_THAT(search::evaluate(problem, {0, 0, 0}), ElementsAre(20, 500000000));
  EXPECT_THAT(search::evaluate(problem, {1, 0, 0}), ElementsAre(20, 510000000));
  EXPECT_THAT(search::evaluate(problem, {0, 1, 0}), ElementsAre(20, 501000000));
  EXPECT_THAT(search::evaluate(problem, {1, 1, 2}), ElementsAre(20, 513000002));
}

TEST(ValueTables, TablesOverTheSameDecisionsBecomeOne) {
  // The constant, the resolutions, (depth, last), (resolution, depth, last).
  EXPECT_EQ(withAccuracy().terms.size(), 4u);
}

TEST(ValueTables, CanBeTheOnlyMetric) {
  search::Problem problem = smallProblem();
  problem.metrics.clear();
  problem.terms.clear();
  ValueTables tables = llvm::cantFail(parse(good));
  auto terms = llvm::cantFail(valueTerms(tables, problem));
  addMetric(problem, tables.metric, std::move(terms));
  EXPECT_EQ(llvm::toString(problem.check()), "");
  EXPECT_THAT(search::evaluate(problem, {1, 1, 2}), ElementsAre(513000002));
}

TEST(ValueTables, RefuseWhatTheSearchLacks) {
  EXPECT_EQ(refusal("[\"last\"]", "[\"lost\"]"),
            "t.json: tables[2].values: the search 'small' has no decision "
            "'lost'");
  EXPECT_EQ(refusal("\"160\": 0.01", "\"168\": 0.01"),
            "t.json: tables[1].values: no value for resolution=160");
  EXPECT_EQ(
      refusal("\"b\": {\"128\": 0, \"160\": 1e-9}", "\"b\": {\"128\": 0}"),
      "t.json: tables[3].values: no value for last=b, resolution=160");
}

TEST(ValueTables, RefuseBrokenMembers) {
  EXPECT_EQ(refusal("additive", "mlp"),
            "t.json: kind: expected \"additive\", found \"mlp\"");
  EXPECT_EQ(refusal("maximize", "up"),
            "t.json: sense: expected \"maximize\" or \"minimize\", found "
            "\"up\"");
  EXPECT_EQ(refusal("0.01,", "\"x\","),
            "t.json: tables[1].values.160: expected a number, found a string");
  EXPECT_EQ(refusal("0.01,", "1e7,"),
            "t.json: tables[1].values.160: expected a number from -1e6 to 1e6");
  EXPECT_EQ(refusal("\"a\": {\"128\": 0, \"160\": 0}", "\"a\": {}"),
            "t.json: tables[3].values.a: expected a value for each option of "
            "'resolution', found none");
  EXPECT_EQ(refusal("[\"last\", \"resolution\"]", "[\"last\", \"last\"]"),
            "t.json: tables[3].decisions: names 'last' twice");
  EXPECT_EQ(
      refusal("[\"last\", \"resolution\"]", R"(["a", "b", "c", "d", "e"])"),
      "t.json: tables[3].decisions: expected at most 4 decisions, found "
      "5");
  EXPECT_THAT(refusal("\"tables\"", "\"table\""),
              HasSubstr("t.json: member \"tables\" is missing"));
}

} // namespace
