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

#include "Descent.h"

#include <algorithm>

namespace gnomon::search {

/// The network that descending with this lambda ends at.
static Assignment descend(const Problem &problem,
                          const GradientOptions &options,
                          llvm::ArrayRef<LossPart> parts, double lambda) {
  const OptionValues zero = zeroValues(problem);
  OptionValues logits = zero, gradient;
  Adam adam(zero, options.rate);
  double temperature = options.temperature;
  for (uint32_t i = 0; i < options.steps; ++i) {
    OptionValues probabilities = softmax(logits, temperature);
    gradient = zero;
    for (const LossPart &part : parts)
      part.slope(probabilities, part.weight * (part.isLimit ? lambda : 1),
                 gradient);
    throughSoftmax(probabilities, temperature, gradient);
    adam.step(gradient, logits);
    temperature = std::max(temperature * options.decay, 1e-3);
  }
  return greatest(logits);
}

static llvm::Error check(const Problem &problem, const Objective &objective,
                         const GradientOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  std::string what = "gradient search of '" + problem.name + "': ";
  if (!objective.metric)
    return llvm::createStringError(
        what + "expected a metric that stands in for the evaluator");
  return checkDescent(problem, objective.metric, options, what);
}

llvm::Expected<SearchResult> searchGradient(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options) {
  if (llvm::Error error = check(problem, objective, options.gradient))
    return error;
  auto run = [&](Compiled &compiled, Scorer &scorer,
                 std::optional<Assignment> anchor) {
    std::vector<LossPart> parts = limitParts(problem);
    const uint32_t metric = *objective.metric;
    parts.insert(parts.begin(), metricPart(problem, metric));
    LambdaSearch search(
        problem, options.gradient, options.seed, compiled, scorer,
        std::move(anchor), parts, [&](const Assignment &network) {
          return parts[0].weight * double(compiled.cost(metric, network));
        });
    search.run([&](double lambda) {
      return descend(problem, options.gradient, parts, lambda);
    });
    return search.drawn();
  };
  return searchFromAnchor("gradient", problem, objective, options, run);
}

} // namespace gnomon::search
