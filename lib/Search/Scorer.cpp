// SPDX-License-Identifier: Apache-2.0
// Asking the objective: in batches, every network once, within limits.

#include "Scorer.h"

#include "Proof.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <limits>

namespace gnomon::search {

namespace {
constexpr double kWorst = -std::numeric_limits<double>::infinity();
} // namespace

Evaluator::~Evaluator() = default;

size_t Scorer::KeyHash::operator()(const Key &key) const {
  uint64_t hash = 0x9e3779b97f4a7c15u;
  for (uint64_t word : key) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

Scorer::Scorer(const Problem &problem, Compiled &compiled,
               const Objective &objective, const SearchOptions &options)
    : problem(problem), compiled(compiled), objective(objective),
      options(options), layout(problem), limit(options.evaluations) {}

Scorer::Key Scorer::keyOf(llvm::ArrayRef<uint32_t> assignment) const {
  Key key(layout.words(), 0);
  for (uint32_t i = 0; i < assignment.size(); ++i)
    key[layout.word(i)] |= layout.bits(i, assignment[i]);
  return key;
}

std::vector<double> Scorer::ask(llvm::ArrayRef<Assignment> assignments) {
  if (objective.evaluator) {
    std::vector<double> scores = objective.evaluator->evaluate(assignments);
    for (double &score : scores)
      score = std::isfinite(score) ? score : kWorst;
    scores.resize(assignments.size(), kWorst);
    return scores;
  }
  uint32_t metric = *objective.metric;
  std::vector<double> scores;
  for (const Assignment &assignment : assignments)
    scores.push_back(
        scoreOf(problem, metric, compiled.cost(metric, assignment)));
  return scores;
}

void Scorer::compare(const Assignment &assignment, double score) {
  bool better =
      score > bestScore || (best && score == bestScore && assignment < *best);
  if (score == kWorst || (best && !better) || !compiled.fits(assignment))
    return;
  best = assignment;
  bestScore = score;
}

std::vector<double> Scorer::score(llvm::ArrayRef<Assignment> assignments) {
  std::vector<Assignment> fresh;
  // Where the memory keeps the scores; none: it may not grow any more.
  std::vector<double *> all, unknown;
  Assignment same;
  for (const Assignment &assignment : assignments) {
    same = assignment;
    compiled.canonicalize(same);
    Key key = keyOf(same);
    auto known = memo.find(key);
    if (known == memo.end() && !isDone()) {
      known = memo.emplace(std::move(key), kWorst).first;
      unknown.push_back(&known->second);
      fresh.push_back(same);
    }
    all.push_back(known == memo.end() ? nullptr : &known->second);
  }
  if (!fresh.empty()) {
    std::vector<double> scores = ask(fresh);
    for (size_t i = 0; i < fresh.size(); ++i) {
      *unknown[i] = scores[i];
      compare(fresh[i], scores[i]);
    }
    SearchProgress progress{memo.size(), options.evaluations, std::nullopt};
    if (best)
      progress.best = bestScore;
    stopped = stopped || (options.progress && !options.progress(progress));
  }
  std::vector<double> scores;
  for (const double *score : all)
    scores.push_back(score ? *score : kWorst);
  return scores;
}

SearchResult Scorer::result(llvm::StringRef algorithm) const {
  SearchResult result;
  result.algorithm = algorithm.str();
  result.seed = options.seed;
  result.evaluations = memo.size();
  if (best) {
    result.best = Solution{*best, evaluate(problem, *best)};
    result.score = bestScore;
  }
  return result;
}

llvm::Error checkObjective(const Problem &problem, const Objective &objective) {
  if (!objective.metric && !objective.evaluator)
    return llvm::createStringError(
        "search of '" + problem.name +
        "': expected a metric or an evaluator as objective, found none");
  if (objective.metric && *objective.metric >= problem.metrics.size())
    return llvm::createStringError(
        "search of '" + problem.name + "': expected an objective below " +
        llvm::Twine(problem.metrics.size()) + ", found metric " +
        llvm::Twine(*objective.metric));
  return llvm::Error::success();
}

llvm::Expected<Front> exactOptimum(const Problem &problem, uint32_t metric) {
  FrontOptions options;
  options.metrics = {metric};
  return paretoFront(problem, options);
}

Anchor findAnchor(const Problem &problem) {
  Anchor anchor;
  if (problem.limits.empty())
    return anchor;
  llvm::Expected<Front> front = exactOptimum(problem, problem.limits[0].metric);
  if (!front) {
    llvm::consumeError(front.takeError());
    return anchor;
  }
  anchor.reachable = std::move(front->reachable);
  if (!front->points.empty())
    anchor.network = front->points[0].assignment;
  return anchor;
}

llvm::Expected<SearchResult>
searchFromAnchor(llvm::StringRef name, const Problem &problem,
                 const Objective &objective, const SearchOptions &options,
                 llvm::function_ref<uint64_t(Compiled &, Scorer &,
                                             std::optional<Assignment>)>
                     run) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  Compiled compiled(problem);
  Scorer scorer(problem, compiled, objective, options);
  Anchor anchor = findAnchor(problem);
  uint64_t drawn = 0;
  if (anchor.reachable.empty() && !options.start.empty())
    scorer.score(options.start);
  if (anchor.reachable.empty())
    drawn = run(compiled, scorer, std::move(anchor.network));
  SearchResult result = scorer.result(name);
  result.drawn = drawn;
  result.reachable = std::move(anchor.reachable);
  fillGap(problem, objective, options, result);
  return result;
}

/// What is proven of an evaluator's best.
static std::optional<double> judgedGap(const Problem &problem,
                                       const Objective &objective,
                                       const SearchOptions &options,
                                       double score) {
  std::optional<double> bound =
      boundByStandIn(problem, objective, options.candidates);
  if (auto other = boundByBoxes(problem, *objective.evaluator, score, bound,
                                options.boxes))
    bound = std::min(bound.value_or(*other), *other);
  if (!bound)
    return std::nullopt;
  return std::max(0.0, *bound - score);
}

void fillGap(const Problem &problem, const Objective &objective,
             const SearchOptions &options, SearchResult &result) {
  if (!result.best)
    return;
  if (objective.evaluator) {
    result.gap = judgedGap(problem, objective, options, result.score);
    return;
  }
  uint32_t metric = *objective.metric;
  llvm::Expected<Front> front = exactOptimum(problem, metric);
  if (!front) {
    llvm::consumeError(front.takeError());
    return;
  }
  if (front->epsilon == 0 && !front->points.empty())
    result.gap =
        double(scoreOf(problem, metric, front->points[0].costs[metric]) -
               scoreOf(problem, metric, result.best->costs[metric]));
}

} // namespace gnomon::search
