// SPDX-License-Identifier: Apache-2.0
// A problem as an integer program.

#include "Linearized.h"

#include "Tables.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

namespace gnomon::search {

Linearized::Linearized(const Problem &problem, llvm::ArrayRef<Dimension> all)
    : problem(problem), dimensions(all.begin(), all.end()),
      optionColumns(problem.decisions.size()), ranges(all.size(), 0),
      greatest(all.size(), 0) {
  tables = simplify(problem, dimensions, keyTables(problem, dimensions));
  for (const FrontTable &table : tables)
    measure(table);
  addDecisions();
  for (const FrontTable &table : tables)
    addTable(table);
  for (size_t d = 0; d < dimensions.size(); ++d) {
    hopeless = hopeless || dimensions[d].bound < 0;
    if (dimensions[d].fold == Fold::Add)
      addSum(d);
    else if (dimensions[d].fold == Fold::Max)
      addGreatest(d);
    else
      addLeast(d);
  }
}

/// Whether the entry passes no bound alone.
bool Linearized::isAllowed(const FrontTable &table, size_t entry) const {
  for (auto [d, dimension] : llvm::enumerate(dimensions))
    if (dimension.fold != Fold::Min &&
        table.points.keys[d][entry] > dimension.bound)
      return false;
  return true;
}

void Linearized::measure(const FrontTable &table) {
  numEntries += table.points.size();
  std::vector<double> most(dimensions.size(), 0);
  for (size_t entry = 0; entry < table.points.size(); ++entry)
    for (size_t d = 0; d < most.size() && isAllowed(table, entry); ++d)
      most[d] = std::max(most[d], double(table.points.keys[d][entry]));
  for (size_t d = 0; d < most.size(); ++d) {
    ranges[d] += most[d];
    greatest[d] = std::max(greatest[d], most[d]);
  }
}

double Linearized::scale(size_t dimension) const {
  return 1e3 / std::max(greatest[dimension], 1.0);
}

double Linearized::uncertainty() const {
  double ticks = ranges[0] * kIntegerProgramTolerance;
  return ticks < 0.5 ? 0 : std::ceil(ticks);
}

/// Decisions that more tables ask for are branched on first.
void Linearized::addDecisions() {
  std::vector<int> uses(problem.decisions.size(), 0);
  for (const FrontTable &table : tables)
    for (uint32_t decision : table.scope)
      ++uses[decision];
  for (auto [i, decision] : llvm::enumerate(problem.decisions)) {
    if (uses[i] == 0)
      continue;
    IntegerProgram::Row one{{}, 1, 1};
    for (size_t option = 0; option < decision.options.size(); ++option) {
      optionColumns[i].push_back(made.addVariable({0, 1, 0, true, -uses[i]}));
      one.entries.push_back({optionColumns[i].back(), 1});
    }
    made.addRow(one);
  }
}

void Linearized::addTable(const FrontTable &table) {
  std::vector<uint32_t> columns;
  if (table.scope.size() == 1)
    columns = optionColumns[table.scope[0]];
  else
    for (size_t entry = 0; entry < table.points.size(); ++entry)
      columns.push_back(
          made.addVariable({table.scope.empty() ? 1.0 : 0.0, 1, 0, false, 0}));
  if (table.scope.size() > 1)
    addMarginals(table, columns);
  forbid(table, columns);
  entryColumns.push_back(std::move(columns));
}

void Linearized::addMarginals(const FrontTable &table,
                              llvm::ArrayRef<uint32_t> columns) {
  std::vector<std::vector<IntegerProgram::Row>> rows;
  for (uint32_t decision : table.scope)
    for (auto &options = rows.emplace_back();
         uint32_t column : optionColumns[decision])
      options.push_back({{{column, -1.0}}, 0, 0});
  TableWalk walk(problem, table.scope);
  for (size_t entry = 0; entry < walk.size(); ++entry, walk.next())
    for (auto [place, option] : llvm::enumerate(walk.current()))
      rows[place][option].entries.push_back({columns[entry], 1});
  for (auto &options : rows)
    for (IntegerProgram::Row &row : options)
      made.addRow(std::move(row));
}

/// Entries that pass a bound alone are never read.
void Linearized::forbid(const FrontTable &table,
                        llvm::ArrayRef<uint32_t> columns) {
  for (auto [entry, column] : llvm::enumerate(columns))
    if (!isAllowed(table, entry))
      made.variables[column].high = 0;
  // Constants that pass a bound leave nothing.
  for (uint32_t column : columns) {
    IntegerProgram::Variable &variable = made.variables[column];
    hopeless = hopeless || variable.low > variable.high;
    variable.low = std::min(variable.low, variable.high);
  }
}

/// The sum of keys: the objective, and at most the bound.
void Linearized::addSum(size_t d) {
  double unit = scale(d);
  IntegerProgram::Row row;
  for (auto [table, columns] : llvm::zip(tables, entryColumns))
    for (auto [key, column] : llvm::zip(table.points.keys[d], columns)) {
      if (key == 0 || made.variables[column].high == 0)
        continue;
      if (d == 0)
        made.variables[column].cost = double(key) * unit;
      row.entries.push_back({column, double(key) * unit});
    }
  if (double(dimensions[d].bound) >= ranges[d])
    return;
  double slack = std::max(0.5, ranges[d] * kIntegerProgramTolerance);
  row.high = (double(dimensions[d].bound) + slack) * unit;
  made.addRow(std::move(row));
}

/// The greatest key: as an objective a variable that no table passes. Its bound
/// is kept by what `forbid` does.
void Linearized::addGreatest(size_t d) {
  if (d != 0)
    return;
  double unit = scale(d);
  uint32_t most = made.addVariable({0, IntegerProgram::kInfinity, 1, false, 0});
  for (auto [table, columns] : llvm::zip(tables, entryColumns)) {
    IntegerProgram::Row row{{{most, 1.0}}, 0, IntegerProgram::kInfinity};
    for (auto [key, column] : llvm::zip(table.points.keys[d], columns))
      if (key != 0 && made.variables[column].high != 0)
        row.entries.push_back({column, -double(key) * unit});
    made.addRow(std::move(row));
  }
}

/// The least key: some entry within the bound is read; as an objective, one
/// entry that is read is picked, or none for what a network that costs nothing
/// has.
void Linearized::addLeast(size_t d) {
  Cost bound = dimensions[d].bound, neutral = dimensions[d].neutral;
  double unit = scale(d);
  IntegerProgram::Row within{{}, 1, IntegerProgram::kInfinity}, one{{}, 1, 1};
  for (auto [table, columns] : llvm::zip(tables, entryColumns))
    for (auto [key, column] : llvm::zip(table.points.keys[d], columns)) {
      if (key <= bound)
        within.entries.push_back({column, 1});
      if (d != 0 || key >= neutral)
        continue;
      uint32_t picked = made.addVariable({0, 1, double(key) * unit, false, 0});
      one.entries.push_back({picked, 1});
      made.addRow({{{column, 1.0}, {picked, -1.0}}, 0, 1});
    }
  if (d == 0) {
    one.entries.push_back(
        {made.addVariable({0, 1, double(neutral) * unit, false, 0}), 1});
    made.addRow(std::move(one));
  }
  if (neutral <= bound)
    return;
  hopeless = hopeless || within.entries.empty();
  made.addRow(std::move(within));
}

Cost Linearized::keyOf(const Assignment &assignment) const {
  Cost key = dimensions[0].fold == Fold::Min ? dimensions[0].neutral : 0;
  for (const FrontTable &table : tables) {
    size_t entry = 0;
    for (uint32_t decision : table.scope)
      entry = entry * problem.decisions[decision].options.size() +
              assignment[decision];
    key = fold(dimensions[0].fold, key, table.points.keys[0][entry]);
  }
  return key;
}

Assignment Linearized::assignment(llvm::ArrayRef<double> values) const {
  Assignment result(problem.decisions.size(), 0);
  for (auto [option, columns] : llvm::zip(result, optionColumns))
    for (auto [i, column] : llvm::enumerate(columns))
      if (values[column] > values[columns[option]])
        option = i;
  return result;
}

void Linearized::exclude(const Assignment &assignment) {
  IntegerProgram::Row row;
  for (auto [option, columns] : llvm::zip(assignment, optionColumns))
    if (!columns.empty())
      row.entries.push_back({columns[option], 1});
  row.high = double(row.entries.size()) - 1;
  made.addRow(std::move(row));
}

} // namespace gnomon::search
