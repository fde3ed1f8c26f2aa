// SPDX-License-Identifier: Apache-2.0
// Accuracy as a function of NN-Degree: the formula and its file.

#include "gnomon/Accuracy/DegreeModel.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace gnomon;

namespace {

llvm::Expected<DegreeModel> parse(llvm::StringRef numbers) {
  std::string text =
      R"({"schema": 1, "kind": "nn-degree", "name": "m", "space": "s",
          "metric": "accuracy", "unit": "fraction", "sense": "maximize", )" +
      numbers.str() + "}";
  auto document = JsonDocument::parse(text, "model.json");
  if (!document)
    return document.takeError();
  return parseDegreeModel(document->root());
}

TEST(DegreeModel, AnswersItsFormulaAndItsTangent) {
  DegreeModel model = llvm::cantFail(parse(R"("a": 1.25, "b": 200, "c": -3)"));
  EXPECT_DOUBLE_EQ(model.at(100), 1 / (1.25 + std::exp(-1)));
  EXPECT_LT(model.at(1), 1e-60);
  model.least = 100;
  EXPECT_DOUBLE_EQ(model.at(150), 1 / (1.25 + std::exp(200.0 / 150 - 3)));
  double slope = (model.at(100 + 1e-4) - model.at(100)) / 1e-4;
  EXPECT_NEAR(model.at(90), model.at(100) - 10 * slope, 1e-7);
}

TEST(DegreeModel, SaysWhatIsWrongWithItsFile) {
  auto problem = [](llvm::StringRef numbers) {
    return llvm::toString(parse(numbers).takeError());
  };
  EXPECT_NE(problem(R"("a": 1, "b": 2)").find("c"), std::string::npos);
  EXPECT_NE(
      problem(R"("a": -1, "b": 2, "c": 3)").find("not negative, found -1"),
      std::string::npos);
  EXPECT_NE(problem(R"("a": 1, "b": 2, "c": 3, "least_degree": -2)")
                .find("least_degree"),
            std::string::npos);
}

} // namespace
