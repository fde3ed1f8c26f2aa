// SPDX-License-Identifier: Apache-2.0
// One more metric for a problem that is there already.

#include "gnomon/Search/Problem.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

namespace gnomon::search {

/// A table of `before` metrics as one of one more, the new costs all 0.
static std::vector<Cost> widened(llvm::ArrayRef<Cost> costs, size_t before) {
  std::vector<Cost> result;
  result.reserve(costs.size() / std::max<size_t>(before, 1) * (before + 1));
  for (; !costs.empty(); costs = costs.drop_front(before)) {
    llvm::append_range(result, costs.take_front(before));
    result.push_back(0);
  }
  return result;
}

void addMetric(Problem &problem, Metric metric, std::vector<Term> terms) {
  const size_t before = problem.metrics.size();
  problem.metrics.push_back(std::move(metric));
  if (before == 0)
    problem.terms.clear();
  using Key = std::pair<std::vector<uint32_t>, decltype(Term::classes)>;
  std::map<Key, size_t> known;
  for (auto [index, term] : llvm::enumerate(problem.terms)) {
    term.costs = widened(term.costs, before);
    known.try_emplace({term.scope, term.classes}, index);
  }
  for (const Term &term : terms) {
    auto [place, isNew] =
        known.try_emplace({term.scope, term.classes}, problem.terms.size());
    if (isNew)
      problem.terms.push_back(
          {term.scope, std::vector<Cost>(term.costs.size() * (before + 1)),
           term.classes});
    Term &target = problem.terms[place->second];
    for (auto [entry, cost] : llvm::enumerate(term.costs))
      target.costs[entry * (before + 1) + before] += cost;
  }
}

} // namespace gnomon::search
