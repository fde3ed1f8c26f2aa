// SPDX-License-Identifier: Apache-2.0
// The objectives of XGBoost as far as prediction needs them: their links.
#ifndef GNOMON_FOREST_OBJECTIVE_H
#define GNOMON_FOREST_OBJECTIVE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace gnomon {

/// From margin to prediction.
enum class Link { Identity, Logistic, Exp, Hinge, Argmax, Softmax };

/// From the base score in a file to the margin where the sums start.
enum class BaseLink { Identity, Logit, Log };

struct Objective {
  /// XGBoost's name, such as `reg:squarederror`.
  std::string name = "reg:squarederror";
  Link link = Link::Identity;
  BaseLink baseLink = BaseLink::Identity;
};

/// The objective of that name, or nothing when it is not known.
std::optional<Objective> findObjective(llvm::StringRef name);

/// The margin of a base score, or nothing when the score is outside the range
/// of the link: (0, 1) for Logit, above 0 for Log.
std::optional<float> baseScoreToMargin(BaseLink link, float score);

/// Applies the link to the margins of one row in place. The results are
/// XGBoost's to the bit, which takes the C library's expf. Argmax leaves the
/// class number in `margins[0]`.
void applyLink(Link link, llvm::MutableArrayRef<float> margins);

} // namespace gnomon

#endif // GNOMON_FOREST_OBJECTIVE_H
