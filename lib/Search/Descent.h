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
///
/// Descents end at local optima: of most lambdas the end of another lambda's
/// descent has less loss than that of their own. So a lambda is said to lead to
/// the end of least loss among those of all descents. What limits add to the
/// loss then falls as lambda grows, without exception: if A is best for lambda
/// and B for a greater one, objective(A) + lambda limits(A) <= objective(B) +
/// lambda limits(B), and the other way round for the greater lambda, so that
/// limits(B) <= limits(A). The bisection looks at a descent's own end: where
/// the best ends leave a gap, local optima lie in it.
class LambdaSearch {
public:
  /// The loss of a network but for its limits.
  using Loss = std::function<double(const Assignment &network)>;

  /// `parts` are those of the descents' loss, of which those of limits count.
  LambdaSearch(const Problem &problem, const GradientOptions &options,
               uint64_t seed, Compiled &compiled, Scorer &scorer,
               std::optional<Assignment> anchor, llvm::ArrayRef<LossPart> parts,
               Loss loss)
      : problem(problem), options(options), compiled(compiled), scorer(scorer),
        anchor(std::move(anchor)), parts(parts), loss(std::move(loss)),
        random(seed), limits(problem, compiled) {}

  /// `descend` answers a lambda with the network that it ends at. The last end
  /// is moved within the limits, too. Then `options.found`, if it is there, is
  /// told where each lambda leads; asking for that may use evaluations that are
  /// left.
  void run(llvm::function_ref<Assignment(double lambda)> descend);
  /// Networks that were descended to or moved.
  uint64_t drawn() const { return numDrawn; }

private:
  /// Where a descent ended.
  struct End {
    double lambda, objective, limits; ///< parts of its loss
    Assignment network;
  };
  bool tries(double lambda, llvm::function_ref<Assignment(double)> descend);
  /// Finds where the limits begin to be kept.
  void bisect(llvm::function_ref<Assignment(double)> descend);
  /// What limits add to the loss for a lambda of 1.
  double limitLoss(const Assignment &network);
  /// The end of least loss.
  const Assignment &best(double lambda) const;

  const Problem &problem;
  const GradientOptions &options;
  Compiled &compiled;
  Scorer &scorer;
  const std::optional<Assignment> anchor;
  const llvm::ArrayRef<LossPart> parts;
  const Loss loss;
  Random random;
  Shrinking limits;
  std::vector<End> ends;
  uint64_t numDrawn = 0;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_DESCENT_H
