// SPDX-License-Identifier: Apache-2.0
// Objectives that weigh costs, instead of limits or within them: MnasNet's (Tan
// et al., "MnasNet: Platform-Aware Neural Architecture Search for Mobile", CVPR
// 2019), ACC (LAT/T)^w with w = -0.07, or 0 within the target and -1 beyond it;
// and those of ProxylessNAS (Cai, Zhu, Han, "ProxylessNAS: Direct Neural
// Architecture Search on Target Task and Hardware", ICLR 2019), whose losses
// are 'mul#log', alpha CE (log E[LAT] / log T)^beta with alpha 0.2 and beta
// 0.3, and 'add#linear', CE + lambda (E[LAT] - T) / T with lambda 0.1; and that
// of FLASH (Li, Mandal, Ogras, Marculescu, ACM TECS 2021), theta / (L E A)
// within limits, theta being what NN-Degree says of the accuracy (from memory).
//
// Ours: the latency is that of one network instead of the mean over a
// distribution, the loss CE is what accuracy lacks to 1, and the score is the
// loss negated (add#linear without its constant -1); several targets; of L, E
// and A those that there are.

#include "gnomon/Search/Tradeoff.h"

#include "Scorer.h"

#include <cmath>

namespace gnomon::search {

namespace {
constexpr double kSoft = -0.07, kHard = -1;
constexpr double kAlpha = 0.2, kBeta = 0.3, kLambda = 0.1;
constexpr double kNsPerMs = 1e6, kNjPerMj = 1e6;

struct Named {
  llvm::StringRef name;
  Tradeoff tradeoff;
};
constexpr Named kNamed[] = {{"mnasnet", Tradeoff::MnasNet},
                            {"mnasnet-hard", Tradeoff::MnasNetHard},
                            {"mul-log", Tradeoff::MulLog},
                            {"add-linear", Tradeoff::AddLinear},
                            {"flash-quotient", Tradeoff::FlashQuotient}};
} // namespace

std::optional<Tradeoff> tradeoffNamed(llvm::StringRef name) {
  for (const Named &one : kNamed)
    if (one.name == name)
      return one.tradeoff;
  return std::nullopt;
}

llvm::StringRef tradeoffNames() {
  return "mnasnet, mnasnet-hard, mul-log, add-linear, flash-quotient";
}

double weigh(Tradeoff tradeoff, double value,
             llvm::ArrayRef<std::pair<double, double>> latenciesAndTargets) {
  double factor = 1, term = 0;
  for (auto [latency, target] : latenciesAndTargets)
    switch (tradeoff) {
    case Tradeoff::MnasNet:
      factor *= std::pow(latency / target, kSoft);
      break;
    case Tradeoff::MnasNetHard:
      factor *= latency <= target ? 1 : std::pow(latency / target, kHard);
      break;
    case Tradeoff::MulLog:
      factor *= std::pow(std::log(std::max(latency / kNsPerMs, 1.0)) /
                             std::log(target / kNsPerMs),
                         kBeta);
      break;
    case Tradeoff::AddLinear:
      term += kLambda * (latency - target) / target;
      break;
    case Tradeoff::FlashQuotient:
      factor *= target / std::max(latency, 1.0);
      break;
    }
  if (tradeoff == Tradeoff::MulLog)
    return -kAlpha * std::max(1 - value, 0.0) * factor;
  return (value > 0 ? value * factor : value) - term;
}

namespace {
/// A metric and what of it counts as 1.
using Weighed = std::pair<uint32_t, double>;

/// What FLASH divides by.
std::vector<Weighed> divisors(const Problem &problem) {
  std::vector<Weighed> result;
  for (auto [index, metric] : llvm::enumerate(problem.metrics)) {
    llvm::StringRef name = metric.name;
    if (name == "latency" || name.starts_with("latency:"))
      result.push_back({index, kNsPerMs});
    else if (name == "energy")
      result.push_back({index, kNjPerMj});
    else if (name == "area")
      result.push_back({index, 1});
  }
  return result;
}

std::vector<Weighed> targets(const Problem &problem) {
  std::vector<Weighed> result;
  for (const Limit &limit : problem.limits)
    if (limit.atMost)
      result.push_back({limit.metric, double(*limit.atMost)});
  return result;
}

/// Weighs what an objective says by what the limits say.
class Weigher : public Evaluator {
public:
  Weigher(const Problem &problem, const Objective &objective, Tradeoff tradeoff,
          double ticksPerUnit)
      : objective(objective), tradeoff(tradeoff),
        weighed(keepsLimits(tradeoff) ? divisors(problem) : targets(problem)),
        ticksPerUnit(ticksPerUnit), compiled(problem) {}

