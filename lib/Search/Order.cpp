// SPDX-License-Identifier: Apache-2.0
// In what order decisions are eliminated, and what that means for rounding.

#include "Order.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace gnomon::search {

namespace {
struct Group {
  std::set<uint32_t> scope;
  unsigned roundings = 0;
};

/// What a decision's elimination leaves.
Group join(llvm::ArrayRef<Group> groups, uint32_t decision) {
  Group joined;
  unsigned parts = 0;
  for (const Group &group : groups)
    if (group.scope.count(decision)) {
      joined.scope.insert(group.scope.begin(), group.scope.end());
      joined.roundings = std::max(joined.roundings, group.roundings);
      ++parts;
    }
  joined.scope.erase(decision);
  joined.roundings += std::max(parts, 2u) - 1;
  return joined;
}

/// Entries of a table; saturates.
uint64_t entries(const Problem &problem, const std::set<uint32_t> &scope) {
  constexpr uint64_t most = uint64_t(1) << 40;
  uint64_t size = 1;
  for (uint32_t decision : scope)
    size = std::min<uint64_t>(
        size * std::min<uint64_t>(problem.decisions[decision].options.size(),
                                  1 << 20),
        most);
  return size;
}
} // namespace

EliminationOrder chooseOrder(const Problem &problem,
                             llvm::ArrayRef<FrontTable> tables) {
  std::vector<Group> groups;
  std::set<uint32_t> left;
  for (const FrontTable &table : tables) {
    groups.push_back({{table.scope.begin(), table.scope.end()}, 0});
    left.insert(table.scope.begin(), table.scope.end());
  }
  EliminationOrder order;
  while (!left.empty()) {
    std::optional<std::tuple<uint64_t, uint64_t, uint32_t>> best;
    for (uint32_t decision : left) {
      uint64_t size = entries(problem, join(groups, decision).scope);
      std::tuple rank(size, size * problem.decisions[decision].options.size(),
                      decision);
      if (!best || rank < *best)
        best = rank;
    }
    uint32_t decision = std::get<2>(*best);
    Group joined = join(groups, decision);
    llvm::erase_if(groups, [&](const Group &group) {
      return group.scope.count(decision) != 0;
    });
    groups.push_back(std::move(joined));
    left.erase(decision);
    order.decisions.push_back(decision);
  }
  for (const Group &group : groups)
    order.roundings = std::max(order.roundings, group.roundings);
  order.roundings += std::max<unsigned>(groups.size(), 2) - 1;
  return order;
}

} // namespace gnomon::search
