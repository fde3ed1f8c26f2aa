// SPDX-License-Identifier: Apache-2.0
// Tables over decisions: walking their entries, making them small.

#include "Tables.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>

namespace gnomon::search {

TableWalk::TableWalk(const Problem &problem, std::vector<uint32_t> walked)
    : problem(problem), scope(std::move(walked)), options(scope.size(), 0) {
  for (uint32_t decision : scope) {
    size_t count = problem.decisions[decision].options.size();
    steps = steps > kMostSteps / count ? kMostSteps : steps * count;
  }
}

size_t TableWalk::follow(llvm::ArrayRef<uint32_t> table) {
  std::vector<size_t> stride(scope.size(), 0);
  size_t width = 1;
  for (size_t i = table.size(); i-- > 0;) {
    stride[llvm::find(scope, table[i]) - scope.begin()] = width;
    width *= problem.decisions[table[i]].options.size();
  }
  strides.push_back(std::move(stride));
  entries.push_back(0);
  return entries.size() - 1;
}

void TableWalk::next() {
  for (size_t i = scope.size(); i-- > 0;) {
    size_t count = problem.decisions[scope[i]].options.size();
    bool wraps = ++options[i] == count;
    for (size_t table = 0; table < entries.size(); ++table) {
      size_t stride = strides[table][i];
      entries[table] = wraps ? entries[table] - (count - 1) * stride
                             : entries[table] + stride;
    }
    if (!wraps)
      return;
    options[i] = 0;
  }
}

namespace {
/// Whether all keys are the same for every option of the decision at
/// `position` of the scope.
bool ignores(const Problem &problem, const FrontTable &table, size_t position) {
  size_t width = 1;
  for (size_t i = position + 1; i < table.scope.size(); ++i)
    width *= problem.decisions[table.scope[i]].options.size();
  size_t count = problem.decisions[table.scope[position]].options.size();
  for (const std::vector<Cost> &column : table.points.keys)
    for (size_t block = 0; block < column.size(); block += width * count)
      for (size_t i = width; i < width * count; ++i)
        if (column[block + i] != column[block + i - width])
          return false;
  return true;
}

/// The part of the table in which the decision at `position` has option 0.
void take(const Problem &problem, FrontTable &table, size_t position) {
  size_t width = 1;
  for (size_t i = position + 1; i < table.scope.size(); ++i)
    width *= problem.decisions[table.scope[i]].options.size();
  size_t count = problem.decisions[table.scope[position]].options.size();
  for (std::vector<Cost> &column : table.points.keys) {
    std::vector<Cost> kept;
    for (size_t block = 0; block < column.size(); block += width * count)
      kept.insert(kept.end(), column.begin() + block,
                  column.begin() + block + width);
    column = std::move(kept);
  }
  table.scope.erase(table.scope.begin() + position);
}

void absorb(const Problem &problem, llvm::ArrayRef<Dimension> dimensions,
            FrontTable &into, const FrontTable &table) {
  TableWalk walk(problem, into.scope);
  walk.follow(table.scope);
  for (size_t entry = 0; entry < walk.size(); ++entry, walk.next())
    for (size_t d = 0; d < dimensions.size(); ++d) {
      Cost &key = into.points.keys[d][entry];
      key = fold(dimensions[d].fold, key, table.points.keys[d][walk.entry(0)]);
    }
}

/// The smallest later table that holds the whole scope of `index`; tables are
/// in the order of their scopes' sizes.
FrontTable *holderOf(std::vector<FrontTable> &tables, size_t index) {
  const FrontTable &table = tables[index];
  FrontTable *best = nullptr;
  for (size_t i = index + 1; i < tables.size(); ++i) {
    FrontTable &other = tables[i];
    if (!std::includes(other.scope.begin(), other.scope.end(),
                       table.scope.begin(), table.scope.end()))
      continue;
    if (!best || other.points.size() < best->points.size())
      best = &other;
  }
  return best;
}
} // namespace

std::vector<FrontTable> simplify(const Problem &problem,
                                 llvm::ArrayRef<Dimension> dimensions,
                                 std::vector<FrontTable> tables) {
  // Small scopes first.
  using Scope = std::vector<uint32_t>;
  std::map<std::pair<size_t, Scope>, FrontTable> byScope;
  for (FrontTable &table : tables) {
    for (size_t i = table.scope.size(); i-- > 0;)
      if (ignores(problem, table, i))
        take(problem, table, i);
    auto [same, isNew] =
        byScope.try_emplace(std::pair(table.scope.size(), table.scope));
    if (isNew)
      same->second = std::move(table);
    else
      absorb(problem, dimensions, same->second, table);
  }
  std::vector<FrontTable> distinct;
  for (auto &[scope, table] : byScope)
    distinct.push_back(std::move(table));
  std::vector<FrontTable> kept;
  for (size_t i = 0; i < distinct.size(); ++i) {
    if (FrontTable *holder = holderOf(distinct, i))
      absorb(problem, dimensions, *holder, distinct[i]);
    else
      kept.push_back(std::move(distinct[i]));
  }
  return kept;
}

} // namespace gnomon::search
