// SPDX-License-Identifier: Apache-2.0
// Judges of networks that are no sums over terms.

#ifndef GNOMON_SEARCH_EVALUATOR_H
#define GNOMON_SEARCH_EVALUATOR_H

#include "gnomon/Search/Boxes.h"
#include "gnomon/Search/Expectation.h"

namespace gnomon::search {

class DifferentiableEvaluator;

/// Something that tells how good networks are and is not a sum over terms: an
/// accuracy network, a measurement.
class Evaluator {
public:
  virtual ~Evaluator();
  /// One number per canonical assignment; more is better. The same assignment
  /// must always get the same number. What is no finite number counts as the
  /// worst.
  virtual std::vector<double>
  evaluate(llvm::ArrayRef<Assignment> assignments) = 0;
  /// The same judge with derivatives; null: it has none.
  virtual DifferentiableEvaluator *differentiable() { return nullptr; }
  /// No network of the box scores higher; none: it cannot say. An evaluator
  /// that can say it of all networks can of every box.
  virtual std::optional<double> upperBound(const Box &box) {
    return std::nullopt;
  }
};

/// A judge that can also be asked about what lies between networks: every
/// decision takes each of its options by a share.
class DifferentiableEvaluator : public Evaluator {
public:
  /// What it says at `shares`, which are not negative and add up to 1 in each
  /// decision, and weight times the derivatives by them added to `gradient`.
  /// Where shares are 0 and 1, this is what evaluate() says of that network.
  virtual double atShares(const OptionValues &shares, double weight,
                          OptionValues &gradient) = 0;
  DifferentiableEvaluator *differentiable() final { return this; }
};

} // namespace gnomon::search

#endif // GNOMON_SEARCH_EVALUATOR_H
