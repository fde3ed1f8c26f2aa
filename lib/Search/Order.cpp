// SPDX-License-Identifier: Apache-2.0
// In what order decisions are eliminated, and what that means for rounding.

#include "Order.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace gnomon::search {

namespace {
/// A table to be: its decisions and guesses at its fronts.
struct Group {
  std::set<uint32_t> scope;
  uint64_t points = 1;
  unsigned roundings = 0;
};

/// Saturates where the comparison of two orders has long been decided.
uint64_t times(uint64_t a, uint64_t b) {
  constexpr uint64_t most = uint64_t(1) << 48;
  return std::min(std::min(a, most) * std::min<uint64_t>(b, 1 << 15), most);
}

/// Fronts seldom grow beyond this, however many networks stand behind them.
constexpr uint64_t kUsualFront = 1000;

/// What a decision's elimination leaves and what it costs: the entries of all
/// its tables together, each as many pairs as their fronts have.
struct Step {
  Group group;
  uint64_t entries = 1;
  uint64_t work = 1;
};

Step join(const Problem &problem, llvm::ArrayRef<Group> groups,
          uint32_t decision) {
  Step step;
  unsigned parts = 0;
  for (const Group &group : groups)
    if (group.scope.count(decision)) {
      step.group.scope.insert(group.scope.begin(), group.scope.end());
      step.group.points = std::min(times(step.group.points, group.points),
                                   kUsualFront * kUsualFront);
      step.group.roundings = std::max(step.group.roundings, group.roundings);
      ++parts;
    }
  step.group.scope.erase(decision);
  step.group.roundings += std::max(parts, 2u) - 1;
  for (uint32_t other : step.group.scope)
    step.entries = times(step.entries, problem.decisions[other].options.size());
  uint64_t options = problem.decisions[decision].options.size();
  step.work = times(times(step.entries, options), step.group.points);
  step.group.points = std::min(times(step.group.points, options), kUsualFront);
  return step;
}
} // namespace

EliminationOrder chooseOrder(const Problem &problem,
                             llvm::ArrayRef<FrontTable> tables) {
  std::vector<Group> groups;
  std::set<uint32_t> left;
  for (const FrontTable &table : tables) {
    groups.push_back({{table.scope.begin(), table.scope.end()}, 1, 0});
    left.insert(table.scope.begin(), table.scope.end());
  }
  EliminationOrder order;
  while (!left.empty()) {
    std::optional<Step> best;
    uint32_t decision = 0;
    for (uint32_t candidate : left) {
      Step step = join(problem, groups, candidate);
      if (best && std::tie(step.work, step.entries) >=
                      std::tie(best->work, best->entries))
        continue;
      best = std::move(step);
      decision = candidate;
    }
    llvm::erase_if(groups, [&](const Group &group) {
      return group.scope.count(decision) != 0;
    });
    groups.push_back(std::move(best->group));
    left.erase(decision);
    order.decisions.push_back(decision);
  }
  for (const Group &group : groups)
    order.roundings = std::max(order.roundings, group.roundings);
  order.roundings += std::max<unsigned>(groups.size(), 2) - 1;
  return order;
}

} // namespace gnomon::search
