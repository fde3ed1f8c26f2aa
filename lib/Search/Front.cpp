// SPDX-License-Identifier: Apache-2.0
// The exact Pareto front: asking for it, and reading what it says.

#include "gnomon/Search/Front.h"

#include "Compiled.h"
#include "Elimination.h"
#include "Grouping.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

namespace gnomon::search {

namespace {
llvm::Error checkOptions(const Problem &problem, const FrontOptions &options) {
  auto refuse = [&](const llvm::Twine &message) {
    return llvm::createStringError("front of '" + problem.name +
                                   "': " + message);
  };
  llvm::BitVector seen(problem.metrics.size());
  for (uint32_t metric : options.metrics) {
    if (metric >= problem.metrics.size())
      return refuse("expected a metric below " +
                    llvm::Twine(problem.metrics.size()) + ", found " +
                    llvm::Twine(metric));
    if (seen[metric])
      return refuse("metric '" + problem.metrics[metric].name +
                    "' is asked for twice");
    seen.set(metric);
  }
  if (!(options.epsilon >= 0) || options.epsilon > 1e6)
    return refuse("expected an epsilon from 0 to 1e6, found " +
                  llvm::formatv("{0}", options.epsilon).str());
  return llvm::Error::success();
}

/// A problem as elimination solves it: decisions split where terms group their
/// options.
class Solvable {
public:
  explicit Solvable(const Problem &problem)
      : original(problem), compiled(problem) {
    if (llvm::any_of(problem.terms,
                     [](const Term &term) { return !term.classes.empty(); }))
      grouping.emplace(problem);
  }
  const Problem &problem() const {
    return grouping ? grouping->problem() : original;
  }
  Solution solution(const Elimination &elimination, const Points &points,
                    size_t point) {
    const CodeLayout &layout = elimination.codes();
    Assignment found = layout.decode(&points.codes[point * layout.words()]);
    if (grouping)
      found = grouping->restore(found);
    compiled.canonicalize(found);
    std::vector<Cost> costs = compiled.costs(found);
    return {std::move(found), std::move(costs)};
  }

private:
  const Problem &original;
  Compiled compiled;
  std::optional<Grouping> grouping;
};

/// Whether a network could break the bound, as far as the terms tell.
bool mayBreak(const Problem &problem, const Dimension &dimension) {
  if (dimension.fold != Fold::Add)
    return true;
  Cost range = 0;
  const size_t metrics = problem.metrics.size();
  for (const Term &term : problem.terms) {
    Cost low = term.costs[dimension.metric], high = low;
    for (size_t i = dimension.metric; i < term.costs.size(); i += metrics) {
      low = std::min(low, term.costs[i]);
      high = std::max(high, term.costs[i]);
    }
    range += high - low;
  }
  return dimension.bound < range;
}

/// Drops sides of limits that no network can break and whose metric is a key in
/// its other direction: they would set no order among equals, but leave no
/// network dominated by any other.
void dropIdle(const Problem &problem, std::vector<Dimension> &dimensions) {
  for (size_t i = dimensions.size(); i-- > 1;) {
    const Dimension &dimension = dimensions[i];
    const bool isSecond = llvm::any_of(
        llvm::ArrayRef(dimensions).take_front(i), [&](const Dimension &other) {
          return other.metric == dimension.metric;
        });
    if (isSecond && !mayBreak(problem, dimension))
      dimensions.erase(dimensions.begin() + i);
  }
}

/// The points within all bounds that count when only the first `asked`
/// dimensions do.
std::vector<uint32_t> project(const Points &points,
                              llvm::ArrayRef<Dimension> dimensions,
                              size_t asked) {
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < points.size(); ++i)
    if (llvm::all_of(llvm::zip(dimensions, points.keys), [&](const auto &pair) {
          return std::get<1>(pair)[i] <= std::get<0>(pair).bound;
        }))
      order.push_back(i);
  if (asked == dimensions.size())
    return order;
  std::vector<std::vector<uint64_t>> columns(asked);
  for (size_t d = 0; d < asked; ++d)
    columns[d].assign(points.keys[d].begin(), points.keys[d].end());
  return nondominated(
      std::vector<llvm::ArrayRef<uint64_t>>(columns.begin(), columns.end()),
      order);
}

/// The network with the least (or greatest) value of a metric.
llvm::Expected<std::optional<Solution>> furthest(const Problem &problem,
                                                 uint32_t metric, bool greatest,
                                                 const FrontOptions &options) {
  std::vector<Dimension> dimensions = dimensionsFor(problem, {});
  Dimension dimension = dimensionFor(problem, metric, greatest);
  dimensions.insert(dimensions.begin(), dimension);
  dropIdle(problem, dimensions);
  Solvable solvable(problem);
  Elimination elimination(solvable.problem(), dimensions, options);
  llvm::Expected<Points> points = elimination.run();
  if (!points)
    return points.takeError();
  for (size_t i = 0; i < points->size(); ++i) {
    Solution solution = solvable.solution(elimination, *points, i);
    if (withinLimits(problem, solution.costs))
      return solution;
  }
  return std::nullopt;
}

llvm::Expected<Reach> reachOf(const Problem &problem, size_t index,
                              bool greatest, const FrontOptions &options) {
  Limit limit = problem.limits[index];
  Problem others = problem, free = problem;
  free.limits.clear();
  // The bound in question goes, its other side stays.
  (greatest ? others.limits[index].atLeast : others.limits[index].atMost)
      .reset();
  auto alone = furthest(free, limit.metric, greatest, options);
  if (!alone)
    return alone.takeError();
  auto beside = furthest(others, limit.metric, greatest, options);
  if (!beside)
    return beside.takeError();
  return Reach{limit.metric, greatest, std::move(**alone), std::move(*beside)};
}

llvm::Error fillReach(const Problem &problem, const FrontOptions &options,
                      Front &front) {
  FrontOptions exact = options;
  exact.epsilon = 0;
  exact.progress = nullptr;
  for (auto [index, limit] : llvm::enumerate(problem.limits))
    for (bool greatest : {false, true}) {
      if (!(greatest ? limit.atLeast : limit.atMost))
        continue;
      llvm::Expected<Reach> reach = reachOf(problem, index, greatest, exact);
      if (!reach)
        return reach.takeError();
      front.reachable.push_back(std::move(*reach));
    }
  return llvm::Error::success();
}
} // namespace

