// SPDX-License-Identifier: Apache-2.0
// Networks drawn at random, and all networks: what other searches are held
// against.

#include "Sampler.h"
#include "Scorer.h"

namespace gnomon::search {

namespace {
/// Networks that the objective is asked about together.
constexpr size_t kBatch = 1024;
} // namespace

llvm::Expected<SearchResult> searchRandom(const Problem &problem,
                                          const Objective &objective,
                                          const SearchOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  Compiled compiled(problem);
  Sampler sampler(problem, compiled, options, options.evolution.tries);
  Scorer scorer(problem, compiled, objective, options);
  scorer.score(options.start);
  // Draws are counted, too: a small space has fewer networks than the limit.
  for (uint64_t done = 0; done < options.evaluations && !scorer.isDone();) {
    std::vector<Assignment> batch;
    for (size_t i = 0; i < kBatch && done < options.evaluations; ++i, ++done)
      if (auto network = sampler.sample(
              [&](Assignment &drawn) { sampler.uniform(drawn); }))
        batch.push_back(std::move(*network));
    if (batch.empty())
      break;
    scorer.score(batch);
  }
  SearchResult result = scorer.result("random");
  result.drawn = sampler.drawn();
  result.reachable = std::move(sampler.reachable());
  fillGap(problem, objective, options, result);
  return result;
}

namespace {
/// The next assignment, the last decision fastest; false after the last.
bool nextAssignment(const Compiled &compiled, Assignment &assignment) {
  for (size_t i = assignment.size(); i-- > 0;) {
    if (++assignment[i] < compiled.options(i))
      return true;
    assignment[i] = 0;
  }
  return false;
}
} // namespace

llvm::Expected<SearchResult> searchExhaustive(const Problem &problem,
                                              const Objective &objective,
                                              const SearchOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  uint64_t size = 1;
  for (const Decision &decision : problem.decisions) {
    if (size > options.evaluations / decision.options.size())
      return llvm::createStringError("exhaustive search of '" + problem.name +
                                     "': more than the limit of " +
                                     llvm::Twine(options.evaluations) +
                                     " networks");
    size *= decision.options.size();
  }
  Compiled compiled(problem);
  Scorer scorer(problem, compiled, objective, options);
  Assignment assignment(problem.decisions.size(), 0), same;
  std::vector<Assignment> batch;
  uint64_t drawn = 0;
  do {
    ++drawn;
    same = assignment;
    compiled.canonicalize(same);
    if (same == assignment && compiled.fits(assignment))
      batch.push_back(assignment);
    if (batch.size() == kBatch) {
      scorer.score(batch);
      batch.clear();
    }
  } while (!scorer.isStopped() && nextAssignment(compiled, assignment));
  scorer.score(batch);
  SearchResult result = scorer.result("exhaustive");
  result.drawn = drawn;
  if (scorer.isStopped())
    return result;
  if (result.best) {
    result.gap = 0;
  } else if (!problem.limits.empty()) {
    llvm::Expected<Front> front =
        exactOptimum(problem, problem.limits[0].metric);
    if (!front)
      return front.takeError();
    result.reachable = std::move(front->reachable);
  }
  return result;
}

} // namespace gnomon::search
