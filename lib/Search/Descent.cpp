// SPDX-License-Identifier: Apache-2.0
// Descending on logits of options, and finding how much limits must weigh.

#include "Descent.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace gnomon::search {

OptionValues zeroValues(const Problem &problem) {
  OptionValues zeros;
  for (const Decision &decision : problem.decisions)
    zeros.emplace_back(decision.options.size(), 0);
  return zeros;
}

Assignment greatest(const OptionValues &values) {
  Assignment network;
  for (const std::vector<double> &row : values)
    network.push_back(std::max_element(row.begin(), row.end()) - row.begin());
  return network;
}

void Adam::step(const OptionValues &gradient, OptionValues &logits) {
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

LossPart metricPart(const Problem &problem, uint32_t metric) {
  bool isGreater = problem.metrics[metric].sense == Sense::Maximize;
  Expectation value(problem, metric);
  double scale = std::max(value.span(), 1.0);
  return {std::move(value), (isGreater ? -1 : 1) / scale};
}

std::vector<LossPart> limitParts(const Problem &problem, const Slope &instead,
                                 uint32_t metric) {
  std::vector<LossPart> parts;
  auto add = [&](uint32_t limited, Cost bound, int sign) {
    double weight = sign / std::max(std::abs(double(bound)), 1.0);
    Slope slope = instead && limited == metric
                      ? instead
                      : Slope(Expectation(problem, limited));
    parts.push_back({std::move(slope), weight, true});
  };
  for (const Limit &limit : problem.limits) {
    if (limit.atMost)
      add(limit.metric, *limit.atMost, 1);
    if (limit.atLeast)
      add(limit.metric, *limit.atLeast, -1);
  }
  return parts;
}

llvm::Error checkDescent(const Problem &problem,
                         std::optional<uint32_t> objective,
                         const GradientOptions &options,
                         const llvm::Twine &what) {
  bool sound = options.steps > 0 && options.rate > 0 &&
               options.temperature > 0 && options.decay > 0 &&
               options.decay <= 1 && std::isfinite(options.rate) &&
               std::isfinite(options.temperature);
  if (!sound)
    return llvm::createStringError(
        what + "expected at least one step, a rate and a temperature above 0, "
               "and a decay above 0 and at most 1");
  std::vector<uint32_t> used;
  if (objective)
    used.push_back(*objective);
  for (const Limit &limit : problem.limits)
    used.push_back(limit.metric);
  for (uint32_t metric : used)
    if (problem.metrics[metric].combine != Combine::Sum)
      return llvm::createStringError(
          what + "expected metrics that are summed, found '" +
          problem.metrics[metric].name + "'");
  return llvm::Error::success();
}

double LambdaSearch::limitLoss(const Assignment &network) {
  OptionValues shares = zeroValues(problem), unused = shares;
  for (size_t i = 0; i < network.size(); ++i)
    shares[i][network[i]] = 1;
  double sum = 0;
  for (const LossPart &part : parts)
    if (part.isLimit)
      sum += part.weight * part.slope(shares, 0, unused);
  return sum;
}

const Assignment &LambdaSearch::best(double lambda) const {
  return std::min_element(ends.begin(), ends.end(),
                          [&](const End &a, const End &b) {
                            double left = a.objective + lambda * a.limits;
                            double right = b.objective + lambda * b.limits;
                            return std::tie(left, a.limits, a.network) <
                                   std::tie(right, b.limits, b.network);
                          })
      ->network;
}

bool LambdaSearch::tries(double lambda,
                         llvm::function_ref<Assignment(double)> descend) {
  Assignment end = descend(lambda);
  compiled.canonicalize(end);
  ++numDrawn;
  const bool fits = compiled.fits(end);
  if (fits)
    scorer.score({end});
  ends.push_back({lambda, 0, 0, std::move(end)});
  return fits;
}

void LambdaSearch::bisect(llvm::function_ref<Assignment(double)> descend) {
  if (tries(0, descend))
    return;
  // Between a lambda that is too small and one that is not.
  constexpr double factor = 4;
  double low = 0, high = 1.0 / 64;
  bool fits = false;
  for (int i = 0; i < 16 && !fits && !scorer.isDone(); ++i) {
    fits = tries(high, descend);
    if (!fits)
      low = std::exchange(high, high * factor);
  }
  for (uint32_t i = 0; fits && i < options.bisections && !scorer.isDone();
       ++i) {
    double middle = low > 0 ? std::sqrt(low * high) : high / factor;
    (tries(middle, descend) ? high : low) = middle;
  }
  if (scorer.remaining() == 0)
    return;
  // What came nearest may be moved within the limits.
  Assignment network = ends.back().network;
  limits.shrinkJointly(network, network.size(), random,
                       anchor ? &*anchor : nullptr);
  ++numDrawn;
  scorer.score({network});
}

void LambdaSearch::run(llvm::function_ref<Assignment(double)> descend) {
  bisect(descend);
  if (!options.found)
    return;
  for (End &end : ends) {
    end.objective = loss(end.network);
    end.limits = limitLoss(end.network);
  }
  for (const End &end : ends)
    options.found(end.lambda, best(end.lambda));
}

} // namespace gnomon::search
