// SPDX-License-Identifier: Apache-2.0
// Accuracy as a function of NN-Degree.
#ifndef GNOMON_ACCURACY_DEGREEMODEL_H
#define GNOMON_ACCURACY_DEGREEMODEL_H

#include "gnomon/Search/Problem.h"
#include "gnomon/Support/Json.h"

namespace gnomon {

/// theta(g) = 1 / (a + exp(b / g + c)), the model of FLASH (Li, Mandal, Ogras,
/// Marculescu, ACM TECS 2021). Ours: below the least degree that it was fitted
/// to it goes on as its tangent there. A file of kind "nn-degree" holds
/// `schema` (1), `kind`, `name`, `space`, `metric`, `unit`, `sense`, `a`, `b`,
/// `c` and `least_degree` (docs/accuracy-models.md).
struct DegreeModel {
  std::string name, space;
  search::Metric metric;
  double a = 0, b = 0, c = 0;
  double least = 0; ///< degree

  /// The metric at an NN-Degree above 0.
  double at(double degree) const;
};

llvm::Expected<DegreeModel> parseDegreeModel(const JsonView &json);

} // namespace gnomon

#endif // GNOMON_ACCURACY_DEGREEMODEL_H
