// SPDX-License-Identifier: Apache-2.0
// When a decision matters, in as few rows as possible.

#include "Activity.h"
#include "llvm/ADT/STLExtras.h"
#include <map>
#include <set>

using namespace gnomon;
using search::Literal;

/// Decision -> option. A row that names a decision twice with different options
/// never holds.
using Row = std::map<uint32_t, uint32_t>;

static std::optional<Row> rowOf(const std::vector<Literal> &literals) {
  Row row;
  for (const Literal &literal : literals)
    if (!row.try_emplace(literal.decision, literal.option).second &&
        row[literal.decision] != literal.option)
      return std::nullopt;
  return row;
}

/// Unites rows that differ in `decision` only and have all of its options.
static bool unite(std::set<Row> &rows, uint32_t decision, size_t options) {
  std::map<Row, size_t> rests;
  for (const Row &row : rows)
    if (Row rest = row; rest.erase(decision))
      ++rests[rest];
  bool changed = false;
  for (const auto &[rest, count] : rests) {
    if (count != options)
      continue;
    for (size_t option = 0; option < options; ++option) {
      Row row = rest;
      row[decision] = uint32_t(option);
      rows.erase(row);
    }
    rows.insert(rest);
    changed = true;
  }
  return changed;
}

/// Whether everything that `general` asks for is in `row`, too.
static bool implies(const Row &row, const Row &general) {
  return llvm::all_of(general, [&](const auto &literal) {
    auto found = row.find(literal.first);
    return found != row.end() && found->second == literal.second;
  });
}

std::vector<std::vector<Literal>>
gnomon::simplified(std::vector<std::vector<Literal>> rows,
                   const std::vector<search::Decision> &decisions) {
  std::set<Row> open;
  for (const std::vector<Literal> &literals : rows)
    if (std::optional<Row> row = rowOf(literals))
      open.insert(std::move(*row));
  for (bool changed = true; changed;) {
    changed = false;
    std::set<uint32_t> named;
    for (const Row &row : open)
      for (const auto &literal : row)
        named.insert(literal.first);
    for (uint32_t decision : named)
      changed |= unite(open, decision, decisions[decision].options.size());
  }
  std::vector<std::vector<Literal>> result;
  for (const Row &row : open) {
    if (llvm::any_of(open, [&](const Row &other) {
          return &other != &row && implies(row, other);
        }))
      continue;
    std::vector<Literal> &literals = result.emplace_back();
    for (const auto &[decision, option] : row)
      literals.push_back({decision, option});
  }
  if (result.size() == 1 && result.front().empty())
    result.clear();
  return result;
}
