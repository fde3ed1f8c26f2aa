// SPDX-License-Identifier: Apache-2.0
// Latency-aware DNAS: Xu, Xie, et al., "Latency-Aware Differentiable Neural
// Architecture Search", 2020; relaxed as by FBNet (Wu et al., CVPR 2019).
//
// A network in between, every decision taking its options by shares, is what
// models are asked about; the loss is -accuracy + lambda * latency, and Adam
// descends on the logits of the shares. Shares are softmax((logits + g) / T)
// with g of Gumbel's distribution, so that they are near whole networks the
// more T falls (from 5, multiplied by 0.956 a step).
//
// The latency of terms has its exact expectation, that of a learned model the
// model's derivatives. So does the accuracy of an evaluator that has them; one
// that has none is asked about K networks drawn from softmax(logits / T), and
// the slope is the mean of (score - mean of the other scores) * grad log P
// (Williams, "Simple Statistical Gradient-Following Algorithms", 1992).
//
// Ours: no network is trained, so its weights have no loss; 200 steps at rate
// 0.1; K of 32, or less where evaluations are few; the objective is a share of
// the range of its derivatives at the start, limited metrics are shares of
// their bounds; lambda by bisection, with the same noise for each; every
// network that is the likeliest after a step and within the limits is judged.

#include "Descent.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

namespace gnomon::search {

namespace {
class LaDnas {
public:
  LaDnas(const Problem &problem, const Objective &objective,
         const SearchOptions &options, Compiled &compiled, Scorer &scorer,
         std::optional<Assignment> anchor);
  void run();
  uint64_t drawn() const { return numDrawn; }

private:
  Slope objectiveSlope(const Objective &objective);
  /// The slope of scores of drawn networks.
  double drawnSlope(const OptionValues &shares, double weight,
                    OptionValues &gradient);
  /// How many networks the next step may draw; the last evaluation is kept for
  /// one that is within the limits.
  uint64_t draws() const;
  double uniform() { return (random.next() + 0.5) / 4294967296.0; }
  Assignment draw(const OptionValues &shares);
  OptionValues noisy(OptionValues logits);
  /// The network that descending with this lambda ends at.
  Assignment descend(double lambda, uint64_t noise);
  void judge(llvm::MutableArrayRef<Assignment> met);
  /// What a network adds to the loss but for its limits.
  double lossOf(const Assignment &network);

