// SPDX-License-Identifier: Apache-2.0
// Tables that let every network count once.

#include "ChoiceTables.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <set>

namespace gnomon::search {

namespace {
/// The decisions on which the activity of one depends, itself included.
void addConditions(const Problem &problem, uint32_t decision,
                   std::set<uint32_t> &scope) {
  if (!scope.insert(decision).second)
    return;
  for (const auto &row : problem.decisions[decision].activeWhen)
    for (const Literal &literal : row)
      addConditions(problem, literal.decision, scope);
}

/// Whether what stands for `decision` in `divided` is how a canonical network
/// is divided.
bool isCanonical(const Problem &original, const Grouping &grouping,
                 uint32_t decision, const Assignment &divided) {
  Assignment network = grouping.restore(divided);
  if (network[decision] != 0 && !activeDecisions(original, network)[decision])
    return false;
  Assignment same = grouping.divide(network);
  return llvm::all_of(grouping.decisionsOf(decision), [&](uint32_t part) {
    return same[part] == divided[part];
  });
}

FrontTable choiceTable(const Problem &original, const Grouping &grouping,
                       llvm::ArrayRef<Dimension> dimensions, uint32_t decision,
                       std::vector<uint32_t> scope) {
  FrontTable table;
  table.scope = std::move(scope);
  table.points = Points(dimensions.size());
  table.begin = {0};
  TableWalk walk(grouping.problem(), table.scope);
  Assignment divided(grouping.problem().decisions.size(), 0);
  for (size_t entry = 0; entry < walk.size(); ++entry, walk.next()) {
    for (auto [part, option] : llvm::zip(table.scope, walk.current()))
      divided[part] = option;
    if (isCanonical(original, grouping, decision, divided))
      for (auto [d, dimension] : llvm::enumerate(dimensions))
        table.points.keys[d].push_back(dimension.neutral);
    table.begin.push_back(table.points.size());
  }
  return table;
}
} // namespace

std::optional<std::vector<FrontTable>>
choiceTables(const Problem &original, const Grouping &grouping,
             llvm::ArrayRef<Dimension> dimensions, size_t tableLimit) {
  std::vector<FrontTable> tables;
  for (uint32_t decision = 0; decision < original.decisions.size();
       ++decision) {
    std::set<uint32_t> conditions;
    addConditions(original, decision, conditions);
    std::vector<uint32_t> scope;
    size_t size = 1;
    for (uint32_t condition : conditions)
      for (uint32_t part : grouping.decisionsOf(condition)) {
        scope.push_back(part);
        size_t options = grouping.problem().decisions[part].options.size();
        size = std::min(size * options, tableLimit + 1);
      }
    if (size > tableLimit)
      return std::nullopt;
    tables.push_back(choiceTable(original, grouping, dimensions, decision,
                                 std::move(scope)));
  }
  return tables;
}

} // namespace gnomon::search
