// SPDX-License-Identifier: Apache-2.0
// Descending on logits of options, and finding how much limits must weigh.

#ifndef GNOMON_LIB_SEARCH_DESCENT_H
#define GNOMON_LIB_SEARCH_DESCENT_H

#include "gnomon/Search/Expectation.h"

#include "Scorer.h"
#include "Shrinking.h"

#include <functional>

namespace gnomon::search {

/// A number for every option of every decision, all 0.
OptionValues zeroValues(const Problem &problem);

/// Options of the greatest values.
Assignment greatest(const OptionValues &values);

/// Adam (Kingma and Ba, ICLR 2015) with its published constants.
class Adam {
public:
  /// `shape`: zeros.
  Adam(const OptionValues &shape, double rate)
      : mean(shape), square(shape), rate(rate) {}

  void step(const OptionValues &gradient, OptionValues &logits);

private:
  static constexpr double kMean = 0.9, kSquare = 0.999;
  OptionValues mean, square;
  double rate;
  int steps = 0;
};

/// A value at shares of options, with a multiple of its derivatives added to a
/// gradient.
using Slope = std::function<double(const OptionValues &shares, double weight,
                                   OptionValues &gradient)>;

/// A term of a loss; those of limits are multiplied by lambda.
struct LossPart {
  Slope slope;
  double weight;
  bool isLimit = false;
};

/// What a metric adds that is to be as good as possible: its expectation as a
/// share of what its terms span.
LossPart metricPart(const Problem &problem, uint32_t metric);

/// Expectations of limited metrics as shares of their bounds. `instead`, if it
/// is there, takes the place of the expectation of `metric`.
std::vector<LossPart> limitParts(const Problem &problem,
                                 const Slope &instead = {},
                                 uint32_t metric = 0);

/// Refuses constants out of range and metrics that are not summed among those
/// that are limited and `objective`. `what` begins the message.
llvm::Error checkDescent(const Problem &problem,
                         std::optional<uint32_t> objective,
                         const GradientOptions &options,
                         const llvm::Twine &what);

/// Finds by bisection the least lambda for which a descent ends within the
/// limits; the networks that it ends at are scored when they are within.
class LambdaSearch {
public:
  LambdaSearch(const Problem &problem, const GradientOptions &options,
               uint64_t seed, Compiled &compiled, Scorer &scorer,
               std::optional<Assignment> anchor)
      : options(options), compiled(compiled), scorer(scorer),
        anchor(std::move(anchor)), random(seed), limits(problem, compiled) {}

  /// `descend` answers a lambda with the network that it leads to. The last is
  /// moved within the limits, too.
  void run(llvm::function_ref<Assignment(double lambda)> descend);
  /// Networks that were descended to or moved.
  uint64_t drawn() const { return numDrawn; }

private:
  bool tries(double lambda, llvm::function_ref<Assignment(double)> descend);

  const GradientOptions &options;
  Compiled &compiled;
  Scorer &scorer;
  const std::optional<Assignment> anchor;
  Random random;
  Shrinking limits;
  Assignment last;
  uint64_t numDrawn = 0;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_DESCENT_H
