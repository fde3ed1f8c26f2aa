// SPDX-License-Identifier: Apache-2.0
// Sets of networks: those that take allowed options.

#include "gnomon/Search/Boxes.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <limits>

namespace gnomon::search {

Box wholeBox(const Problem &problem) {
  Box box;
  for (const Decision &decision : problem.decisions)
    box.emplace_back(decision.options.size(), true);
  return box;
}

Boxes::Boxes(const Problem &problem)
    : problem(problem), parents(problem.decisions.size()),
      children(problem.decisions.size()) {
  llvm::BitVector done(problem.decisions.size());
  for (uint32_t decision = 0; decision < done.size(); ++decision) {
    addOrder(decision, done);
    const auto &rows = problem.decisions[decision].activeWhen;
    if (rows.empty() || llvm::any_of(rows, [&](const auto &row) {
          return row.size() != 1 || row[0].decision != rows[0][0].decision;
        }))
      continue;
    parents[decision] = rows[0][0].decision;
    children[*parents[decision]].push_back(decision);
  }
}

void Boxes::addOrder(uint32_t decision, llvm::BitVector &done) {
  if (done[decision])
    return;
  done.set(decision);
  for (const auto &row : problem.decisions[decision].activeWhen)
    for (const Literal &literal : row)
      addOrder(literal.decision, done);
  order.push_back(decision);
}

std::vector<Matters> Boxes::matters(const Box &box) const {
  std::vector<Matters> result(box.size(), Matters::Always);
  for (uint32_t decision : order) {
    const auto &rows = problem.decisions[decision].activeWhen;
    if (rows.empty())
      continue;
    Matters best = Matters::Never;
    for (const auto &row : rows) {
      Matters holds = Matters::Always;
      for (auto [other, option] : row) {
        bool only = box[other][option] && box[other].count() == 1;
        Matters one = !box[other][option] ? Matters::Never
                      : only              ? Matters::Always
                                          : Matters::Perhaps;
        holds = std::min({holds, one, result[other]});
      }
      best = std::max(best, holds);
    }
    result[decision] = best;
  }
  return result;
}

double Boxes::greatestSum(const Box &box, llvm::ArrayRef<Matters> matters,
                          llvm::ArrayRef<std::vector<double>> values) const {
  std::vector<double> best(box.size(), 0);
  double total = 0;
  for (uint32_t decision : llvm::reverse(order)) {
    if (matters[decision] == Matters::Never)
      continue;
    double most = -std::numeric_limits<double>::infinity();
    for (unsigned option : box[decision].set_bits()) {
      double sum = values[decision].empty() ? 0 : values[decision][option];
      for (uint32_t child : children[decision])
        if (llvm::any_of(
                problem.decisions[child].activeWhen,
                [&](const auto &row) { return row[0].option == option; }))
          sum += best[child];
      most = std::max(most, sum);
    }
    best[decision] = most;
    if (!parents[decision])
      total +=
          matters[decision] == Matters::Perhaps ? std::max(most, 0.0) : most;
  }
  return total;
}

/// The best cost of a metric among the entries that a box leaves.
static Cost bestEntry(const Problem &problem, const Term &term, const Box &box,
                      uint32_t metric, bool most) {
  const size_t metrics = problem.metrics.size();
  std::vector<size_t> entries = {0};
  for (size_t place = 0; place < term.scope.size(); ++place) {
    size_t count = classCount(problem, term, place);
    llvm::BitVector left(count);
    for (unsigned option : box[term.scope[place]].set_bits())
      left.set(term.classOf(place, option));
    std::vector<size_t> next;
    for (size_t entry : entries)
      for (unsigned one : left.set_bits())
        next.push_back(entry * count + one);
    entries = std::move(next);
  }
  Cost best = term.costs[entries[0] * metrics + metric];
  for (size_t entry : entries) {
    Cost cost = term.costs[entry * metrics + metric];
    best = most ? std::max(best, cost) : std::min(best, cost);
  }
  return best;
}

Cost Boxes::reach(const Box &box, uint32_t metric, bool most) const {
  Cost total = 0;
  for (const Term &term : problem.terms) {
    Cost best = bestEntry(problem, term, box, metric, most);
    total = problem.metrics[metric].combine == Combine::Max
                ? std::max(total, best)
                : total + best;
  }
  return total;
}

} // namespace gnomon::search
