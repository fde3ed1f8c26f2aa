// SPDX-License-Identifier: Apache-2.0
// One-Proxy: Lu, Yang, Jiang, Shi, Ren, "One Proxy Device Is Enough for
// Hardware-Aware Neural Architecture Search", SIGMETRICS 2022
// (arXiv:2111.01203).
//
// A few networks are measured on the target. If the proxy ranks them alike, by
// Spearman's correlation of at least 0.9, the proxy's Pareto set is used as it
// is. If not, the proxy is adapted to them (AdaProxy), tested on networks held
// out, and more are measured until it ranks well enough or the budget is spent.
// Networks of the set are measured on the target, and what others beat is
// dropped.
//
// Ours: the set is the exact front of the problem with the proxy's costs in the
// place of the target's; it is measured only around the limit, which a
// bisection finds, as its order should be the target's. To measure is to look
// at the target's metric.

#include "ProxyModel.h"
#include "Scorer.h"

#include "gnomon/Support/Random.h"
#include "gnomon/Support/RankCorrelation.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

namespace gnomon::search {

namespace {
/// Samples are held out in so many turns.
constexpr size_t kFolds = 5;

/// Expects a limit.
uint32_t targetOf(const Problem &problem, const OneProxyOptions &options) {
  return options.target.value_or(problem.limits[0].metric);
}

class OneProxy {
public:
  OneProxy(const Problem &problem, const Objective &objective,
           const SearchOptions &options, Compiled &compiled, Scorer &scorer)
      : problem(problem), objective(objective), options(options.oneProxy),
        mostMeasured(options.evaluations), proxy(*options.oneProxy.proxy),
        target(targetOf(problem, options.oneProxy)), compiled(compiled),
        scorer(scorer), random(options.seed) {}

  llvm::Error run();
  const ProxyVerdict &verdict() const { return found; }

private:
  /// Whether it keeps the limits; not measured any more: false.
  bool measure(const Assignment &network);
  /// Measures more networks drawn at random; fewer where there are no others.
  void sample(uint32_t count);
  double correlation(const Problem &ranking, const MeasuredNetworks &on) const;
  /// Mean rank correlation of proxies adapted without the fold that they rank.
  double heldOut() const;
  Problem passGate();
  llvm::Error answer(const Problem &ranking);
  /// Where networks of the front begin to keep the limits.
  size_t border(llvm::ArrayRef<Solution> front);

