// SPDX-License-Identifier: Apache-2.0
// Gradients of expected costs by the probabilities of options: Xu, Xie, et al.,
// "Latency-Aware Differentiable Neural Architecture Search", 2020, with the
// expected latency of ProxylessNAS (Cai, Zhu, Han, ICLR 2019) and the
// temperature of FBNet (Wu et al., CVPR 2019).
//
// Every decision has logits, its options have the probabilities softmax(logits
// / T), and Adam descends -E[objective] + lambda * E[limited metrics]. T begins
// at 5 and is multiplied by 0.956 a step, so that in the end an option is
// chosen.
//
// Ours: no network is trained, and both sides are additive, so that their
// expectations and gradients are exact and nothing is drawn; the objective is a
// share of the sum of what its terms span, limited metrics are shares of their
// bounds; lambda is found by bisection, and the best network within the limits
// that was met on the way is the answer. An evaluator judges these networks,
// the metric that stands in for it has the gradients.

#include "gnomon/Search/Expectation.h"

#include "Scorer.h"
#include "Shrinking.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace gnomon::search {

namespace {
class GradientSearch {
public:
  GradientSearch(const Problem &problem, uint32_t objective,
                 const SearchOptions &options, Compiled &compiled,
                 Scorer &scorer, std::optional<Assignment> anchor);
  void run();
  uint64_t drawn() const { return numDrawn; }

private:
  /// A term of the loss.
  struct Part {
    Expectation expectation;
    double weight;
    bool isLimit;
  };
  /// The network that descending with this lambda ends at.
  Assignment descend(double lambda);
  /// Whether that keeps the limits; then it is scored.
  bool tries(double lambda);

  const GradientOptions &options;
  const Problem &problem;
  Compiled &compiled;
  Scorer &scorer;
  const std::optional<Assignment> anchor;
  Random random;
  Shrinking limits;
  std::vector<Part> parts;
  Assignment last;
  uint64_t numDrawn = 0;
};

/// Adam (Kingma and Ba, ICLR 2015) with its published constants.
class Adam {
public:
  explicit Adam(const OptionValues &shape, double rate)
      : mean(shape), square(shape), rate(rate) {}

  void step(const OptionValues &gradient, OptionValues &logits) {
    ++steps;
    const double meanPart = 1 - std::pow(kMean, steps);
    const double squarePart = 1 - std::pow(kSquare, steps);
    for (size_t i = 0; i < logits.size(); ++i)
      for (size_t o = 0; o < logits[i].size(); ++o) {
        double slope = gradient[i][o];
        mean[i][o] = kMean * mean[i][o] + (1 - kMean) * slope;
        square[i][o] = kSquare * square[i][o] + (1 - kSquare) * slope * slope;
        logits[i][o] -= rate * (mean[i][o] / meanPart) /
                        (std::sqrt(square[i][o] / squarePart) + 1e-8);
      }
  }

private:
  static constexpr double kMean = 0.9, kSquare = 0.999;
  OptionValues mean, square;
  double rate;
  int steps = 0;
};
} // namespace

GradientSearch::GradientSearch(const Problem &problem, uint32_t objective,
                               const SearchOptions &options, Compiled &compiled,
                               Scorer &scorer, std::optional<Assignment> anchor)
    : options(options.gradient), problem(problem), compiled(compiled),
      scorer(scorer), anchor(std::move(anchor)), random(options.seed),
      limits(problem, compiled) {
  bool isGreater = problem.metrics[objective].sense == Sense::Maximize;
  Expectation value(problem, objective);
  double scale = std::max(value.span(), 1.0);
  parts.push_back({std::move(value), (isGreater ? -1 : 1) / scale, false});
  for (const Limit &limit : problem.limits) {
    if (limit.atMost)
      parts.push_back({Expectation(problem, limit.metric),
                       1 / std::max(std::abs(double(*limit.atMost)), 1.0),
                       true});
    if (limit.atLeast)
      parts.push_back({Expectation(problem, limit.metric),
                       -1 / std::max(std::abs(double(*limit.atLeast)), 1.0),
                       true});
  }
}

Assignment GradientSearch::descend(double lambda) {
  OptionValues zero;
  for (const Decision &decision : problem.decisions)
    zero.emplace_back(decision.options.size(), 0);
  OptionValues logits = zero, gradient;
  Adam adam(zero, options.rate);
  double temperature = options.temperature;
  for (uint32_t i = 0; i < options.steps; ++i) {
    OptionValues probabilities = softmax(logits, temperature);
    gradient = zero;
    for (Part &part : parts)
      part.expectation(probabilities, part.weight * (part.isLimit ? lambda : 1),
                       gradient);
    throughSoftmax(probabilities, temperature, gradient);
    adam.step(gradient, logits);
    temperature = std::max(temperature * options.decay, 1e-3);
  }
  Assignment network;
  for (const std::vector<double> &row : logits)
    network.push_back(std::max_element(row.begin(), row.end()) - row.begin());
  compiled.canonicalize(network);
  return network;
}

bool GradientSearch::tries(double lambda) {
  last = descend(lambda);
  ++numDrawn;
  if (options.found)
    options.found(lambda, last);
  if (!compiled.fits(last))
    return false;
  scorer.score({last});
  return true;
}

void GradientSearch::run() {
  if (tries(0))
    return;
  // Between a lambda that is too small and one that is not.
  constexpr double factor = 4;
  double low = 0, high = 1.0 / 64;
  bool fits = false;
  for (int i = 0; i < 16 && !fits && !scorer.isDone(); ++i) {
    fits = tries(high);
    if (!fits)
      low = std::exchange(high, high * factor);
  }
  for (uint32_t i = 0; fits && i < options.bisections && !scorer.isDone();
       ++i) {
    double middle = low > 0 ? std::sqrt(low * high) : high / factor;
    (tries(middle) ? high : low) = middle;
  }
  if (scorer.remaining() == 0)
    return;
  // What came nearest may be moved within the limits.
  Assignment network = last;
  limits.shrinkJointly(network, network.size(), random,
                       anchor ? &*anchor : nullptr);
  scorer.score({network});
}

namespace {
llvm::Error check(const Problem &problem, const Objective &objective,
                  const GradientOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  auto refuse = [&](const llvm::Twine &message) {
    return llvm::createStringError("gradient search of '" + problem.name +
                                   "': " + message);
  };
  bool sound = options.steps > 0 && options.rate > 0 &&
               options.temperature > 0 && options.decay > 0 &&
               options.decay <= 1;
  if (!sound)
    return refuse("expected at least one step, a rate and a temperature above "
                  "0, and a decay above 0 and at most 1");
  if (!objective.metric)
    return refuse("expected a metric that stands in for the evaluator");
  std::vector<uint32_t> used = {*objective.metric};
  for (const Limit &limit : problem.limits)
    used.push_back(limit.metric);
  for (uint32_t metric : used)
    if (problem.metrics[metric].combine != Combine::Sum)
      return refuse("expected metrics that are summed, found '" +
                    problem.metrics[metric].name + "'");
  return llvm::Error::success();
}
} // namespace

llvm::Expected<SearchResult> searchGradient(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options) {
  if (llvm::Error error = check(problem, objective, options.gradient))
    return error;
  auto run = [&](Compiled &compiled, Scorer &scorer,
                 std::optional<Assignment> anchor) {
    GradientSearch search(problem, *objective.metric, options, compiled, scorer,
                          std::move(anchor));
    search.run();
    return search.drawn();
  };
  return searchFromAnchor("gradient", problem, objective, options, run);
}

} // namespace gnomon::search
