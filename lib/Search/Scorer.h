// SPDX-License-Identifier: Apache-2.0
// Asking the objective: in batches, every network once, within limits.

#ifndef GNOMON_LIB_SEARCH_SCORER_H
#define GNOMON_LIB_SEARCH_SCORER_H

#include "gnomon/Search/Algorithms.h"

#include "Compiled.h"
#include "Points.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <unordered_map>

namespace gnomon::search {

/// The objective of one search with its memory and its account.
class Scorer {
public:
  Scorer(const Problem &problem, Compiled &compiled, const Objective &objective,
         const SearchOptions &options);

  /// Scores of assignments, which the objective gets to see in canonical form;
  /// more is better. Those that break limits are scored and are no answer.
  /// Minus infinity: no finite number, or the limit of evaluations was reached
  /// before.
  std::vector<double> score(llvm::ArrayRef<Assignment> assignments);

  /// No more evaluations: the limit is reached or the caller said stop.
  bool isDone() const { return stopped || memo.size() >= limit; }

  /// A smaller limit of evaluations than that of the options.
  void setLimit(uint64_t most) { limit = std::min(most, options.evaluations); }

  bool isStopped() const { return stopped; }

  /// How many more networks may be evaluated.
  uint64_t remaining() const { return isDone() ? 0 : limit - memo.size(); }

  /// The best network so far that keeps the limits.
  const std::optional<Assignment> &found() const { return best; }

  /// What was found.
  SearchResult result(llvm::StringRef algorithm) const;

private:
  /// A packed assignment.
  using Key = llvm::SmallVector<uint64_t, 2>;
  struct KeyHash {
    size_t operator()(const Key &key) const;
  };

  Key keyOf(llvm::ArrayRef<uint32_t> assignment) const;
  std::vector<double> ask(llvm::ArrayRef<Assignment> assignments);
  void compare(const Assignment &assignment, double score);

  const Problem &problem;
  Compiled &compiled;
  const Objective &objective;
  const SearchOptions &options;
  CodeLayout layout;
  std::unordered_map<Key, double, KeyHash> memo;
  uint64_t limit;
  std::optional<Assignment> best;
  double bestScore = 0;
  bool stopped = false;
};

/// Refuses an objective without a metric of the problem or an evaluator.
llvm::Error checkObjective(const Problem &problem, const Objective &objective);

/// The exact optimum of the objective's metric under the limits.
llvm::Expected<Front> exactOptimum(const Problem &problem, uint32_t metric);

/// A network that keeps the limits; none: there is none, and `reachable` says
/// how far they can be met, or none is known, as finding one would take long.
struct Anchor {
  std::optional<Assignment> network;
  std::vector<Reach> reachable;
};
Anchor findAnchor(const Problem &problem);

/// The frame of searches that fall back on a network that keeps the limits:
/// `run` gets it where one is known, has `scorer` see what it meets, and says
/// how many networks it drew. It is not called where nothing keeps the limits.
llvm::Expected<SearchResult>
searchFromAnchor(llvm::StringRef name, const Problem &problem,
                 const Objective &objective, const SearchOptions &options,
                 llvm::function_ref<uint64_t(Compiled &compiled, Scorer &scorer,
                                             std::optional<Assignment> anchor)>
                     run);

/// The metric as a score.
inline Cost scoreOf(const Problem &problem, uint32_t metric, Cost cost) {
  return problem.metrics[metric].sense == Sense::Maximize ? cost : -cost;
}

/// Fills in what is proven about the result: of a metric by its exact optimum,
/// of an evaluator by its stand-in (as far as the error of that holds) and by
/// its bounds of boxes, whichever is less. Where the exact front cannot be
/// computed, it proves nothing.
void fillGap(const Problem &problem, const Objective &objective,
             const SearchOptions &options, SearchResult &result);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_SCORER_H
