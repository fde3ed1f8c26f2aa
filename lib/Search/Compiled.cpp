// SPDX-License-Identifier: Apache-2.0
// A problem laid out for evaluating many networks.

#include "Compiled.h"

#include <algorithm>

namespace gnomon::search {

Compiled::Compiled(const Problem &problem)
    : problem(problem), active(problem.decisions.size(), 1),
      total(problem.metrics.size(), 0) {
  for (const Decision &decision : problem.decisions)
    counts.push_back(decision.options.size());
  for (const Term &term : problem.terms) {
    size_t begin = indices.size();
    size_t stride = problem.metrics.size();
    for (size_t place = term.scope.size(); place-- > 0;) {
      const uint32_t *classes =
          term.groups(place) ? term.classes[place].data() : nullptr;
      indices.push_back({term.scope[place], stride, classes});
      stride *= classCount(problem, term, place);
    }
    tables.push_back({term.costs.data(), begin, indices.size()});
  }
  llvm::BitVector done(counts.size());
  for (uint32_t decision = 0; decision < counts.size(); ++decision)
    addConditions(decision, done);
}

void Compiled::addConditions(uint32_t decision, llvm::BitVector &done) {
  const auto &activeWhen = problem.decisions[decision].activeWhen;
  if (done[decision] || activeWhen.empty())
    return;
  done.set(decision);
  for (const auto &row : activeWhen)
    for (const Literal &literal : row)
      addConditions(literal.decision, done);
  size_t first = rows.size();
  for (const auto &row : activeWhen) {
    rows.push_back({literals.size(), literals.size() + row.size()});
    literals.insert(literals.end(), row.begin(), row.end());
  }
  conditions.push_back({decision, first, rows.size()});
}

bool Compiled::isActive(const Condition &condition,
                        llvm::ArrayRef<uint32_t> assignment) const {
  for (size_t row = condition.begin; row < condition.end; ++row) {
    bool holds = true;
    for (size_t i = rows[row].begin; i < rows[row].end; ++i)
      holds &= assignment[literals[i].decision] == literals[i].option &&
               active[literals[i].decision];
    if (holds)
      return true;
  }
  return false;
}

void Compiled::canonicalize(llvm::MutableArrayRef<uint32_t> assignment) {
  for (const Condition &condition : conditions) {
    bool isOn = isActive(condition, assignment);
    active[condition.decision] = isOn;
    if (!isOn)
      assignment[condition.decision] = 0;
  }
}

llvm::ArrayRef<Cost> Compiled::costs(llvm::ArrayRef<uint32_t> assignment) {
  std::fill(total.begin(), total.end(), 0);
  for (const Table &table : tables) {
    const Cost *row = table.costs;
    for (size_t i = table.begin; i < table.end; ++i) {
      uint32_t option = assignment[indices[i].decision];
      if (const uint32_t *classes = indices[i].classes)
        option = classes[option];
      row += option * indices[i].stride;
    }
    for (size_t m = 0; m < total.size(); ++m)
      total[m] = problem.metrics[m].combine == Combine::Sum
                     ? total[m] + row[m]
                     : std::max(total[m], row[m]);
  }
  return total;
}

bool Compiled::fits(llvm::ArrayRef<uint32_t> assignment) {
  return problem.limits.empty() || withinLimits(problem, costs(assignment));
}

} // namespace gnomon::search
