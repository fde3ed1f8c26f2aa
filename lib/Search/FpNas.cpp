// SPDX-License-Identifier: Apache-2.0
// FP-NAS: Yan, Dai, Zhang, Tian, Wu, Feiszli, "FP-NAS: Fast Probabilistic
// Neural Architecture Search", CVPR 2021, which builds on PARSEC: Casale,
// Gordon, Fusi, "Probabilistic Neural Architecture Search", 2019.
//
// A distribution over networks climbs the likelihood of good ones. Each step
// draws K networks, K a quarter of the distribution's entropy in nats; the
// gradient is the sum of m_k grad log P(A_k) with m_k the networks' shares of
// the likelihood, minus beta times that of log C, C the mean of max(0, cost /
// target - 1). Decisions have tables of their own at first, later the decisions
// of a block share one, which starts as the product. The answer is the most
// probable network.
//
// Ours: no network is trained, so the likelihood of a network is exp(score),
// scores standardised by the mean and the variance of recent ones; the cost is
// that of all limits; beta 1, the rate, 500 steps before blocks are joined, at
// least 2 draws; the most probable network is moved within the limits, and the
// best network that was drawn is the answer when it is better.

#include "gnomon/Search/Distribution.h"

#include "Scorer.h"
#include "Shrinking.h"

#include <cmath>

namespace gnomon::search {

namespace {
class FpNas {
public:
  FpNas(const Problem &problem, const SearchOptions &options,
        Compiled &compiled, Scorer &scorer, std::optional<Assignment> anchor);

  void run();
  uint64_t drawn() const { return numDrawn; }

private:
  uint64_t samples(double entropy) const;
  void step(uint64_t count);
  /// Shares of the likelihood.
  std::vector<double> shares(const std::vector<double> &scores);
  void answer();

  const FpNasOptions &options;
  const uint64_t mostDrawn;
  Scorer &scorer;
  const std::optional<Assignment> anchor;
  Random random;
  Shrinking limits;
  Distribution distribution;
  size_t decisions;
  /// Of recent scores.
  std::optional<double> mean;
  double variance = 0;
  uint64_t numDrawn = 0;
};
} // namespace

FpNas::FpNas(const Problem &problem, const SearchOptions &options,
             Compiled &compiled, Scorer &scorer,
             std::optional<Assignment> anchor)
    : options(options.fpNas), mostDrawn(options.evaluations), scorer(scorer),
      anchor(std::move(anchor)), random(options.seed),
      limits(problem, compiled), distribution(problem),
      decisions(problem.decisions.size()) {
  for (size_t i = 0; i < limits.bounds(); ++i)
    limits.setScale(i, std::max(std::abs(double(limits.bound(i))), 1.0));
}

uint64_t FpNas::samples(double entropy) const {
  double count =
      options.samples ? options.samples : std::round(options.perNat * entropy);
  return std::max<uint64_t>(uint64_t(count), 2);
}

std::vector<double> FpNas::shares(const std::vector<double> &scores) {
  constexpr double recent = 0.1;
  double sum = 0, spread = 0, greatest = -HUGE_VAL;
  size_t known = 0;
  for (double score : scores)
    if (std::isfinite(score)) {
      sum += score;
      greatest = std::max(greatest, score);
      ++known;
    }
  std::vector<double> result(scores.size(), 0);
  if (known == 0)
    return result;
  double middle = mean ? *mean : sum / known;
  for (double score : scores)
    if (std::isfinite(score))
      spread += (score - middle) * (score - middle) / known;
  double weight = mean ? recent : 1;
  variance += weight * (spread - variance);
  mean = middle + weight * (sum / known - middle);
  double deviation = std::sqrt(variance), total = 0;
  for (size_t i = 0; i < scores.size(); ++i)
    if (std::isfinite(scores[i]))
      total += result[i] =
          deviation > 0 ? std::exp((scores[i] - greatest) / deviation) : 1;
  for (double &share : result)
    share /= total;
  return result;
}

void FpNas::step(uint64_t count) {
  std::vector<Assignment> networks(count, Assignment(decisions, 0));
  std::vector<double> costs;
  double total = 0;
  for (Assignment &network : networks) {
    distribution.draw(random, network);
    total += costs.emplace_back(limits.excess(network));
  }
  numDrawn += count;
  std::vector<double> weights = shares(scorer.score(networks));
  for (size_t i = 0; i < count; ++i)
    weights[i] -= total > 0 ? options.beta * costs[i] / total : 0;
  distribution.ascend(networks, weights, options.rate);
}

void FpNas::answer() {
  Assignment network = distribution.likeliest();
  limits.shrinkJointly(network, decisions, random, anchor ? &*anchor : nullptr);
  ++numDrawn;
  scorer.score({network});
}

void FpNas::run() {
  const double start = distribution.entropy();
  for (uint64_t i = 0; !scorer.isStopped(); ++i) {
    if (i == options.factorised)
      distribution.join();
    double entropy = distribution.entropy();
    uint64_t count = samples(entropy);
    // One evaluation is kept for the most probable network.
    if (entropy <= options.converged * start || scorer.remaining() <= count ||
        numDrawn + count >= mostDrawn)
      break;
    if (options.step)
      options.step(entropy, count);
    step(count);
  }
  answer();
}

namespace {
llvm::Error checkOptions(const FpNasOptions &options) {
  bool sound = options.perNat > 0 && options.perNat <= 1e6 &&
               options.samples <= 1000000 && options.beta >= 0 &&
               options.rate > 0 && options.converged >= 0 &&
               std::isfinite(options.beta) && std::isfinite(options.rate) &&
               std::isfinite(options.converged);
  if (sound)
    return llvm::Error::success();
  return llvm::createStringError(
      "fp-nas: expected samples per nat and a rate above 0, at most 1,000,000 "
      "samples, and a cost weight and an end that are not negative");
}
} // namespace

llvm::Expected<SearchResult> searchFpNas(const Problem &problem,
                                         const Objective &objective,
                                         const SearchOptions &options) {
  if (llvm::Error error = checkOptions(options.fpNas))
    return error;
  auto run = [&](Compiled &compiled, Scorer &scorer,
                 std::optional<Assignment> anchor) {
    FpNas search(problem, options, compiled, scorer, std::move(anchor));
    search.run();
    return search.drawn();
  };
  return searchFromAnchor("fp-nas", problem, objective, options, run);
}

} // namespace gnomon::search
