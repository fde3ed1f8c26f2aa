// SPDX-License-Identifier: Apache-2.0
// What an assignment costs, and whether a solution tells the truth.

#include "gnomon/Search/Problem.h"

#include <algorithm>

namespace gnomon::search {

size_t classCount(const Problem &problem, const Term &term, size_t place) {
  if (term.groups(place))
    return *std::max_element(term.classes[place].begin(),
                             term.classes[place].end()) +
           size_t(1);
  return problem.decisions[term.scope[place]].options.size();
}

size_t tableSize(const Problem &problem, const Term &term) {
  size_t size = 1;
  for (size_t place = 0; place < term.scope.size(); ++place)
    size *= classCount(problem, term, place);
  return size;
}

size_t tableEntry(const Problem &problem, const Term &term,
                  llvm::ArrayRef<uint32_t> assignment) {
  size_t entry = 0;
  for (size_t place = 0; place < term.scope.size(); ++place)
    entry = entry * classCount(problem, term, place) +
            term.classOf(place, assignment[term.scope[place]]);
  return entry;
}

namespace {
/// Activity of decisions, each worked out once.
class Activity {
public:
  Activity(const Problem &problem, llvm::ArrayRef<uint32_t> assignment)
      : problem(problem), assignment(assignment),
        known(problem.decisions.size()), active(problem.decisions.size()) {}

  bool of(uint32_t decision) {
    if (!known[decision]) {
      const auto &rows = problem.decisions[decision].activeWhen;
      active[decision] =
          rows.empty() || llvm::any_of(rows, [&](const auto &row) {
            return llvm::all_of(row, [&](const Literal &literal) {
              return assignment[literal.decision] == literal.option &&
                     of(literal.decision);
            });
          });
      known.set(decision);
    }
    return active[decision];
  }

private:
  const Problem &problem;
  llvm::ArrayRef<uint32_t> assignment;
  llvm::BitVector known, active;
};

llvm::Error refuse(const Problem &problem, const llvm::Twine &message) {
  return llvm::createStringError("solution of '" + problem.name +
                                 "': " + message);
}

llvm::Error verifyAssignment(const Problem &problem,
                             const Assignment &assignment) {
  if (assignment.size() != problem.decisions.size())
    return refuse(problem, "expected " + llvm::Twine(problem.decisions.size()) +
                               " decisions, found " +
                               llvm::Twine(assignment.size()));
  for (auto [decision, option] : llvm::zip(problem.decisions, assignment))
    if (option >= decision.options.size())
      return refuse(problem, "decision '" + decision.name +
                                 "': expected an option below " +
                                 llvm::Twine(decision.options.size()) +
                                 ", found " + llvm::Twine(option));
  llvm::BitVector active = activeDecisions(problem, assignment);
  for (unsigned i = 0; i < active.size(); ++i)
    if (!active[i] && assignment[i] != 0)
      return refuse(problem, "decision '" + problem.decisions[i].name +
                                 "' is not active: expected option 0, found " +
                                 llvm::Twine(assignment[i]));
  return llvm::Error::success();
}
} // namespace

llvm::BitVector activeDecisions(const Problem &problem,
                                llvm::ArrayRef<uint32_t> assignment) {
  Activity activity(problem, assignment);
  llvm::BitVector active(problem.decisions.size());
  for (unsigned i = 0; i < active.size(); ++i)
    active[i] = activity.of(i);
  return active;
}

Assignment canonical(const Problem &problem, Assignment assignment) {
  llvm::BitVector active = activeDecisions(problem, assignment);
  for (unsigned i = 0; i < active.size(); ++i)
    if (!active[i])
      assignment[i] = 0;
  return assignment;
}

std::vector<Cost> evaluate(const Problem &problem,
                           llvm::ArrayRef<uint32_t> assignment) {
  size_t metrics = problem.metrics.size();
  std::vector<Cost> total(metrics, 0);
  for (const Term &term : problem.terms) {
    const Cost *row =
        &term.costs[tableEntry(problem, term, assignment) * metrics];
    for (size_t m = 0; m < metrics; ++m)
      total[m] = problem.metrics[m].combine == Combine::Sum
                     ? total[m] + row[m]
                     : std::max(total[m], row[m]);
  }
  return total;
}

bool withinLimits(const Problem &problem, llvm::ArrayRef<Cost> costs) {
  return llvm::all_of(problem.limits, [&](const Limit &limit) {
    Cost cost = costs[limit.metric];
    return (!limit.atMost || cost <= *limit.atMost) &&
           (!limit.atLeast || cost >= *limit.atLeast);
  });
}

llvm::Error verify(const Problem &problem, const Solution &solution) {
  if (llvm::Error error = verifyAssignment(problem, solution.assignment))
    return error;
  std::vector<Cost> costs = evaluate(problem, solution.assignment);
  if (solution.costs.size() != costs.size())
    return refuse(problem, "expected " + llvm::Twine(costs.size()) +
                               " metrics, found " +
                               llvm::Twine(solution.costs.size()));
  for (auto [metric, expected, found] :
       llvm::zip(problem.metrics, costs, solution.costs))
    if (expected != found)
      return refuse(problem, "metric '" + metric.name + "': expected " +
                                 llvm::Twine(expected) + ", found " +
                                 llvm::Twine(found));
  for (const Limit &limit : problem.limits) {
    const Metric &metric = problem.metrics[limit.metric];
    Cost cost = costs[limit.metric];
    if (limit.atMost && cost > *limit.atMost)
      return refuse(problem, "metric '" + metric.name + "': expected at most " +
                                 llvm::Twine(*limit.atMost) + ", found " +
                                 llvm::Twine(cost));
    if (limit.atLeast && cost < *limit.atLeast)
      return refuse(problem, "metric '" + metric.name +
                                 "': expected at least " +
                                 llvm::Twine(*limit.atLeast) + ", found " +
                                 llvm::Twine(cost));
  }
  return llvm::Error::success();
}

} // namespace gnomon::search