  const Problem &problem;
  const Objective &objective;
  const OneProxyOptions &options;
  const uint64_t mostMeasured;
  const uint32_t proxy, target;
  Compiled &compiled;
  Scorer &scorer;
  Random random;
  /// What was measured, and whether it keeps the limits.
  std::map<Assignment, bool> known;
  MeasuredNetworks samples;
  ProxyVerdict found;
};
} // namespace

bool OneProxy::measure(const Assignment &network) {
  auto place = known.find(network);
  if (place != known.end())
    return place->second;
  if (known.size() >= mostMeasured)
    return false;
  return known[network] = compiled.fits(network);
}

void OneProxy::sample(uint32_t count) {
  // A small space has fewer networks than are asked for.
  for (uint32_t tries = 100 * count;
       count > 0 && tries > 0 && known.size() < mostMeasured; --tries) {
    Assignment network(problem.decisions.size());
    for (uint32_t i = 0; i < network.size(); ++i)
      network[i] = random.below(compiled.options(i));
    compiled.canonicalize(network);
    if (known.count(network))
      continue;
    measure(network);
    samples.values.push_back(double(compiled.cost(target, network)));
    samples.networks.push_back(std::move(network));
    --count;
  }
}

double OneProxy::correlation(const Problem &ranking,
                             const MeasuredNetworks &on) const {
  Compiled ranked(ranking);
  std::vector<double> values;
  for (const Assignment &network : on.networks)
    values.push_back(double(ranked.cost(target, network)));
  return rankCorrelation(values, on.values);
}

double OneProxy::heldOut() const {
  const size_t folds = std::min(kFolds, samples.size() / 3);
  if (folds < 2)
    return 0;
  double sum = 0;
  for (size_t fold = 0; fold < folds; ++fold) {
    Problem adapted = adaptedStandIn(problem, proxy, target,
                                     samples.fold(folds, fold, false));
    sum += correlation(adapted, samples.fold(folds, fold, true));
  }
  return sum / double(folds);
}

Problem OneProxy::passGate() {
  sample(options.probe);
  Problem ranking = standIn(problem, proxy, target);
  found.raw = found.tested = correlation(ranking, samples);
  found.samples = samples.size();
  found.opened = found.raw >= options.threshold;
  if (found.opened)
    return ranking;
  found.adapted = true;
  while (true) {
    found.tested = heldOut();
    found.samples = samples.size();
    found.opened = found.tested >= options.threshold;
    if (found.opened || found.samples + options.step > options.budget)
      break;
    sample(options.step);
    if (samples.size() == found.samples)
      break;
  }
  return adaptedStandIn(problem, proxy, target, samples);
}

size_t OneProxy::border(llvm::ArrayRef<Solution> front) {
  size_t low = 0, high = front.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (measure(front[middle].assignment))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

llvm::Error OneProxy::answer(const Problem &ranking) {
  FrontOptions wanted;
  wanted.metrics = {*objective.metric};
  if (target != *objective.metric)
    wanted.metrics.push_back(target);
  // Best in the objective first.
  llvm::Expected<Front> front = paretoFront(ranking, wanted);
  if (!front)
    return front.takeError();
  const size_t size = front->points.size(), half = options.refilter / 2;
  const size_t at = border(front->points);
  const size_t end = std::min(size, at + half);
  for (size_t i = at - std::min(at, half); i < end; ++i)
    measure(front->points[i].assignment);
  std::vector<Assignment> kept;
  auto keep = [&] {
    kept.clear();
    for (const auto &[network, fits] : known)
      if (fits)
        kept.push_back(network);
    return !kept.empty();
  };
  // Where the order is not the target's, farther ones may fit.
  for (size_t i = end; !keep() && i < size && known.size() < mostMeasured; ++i)
    measure(front->points[i].assignment);
  scorer.score(kept);
  return llvm::Error::success();
}

llvm::Error OneProxy::run() {
  llvm::Error error = answer(passGate());
  found.measured = known.size();
  return error;
}

namespace {
llvm::Error check(const Problem &problem, const Objective &objective,
                  const OneProxyOptions &options) {
  auto refuse = [&](const llvm::Twine &message) {
    return llvm::createStringError("one-proxy search of '" + problem.name +
                                   "': " + message);
  };
  const bool sound = options.threshold > 0 && options.threshold <= 1 &&
                     options.probe >= 3 && options.probe <= options.budget &&
                     options.budget <= 1000 && options.step > 0 &&
                     options.refilter <= 1000000;
  if (!sound)
    return refuse("expected a threshold above 0 and at most 1, a step, and "
                  "3 <= probe <= budget <= 1000");
  if (!objective.metric)
    return refuse("expected a metric that stands in for the evaluator");
  if (!options.proxy || *options.proxy >= problem.metrics.size())
    return refuse("expected a metric that is a proxy for the limited one");
  if (problem.limits.empty())
    return refuse("expected a limit of the metric that is measured");
  const uint32_t target = targetOf(problem, options);
  if (llvm::none_of(problem.limits,
                    [&](const Limit &limit) { return limit.metric == target; }))
    return refuse("expected a limit of the metric that is measured");
  for (uint32_t metric : {*options.proxy, target})
    if (problem.metrics[metric].combine != Combine::Sum)
      return refuse("expected metrics that are summed, found '" +
                    problem.metrics[metric].name + "'");
  return llvm::Error::success();
}
} // namespace

llvm::Expected<SearchResult> searchOneProxy(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  if (llvm::Error error = check(problem, objective, options.oneProxy))
    return error;
  ProxyVerdict verdict;
  llvm::Error failure = llvm::Error::success();
  auto run = [&](Compiled &compiled, Scorer &scorer,
                 std::optional<Assignment>) -> uint64_t {
    OneProxy search(problem, objective, options, compiled, scorer);
    failure = llvm::joinErrors(std::move(failure), search.run());
    verdict = search.verdict();
    return verdict.measured;
  };
  llvm::Expected<SearchResult> result =
      searchFromAnchor("one-proxy", problem, objective, options, run);
  if (failure)
    return result ? std::move(failure)
                  : llvm::joinErrors(std::move(failure), result.takeError());
  if (result && result->reachable.empty())
    result->proxy = verdict;
  return result;
}

} // namespace gnomon::search
