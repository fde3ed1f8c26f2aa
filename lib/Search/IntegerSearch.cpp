// SPDX-License-Identifier: Apache-2.0
// The optimum of an additive objective by integer programming.
//
// Source: HAO (Dong et al., FCCM 2021) maps networks to accelerators by an
// integer program under several resources; here it is any problem of this
// library. Our formulation: see Linearized.h. The solver's answer is evaluated
// in integers; one that breaks a limit by less than floating point sees is
// excluded and the program solved again, at most 20 times.

#include "gnomon/Search/Algorithms.h"

#include "Compiled.h"
#include "Grouping.h"
#include "Linearized.h"
#include "Scorer.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace gnomon::search {

namespace {
constexpr size_t kMostEntries = size_t(1) << 21;
constexpr unsigned kMostExclusions = 20;

/// One program: a metric in a direction, under the limits of a problem.
class IntegerRun {
public:
  /// What it looks for is `dimensions[0]`.
  IntegerRun(const Problem &original, const SearchOptions &options)
      : original(original), options(options), grouping(original),
        compiled(original) {}

  llvm::Error run(llvm::ArrayRef<Dimension> dimensions);

  std::optional<Solution> best;
  /// In ticks: nothing is better than the best by more.
  double gap = 0;
  uint64_t evaluations = 0;
  /// Without a best: there is none.
  bool isComplete = false;

private:
  IntegerProgramOptions programOptions(const Linearized &program) const;
  llvm::Error attempt(llvm::ArrayRef<Dimension> dimensions);
  /// Whether the solution is an answer; else it was excluded.
  bool take(Linearized &program, const IntegerProgramResult &result);

  const Problem &original;
  const SearchOptions &options;
  Grouping grouping;
  Compiled compiled;
  /// Of the best, what the program minimises.
  Cost key = 0;
};

IntegerProgramOptions
IntegerRun::programOptions(const Linearized &program) const {
  IntegerProgramOptions result;
  result.nodes = options.ilp.nodes;
  // Half a tick, where the solver sees that much.
  if (program.uncertainty() == 0)
    result.increment = 0.5 / program.ticksPerUnit();
  if (options.progress)
    result.progress = [this](uint64_t nodes, std::optional<double>) {
      SearchProgress progress;
      progress.evaluations = nodes;
      progress.limit = options.ilp.nodes;
      return options.progress(progress);
    };
  return result;
}

bool IntegerRun::take(Linearized &program, const IntegerProgramResult &result) {
  Assignment divided = program.assignment(*result.values);
  Assignment found = grouping.restore(divided);
  compiled.canonicalize(found);
  ++evaluations;
  if (!compiled.fits(found)) {
    program.exclude(divided);
    return false;
  }
  std::vector<Cost> costs = compiled.costs(found);
  best = Solution{std::move(found), std::move(costs)};
  key = program.keyOf(divided);
  gap = program.uncertainty();
  if (!result.isComplete)
    gap += std::max(0.0, std::ceil((result.objective - result.bound) *
                                   program.ticksPerUnit()));
  return true;
}

llvm::Error IntegerRun::attempt(llvm::ArrayRef<Dimension> dimensions) {
  Linearized program(grouping.problem(), dimensions);
  if (program.entries() > kMostEntries)
    return llvm::createStringError(
        "ilp of '" + original.name + "': expected at most " +
        llvm::Twine(kMostEntries) + " costs of options, found " +
        llvm::Twine(program.entries()));
  isComplete = program.isHopeless();
  IntegerProgramOptions solverOptions = programOptions(program);
  for (unsigned i = 0;
       i <= kMostExclusions && !isComplete && evaluations < options.evaluations;
       ++i) {
    auto result = solve(program.program(), solverOptions);
    if (!result)
      return result.takeError();
    solverOptions.nodes -= std::min(solverOptions.nodes, result->nodes);
    if (!result->values)
      isComplete = result->isComplete;
    if (!result->values || take(program, *result))
      break;
  }
  return llvm::Error::success();
}

/// Where costs of a wide range leave ticks in doubt, a second attempt asks for
/// nothing worse than the first found: its range is smaller.
llvm::Error IntegerRun::run(llvm::ArrayRef<Dimension> dimensions) {
  if (llvm::Error error = attempt(dimensions))
    return error;
  if (!best || gap == 0 || dimensions[0].fold == Fold::Min)
    return llvm::Error::success();
  Solution first = *best;
  double firstGap = gap;
  Cost firstKey = key;
  std::vector<Dimension> tighter = dimensions.vec();
  tighter[0].bound = std::min(tighter[0].bound, firstKey);
  best.reset();
  if (llvm::Error error = attempt(tighter))
    return error;
  if (best && key <= firstKey)
    return llvm::Error::success();
  gap = best ? std::max(0.0, gap - double(key - firstKey)) : firstGap;
  best = std::move(first);
  return llvm::Error::success();
}

/// The network that goes furthest towards one side of a limit.
llvm::Expected<std::optional<Solution>> furthest(const Problem &problem,
                                                 const SearchOptions &options,
                                                 uint32_t metric,
                                                 bool greatest) {
  IntegerRun run(problem, options);
  std::vector<Dimension> dimensions = dimensionsFor(problem, {});
  dimensions.insert(dimensions.begin(),
                    dimensionFor(problem, metric, greatest));
  if (llvm::Error error = run.run(dimensions))
    return error;
  return std::move(run.best);
}

llvm::Error addReach(const Problem &problem, const SearchOptions &options,
                     size_t index, bool greatest, std::vector<Reach> &reaches) {
  uint32_t metric = problem.limits[index].metric;
  Problem free = problem, others = problem;
  free.limits.clear();
  (greatest ? others.limits[index].atLeast : others.limits[index].atMost)
      .reset();
  auto alone = furthest(free, options, metric, greatest);
  if (!alone)
    return alone.takeError();
  auto beside = furthest(others, options, metric, greatest);
  if (!beside)
    return beside.takeError();
  if (*alone)
    reaches.push_back(
        Reach{metric, greatest, std::move(**alone), std::move(*beside)});
  return llvm::Error::success();
}

llvm::Error fillReach(const Problem &problem, const SearchOptions &options,
                      SearchResult &result) {
  for (auto [index, limit] : llvm::enumerate(problem.limits))
    for (bool greatest : {false, true})
      if (greatest ? limit.atLeast : limit.atMost)
        if (llvm::Error error =
                addReach(problem, options, index, greatest, result.reachable))
          return error;
  return llvm::Error::success();
}
} // namespace

llvm::Expected<SearchResult> searchInteger(const Problem &problem,
                                           const Objective &objective,
                                           const SearchOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  if (objective.evaluator)
    return llvm::createStringError(
        "ilp of '" + problem.name +
        "': expected an additive objective, found an evaluator; the search "
        "'candidates' takes one");
  IntegerRun run(problem, options);
  if (llvm::Error error = run.run(dimensionsFor(problem, {*objective.metric})))
    return error;
  SearchResult result;
  result.algorithm = "ilp";
  result.seed = options.seed;
  result.evaluations = result.drawn = run.evaluations;
  if (run.best) {
    result.score = double(scoreOf(problem, *objective.metric,
                                  run.best->costs[*objective.metric]));
    result.best = std::move(run.best);
    result.gap = run.gap;
  } else if (run.isComplete && !options.ilp.reach) {
    result.gap = 0;
  } else if (run.isComplete) {
    if (llvm::Error error = fillReach(problem, options, result))
      return error;
  }
  return result;
}

} // namespace gnomon::search
