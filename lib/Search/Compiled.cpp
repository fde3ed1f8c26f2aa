// SPDX-License-Identifier: Apache-2.0
// A problem laid out for evaluating many networks.

#include "Compiled.h"

#include <algorithm>

namespace gnomon::search {

Compiled::Compiled(const Problem &problem)
    : problem(problem), active(problem.decisions.size(), 1) {
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

const Cost *Compiled::row(const Table &table,
                          llvm::ArrayRef<uint32_t> assignment) const {
  const Cost *row = table.costs;
  for (size_t i = table.begin; i < table.end; ++i) {
    uint32_t option = assignment[indices[i].decision];
    if (const uint32_t *classes = indices[i].classes)
      option = classes[option];
    row += option * indices[i].stride;
  }
  return row;
}

std::vector<Cost> Compiled::costs(llvm::ArrayRef<uint32_t> assignment) const {
  std::vector<Cost> total;
  for (uint32_t metric = 0; metric < problem.metrics.size(); ++metric)
    total.push_back(cost(metric, assignment));
  return total;
}

Cost Compiled::cost(uint32_t metric,
                    llvm::ArrayRef<uint32_t> assignment) const {
  Cost total = 0;
  if (problem.metrics[metric].combine == Combine::Sum)
    for (const Table &table : tables)
      total += row(table, assignment)[metric];
  else
    for (const Table &table : tables)
      total = std::max(total, row(table, assignment)[metric]);
  return total;
}

bool Compiled::fits(llvm::ArrayRef<uint32_t> assignment) const {
  return llvm::all_of(problem.limits, [&](const Limit &limit) {
    Cost found = cost(limit.metric, assignment);
    return (!limit.atMost || found <= *limit.atMost) &&
           (!limit.atLeast || found >= *limit.atLeast);
  });
}

} // namespace gnomon::search