  std::vector<double> evaluate(llvm::ArrayRef<Assignment> networks) override {
    std::vector<double> values;
    if (objective.evaluator)
      values = objective.evaluator->evaluate(networks);
    else
      for (const Assignment &network : networks)
        values.push_back(double(compiled.cost(*objective.metric, network)) /
                         ticksPerUnit);
    for (auto [value, network] : llvm::zip(values, networks)) {
      llvm::SmallVector<std::pair<double, double>> latencies;
      for (auto [metric, one] : weighed)
        latencies.push_back({double(compiled.cost(metric, network)), one});
      value = weigh(tradeoff, value, latencies);
    }
    return values;
  }

private:
  const Objective &objective;
  Tradeoff tradeoff;
  std::vector<Weighed> weighed;
  double ticksPerUnit;
  Compiled compiled;
};

llvm::Error checkTradeoff(Tradeoff tradeoff, const Problem &problem,
                          const Objective &objective, double ticksPerUnit) {
  const bool isShare =
      tradeoff == Tradeoff::MulLog || tradeoff == Tradeoff::AddLinear;
  auto refuse = [](const llvm::Twine &what) {
    return llvm::createStringError("trade-off: expected " + what);
  };
  if (objective.metric && !objective.evaluator &&
      problem.metrics[*objective.metric].sense != Sense::Maximize)
    return refuse("an objective of which more is better, found '" +
                  problem.metrics[*objective.metric].name + "'");
  if (objective.metric && isShare && ticksPerUnit == 1)
    return refuse("an objective between 0 and 1 for mul-log and add-linear, "
                  "found '" +
                  problem.metrics[*objective.metric].name + "'");
  if (keepsLimits(tradeoff))
    return divisors(problem).empty()
               ? refuse("a metric that flash-quotient divides by: latency, "
                        "energy or area; found none")
               : llvm::Error::success();
  const Cost least = tradeoff == Tradeoff::MulLog ? Cost(kNsPerMs) : 0;
  bool any = false;
  for (const Limit &limit : problem.limits) {
    any |= limit.atMost.has_value();
    if (limit.atMost && *limit.atMost <= least)
      return refuse(least ? "a target above 1 ms, whose logarithm is above 0, "
                            "for mul-log"
                          : "a target above 0");
  }
  return any ? llvm::Error::success()
             : refuse("a budget, which is the target; found none");
}
} // namespace

llvm::Expected<SearchResult>
searchTradeoff(const Algorithm &algorithm, Tradeoff tradeoff,
               const Problem &problem, const Objective &objective,
               double ticksPerUnit, const SearchOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  if (llvm::Error error =
          checkTradeoff(tradeoff, problem, objective, ticksPerUnit))
    return error;
  if (algorithm.name.starts_with("netadapt"))
    return llvm::createStringError(
        "trade-off: expected a search that weighs networks, found '" +
        algorithm.name + "', which goes down to limits");
  Weigher weigher(problem, objective, tradeoff, ticksPerUnit);
  if (keepsLimits(tradeoff))
    return algorithm.run(problem, {std::nullopt, &weigher}, options);
  Problem open = problem;
  for (Limit &limit : open.limits)
    limit.atMost.reset();
  llvm::erase_if(open.limits,
                 [](const Limit &limit) { return !limit.atLeast; });
  return algorithm.run(open, {std::nullopt, &weigher}, options);
}

} // namespace gnomon::search