llvm::Expected<Front> paretoFront(const Problem &problem,
                                  const FrontOptions &options) {
  if (llvm::Error error = checkOptions(problem, options))
    return error;
  Front front;
  front.metrics = options.metrics;
  if (front.metrics.empty())
    for (uint32_t metric = 0; metric < problem.metrics.size(); ++metric)
      front.metrics.push_back(metric);
  std::vector<Dimension> dimensions = dimensionsFor(problem, front.metrics);
  dropIdle(problem, dimensions);
  Solvable solvable(problem);
  Elimination elimination(solvable.problem(), dimensions, options);
  llvm::Expected<Points> points = elimination.run();
  if (!points)
    return points.takeError();
  front.pairs = elimination.pairs();
  front.epsilon = points->error - 1;
  for (uint32_t point : project(*points, dimensions, front.metrics.size()))
    front.points.push_back(solvable.solution(elimination, *points, point));
  if (front.points.empty())
    if (llvm::Error error = fillReach(problem, options, front))
      return error;
  return front;
}

const Solution *bestUnder(const Problem &problem, const Front &front,
                          uint32_t limited, Cost budget, uint32_t objective) {
  auto better = [&](uint32_t metric, Cost a, Cost b) {
    return problem.metrics[metric].sense == Sense::Minimize ? a < b : a > b;
  };
  const Solution *best = nullptr;
  for (const Solution &point : front.points)
    if (!better(limited, budget, point.costs[limited]) &&
        (!best ||
         better(objective, point.costs[objective], best->costs[objective])))
      best = &point;
  return best;
}

std::vector<const Solution *> bestUnder(const Problem &problem,
                                        const Front &front, uint32_t limited,
                                        llvm::ArrayRef<Cost> budgets,
                                        uint32_t objective) {
  std::vector<const Solution *> best;
  for (Cost budget : budgets)
    best.push_back(bestUnder(problem, front, limited, budget, objective));
  return best;
}

} // namespace gnomon::search