  const LaDnasOptions &options;
  const uint64_t seed, mostEvaluations;
  const Problem &problem;
  Compiled &compiled;
  Scorer &scorer;
  const std::optional<Assignment> anchor;
  const std::optional<uint32_t> metric; ///< the objective; none: a judge's
  bool isDrawn;
  Random random{0};
  std::vector<LossPart> parts;
  uint64_t numDrawn = 0;
};

/// The derivatives' range, summed over decisions; 1 where there is none.
double rangeOf(const OptionValues &gradient) {
  double total = 0;
  for (const std::vector<double> &row : gradient) {
    auto [least, most] = std::minmax_element(row.begin(), row.end());
    total += *most - *least;
  }
  return total > 0 && std::isfinite(total) ? total : 1;
}
} // namespace

LaDnas::LaDnas(const Problem &problem, const Objective &objective,
               const SearchOptions &options, Compiled &compiled, Scorer &scorer,
               std::optional<Assignment> anchor)
    : options(options.laDnas), seed(options.seed),
      mostEvaluations(options.evaluations), problem(problem),
      compiled(compiled), scorer(scorer), anchor(std::move(anchor)),
      metric(objective.evaluator ? std::nullopt : objective.metric),
      isDrawn(objective.evaluator && !objective.evaluator->differentiable()) {
  Slope learned;
  if (DifferentiableEvaluator *model = this->options.learned) {
    int sign =
        problem.metrics[this->options.learnedMetric].sense == Sense::Maximize
            ? 1
            : -1;
    learned = [=](const OptionValues &shares, double weight,
                  OptionValues &gradient) {
      return sign * model->atShares(shares, sign * weight, gradient);
    };
  }
  parts = limitParts(problem, learned, this->options.learnedMetric);
  if (metric) {
    parts.push_back(metricPart(problem, *metric));
    return;
  }
  Slope slope = objectiveSlope(objective);
  OptionValues gradient = zeroValues(problem);
  slope(softmax(gradient, 1), 1, gradient);
  parts.push_back({slope, -1 / rangeOf(gradient)});
}

Slope LaDnas::objectiveSlope(const Objective &objective) {
  if (isDrawn)
    return [this](const OptionValues &shares, double weight,
                  OptionValues &gradient) {
      return drawnSlope(shares, weight, gradient);
    };
  DifferentiableEvaluator *judge = objective.evaluator->differentiable();
  return [judge](const OptionValues &shares, double weight,
                 OptionValues &gradient) {
    return judge->atShares(shares, weight, gradient);
  };
}

uint64_t LaDnas::draws() const {
  // Likely networks repeat, so that more descents than these can be paid.
  constexpr uint64_t descents = 8;
  uint64_t fair = mostEvaluations / (descents * options.descent.steps);
  uint64_t wanted =
      std::min<uint64_t>(options.draws, std::max<uint64_t>(fair, 2));
  return std::min(wanted, std::max<uint64_t>(scorer.remaining(), 1) - 1);
}

Assignment LaDnas::draw(const OptionValues &shares) {
  Assignment network;
  for (const std::vector<double> &row : shares) {
    double left = uniform();
    uint32_t option = 0;
    while (option + 1 < row.size() && left >= row[option])
      left -= row[option++];
    network.push_back(option);
  }
  return network;
}

double LaDnas::drawnSlope(const OptionValues &shares, double weight,
                          OptionValues &gradient) {
  std::vector<Assignment> networks;
  for (uint64_t i = draws(); i > 0; --i)
    networks.push_back(draw(shares));
  numDrawn += networks.size();
  std::vector<double> scores = scorer.score(networks);
  double sum = 0, count = 0;
  for (double score : scores)
    if (std::isfinite(score)) {
      sum += score;
      ++count;
    }
  if (count < 2)
    return sum;
  for (auto [network, score] : llvm::zip(networks, scores)) {
    if (!std::isfinite(score))
      continue;
    // Against the mean of the others, divided by the number of networks.
    double better = (score - sum / count) / (count - 1);
    llvm::BitVector active = activeDecisions(problem, network);
    for (unsigned decision : active.set_bits())
      if (double share = shares[decision][network[decision]]; share > 0)
        gradient[decision][network[decision]] += weight * better / share;
  }
  return sum / count;
}

OptionValues LaDnas::noisy(OptionValues logits) {
  for (std::vector<double> &row : logits)
    for (double &logit : row)
      logit -= std::log(-std::log(uniform()));
  return logits;
}

Assignment LaDnas::descend(double lambda, uint64_t noise) {
  const GradientOptions &how = options.descent;
  const OptionValues zero = zeroValues(problem);
  OptionValues logits = zero, gradient;
  Adam adam(zero, how.rate);
  double temperature = how.temperature;
  std::vector<Assignment> met;
  random = Random(noise);
  const bool hasNoise = options.gumbel && !isDrawn;
  for (uint32_t i = 0; i < how.steps && !scorer.isDone(); ++i) {
    if (isDrawn && draws() < 2)
      break;
    OptionValues shares =
        softmax(hasNoise ? noisy(logits) : logits, temperature);
    gradient = zero;
    for (const LossPart &part : parts)
      part.slope(shares, part.weight * (part.isLimit ? lambda : 1), gradient);
    throughSoftmax(shares, temperature, gradient);
    adam.step(gradient, logits);
    temperature = std::max(temperature * how.decay, 1e-3);
    met.push_back(greatest(logits));
  }
  judge(met);
  return met.empty() ? greatest(logits) : met.back();
}

void LaDnas::judge(llvm::MutableArrayRef<Assignment> met) {
  std::vector<Assignment> within;
  for (Assignment &network : met) {
    Assignment same = network;
    compiled.canonicalize(same);
    if (compiled.fits(same) && (within.empty() || within.back() != same))
      within.push_back(std::move(same));
  }
  if (!within.empty())
    scorer.score(within);
}

double LaDnas::lossOf(const Assignment &network) {
  const double weight = parts.back().weight;
  if (metric)
    return weight * double(compiled.cost(*metric, network));
  return weight * scorer.score({network}).front();
}

void LaDnas::run() {
  for (uint32_t round = 0; round < options.rounds; ++round) {
    LambdaSearch search(
        problem, options.descent, seed + round, compiled, scorer, anchor, parts,
        [&](const Assignment &network) { return lossOf(network); });
    search.run([&](double lambda) {
      return descend(lambda, seed * options.rounds + round);
    });
    numDrawn += search.drawn();
    if (scorer.isDone())
      break;
  }
}

static llvm::Error check(const Problem &problem, const Objective &objective,
                         const LaDnasOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  std::string what = "latency-aware DNAS of '" + problem.name + "': ";
  std::optional<uint32_t> metric = objective.metric;
  if (objective.evaluator)
    metric.reset();
  if (llvm::Error error = checkDescent(problem, metric, options.descent, what))
    return error;
  if (options.draws < 2 || options.draws > 10000 || options.rounds == 0)
    return llvm::createStringError(
        what + "expected 2 to 10,000 draws a step and at least one round");
  if (options.learned && options.learnedMetric >= problem.metrics.size())
    return llvm::createStringError(what + "expected a learned metric below " +
                                   llvm::Twine(problem.metrics.size()) +
                                   ", found " +
                                   llvm::Twine(options.learnedMetric));
  return llvm::Error::success();
}

llvm::Expected<SearchResult> searchLaDnas(const Problem &problem,
                                          const Objective &objective,
                                          const SearchOptions &options) {
  if (llvm::Error error = check(problem, objective, options.laDnas))
    return error;
  auto run = [&](Compiled &compiled, Scorer &scorer,
                 std::optional<Assignment> anchor) {
    LaDnas search(problem, objective, options, compiled, scorer,
                  std::move(anchor));
    search.run();
    return search.drawn();
  };
  return searchFromAnchor("la-dnas", problem, objective, options, run);
}

} // namespace gnomon::search
