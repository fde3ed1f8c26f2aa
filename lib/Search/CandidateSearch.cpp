// SPDX-License-Identifier: Apache-2.0
// An objective that is not additive: the networks near the optimum of an
// additive stand-in, and what they prove.

#include "ChoiceTables.h"
#include "Elimination.h"
#include "Proof.h"
#include "Scorer.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

namespace gnomon::search {

namespace {
/// All networks within the limits whose stand-in comes near its optimum.
struct Near {
  Cost slack = 0;
  /// The slack is so large that these are all networks within the limits.
  bool isAll = false;
  /// Best in the stand-in first.
  std::vector<Assignment> networks;
};

class CandidateSearch {
public:
  CandidateSearch(const Problem &problem, uint32_t metric,
                  const CandidateOptions &options, Cost optimum)
      : problem(problem), metric(metric), options(options), optimum(optimum) {}

  /// The largest slack, up to one that proves the answer, with few enough
  /// networks. None: even the optimum is shared by too many.
  std::optional<Near> run() const;

private:
  /// Ticks between the best and the worst that the terms could add up to.
  Cost range() const;
  Cost enoughSlack() const;
  /// None: more networks, on the way or in the end, than the options allow.
  std::optional<Near> within(Cost slack) const;

  const Problem &problem;
  uint32_t metric;
  const CandidateOptions &options;
  /// Best score of the stand-in, in ticks.
  Cost optimum;
};
} // namespace

Cost CandidateSearch::range() const {
  Cost range = 0;
  size_t metrics = problem.metrics.size();
  for (const Term &term : problem.terms) {
    Cost low = term.costs[metric], high = low;
    for (size_t i = metric; i < term.costs.size(); i += metrics) {
      low = std::min(low, term.costs[i]);
      high = std::max(high, term.costs[i]);
    }
    range += high - low;
  }
  return range;
}

Cost CandidateSearch::enoughSlack() const {
  if (!options.error)
    return range();
  double ticks = std::ceil(2 * *options.error * options.ticksPerUnit);
  return ticks < double(range()) ? Cost(ticks) : range();
}

std::optional<Near> CandidateSearch::within(Cost slack) const {
  bool greater = problem.metrics[metric].sense == Sense::Maximize;
  Problem near = problem;
  Limit limit{metric, std::nullopt, std::nullopt};
  (greater ? limit.atLeast : limit.atMost) =
      greater ? optimum - slack : slack - optimum;
  near.limits.push_back(limit);
  std::vector<Dimension> dimensions = dimensionsFor(near, {});
  for (Dimension &dimension : dimensions)
    if (dimension.metric == metric && dimension.greater == greater)
      dimension.slack = slack;
  FrontOptions bounds;
  bounds.pointLimit = 4 * options.candidates;
  bounds.pairLimit = uint64_t(1) << 34;
  Grouping grouping(near);
  auto choices = choiceTables(near, grouping, dimensions, bounds.tableLimit);
  if (!choices)
    return std::nullopt;
  Elimination elimination(grouping.problem(), dimensions, bounds);
  elimination.add(std::move(*choices));
  llvm::Expected<Points> points = elimination.run();
  if (!points) {
    llvm::consumeError(points.takeError());
    return std::nullopt;
  }
  const CodeLayout &layout = elimination.codes();
  std::vector<std::pair<Cost, Assignment>> ranked;
  for (size_t i = 0; i < points->size(); ++i) {
    Assignment network =
        grouping.restore(layout.decode(&points->codes[i * layout.words()]));
    std::vector<Cost> costs = evaluate(near, network);
    if (withinLimits(near, costs))
      ranked.push_back(
          {-scoreOf(problem, metric, costs[metric]), std::move(network)});
  }
  if (ranked.size() > options.candidates)
    return std::nullopt;
  llvm::sort(ranked);
  Near result;
  result.slack = slack;
  for (auto &[cost, network] : ranked)
    result.networks.push_back(std::move(network));
  return result;
}

std::optional<Near> CandidateSearch::run() const {
  Cost enough = enoughSlack();
  std::optional<Near> best = within(0);
  if (!best)
    return best;
  // Doubling, then halving the last step.
  Cost step = std::max<Cost>(range() >> 20, 1);
  while (best->slack < enough) {
    std::optional<Near> near = within(std::min(best->slack + step, enough));
    if (!near)
      break;
    best = std::move(near);
    step = best->slack;
  }
  for (unsigned i = 0; i < 3 && best->slack < enough; ++i) {
    step /= 2;
    if (auto near = within(std::min(best->slack + step, enough)))
      best = std::move(near);
  }
  best->isAll = best->slack >= range();
  return best;
}

namespace {
llvm::Error checkCandidates(const Problem &problem, const Objective &objective,
                            const CandidateOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  if (!objective.evaluator || !objective.metric)
    return llvm::createStringError(
        "candidates of '" + problem.name +
        "': expected an evaluator and an additive metric that stands in for "
        "it; a metric alone is solved by the exact search");
  if (problem.metrics[*objective.metric].combine != Combine::Sum)
    return llvm::createStringError(
        "candidates of '" + problem.name + "': metric '" +
        problem.metrics[*objective.metric].name + "' is not a sum");
  bool sound = options.candidates > 0 && options.ticksPerUnit > 0 &&
               std::isfinite(options.ticksPerUnit) &&
               (!options.error ||
                (*options.error >= 0 && std::isfinite(*options.error)));
  if (!sound)
    return llvm::createStringError(
        "candidates of '" + problem.name +
        "': expected at least one candidate, ticks per unit above 0 and an "
        "error of at least 0");
  return llvm::Error::success();
}

Cost standIn(const Problem &problem, uint32_t metric,
             llvm::ArrayRef<uint32_t> assignment) {
  return scoreOf(problem, metric, evaluate(problem, assignment)[metric]);
}
} // namespace

/// What boxes prove beyond the stand-in.
static void tighten(const Problem &problem, const Objective &objective,
                    uint64_t boxes, SearchResult &result) {
  if (!result.best || result.gap == 0)
    return;
  std::optional<double> proven;
  if (result.gap)
    proven = result.score + *result.gap;
  std::optional<double> bound =
      boundByBoxes(problem, *objective.evaluator, result.score, proven, boxes);
  if (!bound)
    return;
  double gap = std::max(0.0, *bound - result.score);
  result.gap = std::min(result.gap.value_or(gap), gap);
}

llvm::Expected<SearchResult> searchCandidates(const Problem &problem,
                                              const Objective &objective,
                                              const SearchOptions &options) {
  if (llvm::Error error =
          checkCandidates(problem, objective, options.candidates))
    return error;
  llvm::Expected<Front> front = exactOptimum(problem, *objective.metric);
  if (!front)
    return front.takeError();
  Compiled compiled(problem);
  Scorer scorer(problem, compiled, objective, options);
  SearchResult result = scorer.result("candidates");
  result.reachable = front->reachable;
  if (front->points.empty())
    return result;
  const Assignment &best = front->points[0].assignment;
  Cost optimum = standIn(problem, *objective.metric, best);
  CandidateOptions bounded = options.candidates;
  bounded.candidates =
      std::min<uint64_t>(bounded.candidates, options.evaluations);
  std::optional<Near> near =
      CandidateSearch(problem, *objective.metric, bounded, optimum).run();
  // The optimum of the stand-in may have more equals than the options allow:
  // then it goes alone, and the unseen ones are as good.
  if (!near)
    near = Near{0, false, {best}};
  constexpr size_t batch = 1024;
  llvm::ArrayRef<Assignment> networks = near->networks;
  for (; !networks.empty() && !scorer.isDone();
       networks = networks.drop_front(std::min(batch, networks.size())))
    scorer.score(networks.take_front(batch));
  result = scorer.result("candidates");
  result.drawn = near->networks.size();
  Cost unseen = optimum - near->slack;
  if (result.evaluations < near->networks.size())
    unseen =
        standIn(problem, *objective.metric, near->networks[result.evaluations]);
  else if (near->isAll)
    result.gap = 0;
  if (!result.gap && result.best && options.candidates.error &&
      front->epsilon == 0) {
    double bound = double(unseen) / options.candidates.ticksPerUnit +
                   *options.candidates.error;
    result.gap = std::max(0.0, bound - result.score);
  }
  tighten(problem, objective, options.boxes, result);
  return result;
}

} // namespace gnomon::search
