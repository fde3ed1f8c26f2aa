// SPDX-License-Identifier: Apache-2.0
// How far decisions matter where others take their options by shares.

#include "gnomon/Search/Activity.h"

#include <algorithm>

namespace gnomon::search {

Activity::Activity(const Problem &problem) : problem(problem) {
  llvm::BitVector done(problem.decisions.size());
  for (uint32_t decision = 0; decision < done.size(); ++decision)
    addOrder(decision, done);
}

void Activity::addOrder(uint32_t decision, llvm::BitVector &done) {
  const auto &rows = problem.decisions[decision].activeWhen;
  if (done[decision] || rows.empty())
    return;
  done.set(decision);
  for (const auto &row : rows)
    for (const Literal &literal : row)
      addOrder(literal.decision, done);
  order.push_back(decision);
}

/// By how much the literals of a row hold, one of them left out.
static double product(llvm::ArrayRef<Literal> row, const OptionValues &shares,
                      llvm::ArrayRef<double> active, size_t without) {
  double result = 1;
  for (size_t i = 0; i < row.size(); ++i)
    if (i != without)
      result *=
          active[row[i].decision] * shares[row[i].decision][row[i].option];
  return result;
}

static double sum(const Decision &decision, const OptionValues &shares,
                  llvm::ArrayRef<double> active) {
  double total = 0;
  for (const auto &row : decision.activeWhen)
    total += product(row, shares, active, row.size());
  return total;
}

std::vector<double> Activity::operator()(const OptionValues &shares) const {
  std::vector<double> active(problem.decisions.size(), 1);
  for (uint32_t decision : order)
    active[decision] =
        std::min(sum(problem.decisions[decision], shares, active), 1.0);
  return active;
}

void Activity::derive(const OptionValues &shares, llvm::ArrayRef<double> active,
                      std::vector<double> slopes,
                      OptionValues &gradient) const {
  constexpr double rounding = 1e-9;
  for (size_t i = order.size(); i-- > 0;) {
    const Decision &decision = problem.decisions[order[i]];
    double slope = slopes[order[i]];
    if (slope == 0 || sum(decision, shares, active) > 1 + rounding)
      continue;
    for (const auto &row : decision.activeWhen)
      for (size_t l = 0; l < row.size(); ++l) {
        auto [by, option] = row[l];
        double change = slope * product(row, shares, active, l);
        gradient[by][option] += change * active[by];
        slopes[by] += change * shares[by][option];
      }
  }
}

} // namespace gnomon::search
