// SPDX-License-Identifier: Apache-2.0
// Accuracy as a function of NN-Degree.
#include "gnomon/Accuracy/DegreeModel.h"
#include "ModelHeader.h"
#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

namespace gnomon {

double DegreeModel::at(double degree) const {
  const double inside = std::max(degree, least);
  const double power = std::exp(std::min(b / inside + c, 300.0));
  const double value = 1 / (a + power);
  const double slope = power * b / (inside * inside) * value * value;
  return value + slope * (degree - inside);
}

llvm::Expected<DegreeModel> parseDegreeModel(const JsonView &json) {
  llvm::Expected<ModelHeader> header = readModelHeader(json, "nn-degree");
  if (!header)
    return header.takeError();
  llvm::Error problem = llvm::Error::success();
  JsonFields fields(json, problem);
  DegreeModel model{std::move(header->name), std::move(header->space),
                    std::move(header->metric)};
  model.a = fields.number("a");
  model.b = fields.number("b");
  model.c = fields.number("c");
  model.least = fields.numberOr("least_degree", 0);
  auto refuseNegative = [&](llvm::StringRef name, double value) {
    if (!problem && value < 0)
      fields.fail(name, "expected a number that is not negative, found " +
                            llvm::formatv("{0}", value).str());
  };
  refuseNegative("a", model.a);
  refuseNegative("least_degree", model.least);
  if (problem)
    return std::move(problem);
  return model;
}

} // namespace gnomon
