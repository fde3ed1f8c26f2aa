// SPDX-License-Identifier: Apache-2.0
// Turns tables of values into terms of a search, and adds metrics to problems.
#include "gnomon/Accuracy/ValueTables.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace gnomon {

constexpr size_t kMostEntries = 1000000;

namespace {
/// One table over one problem.
class TermBuilder {
public:
  TermBuilder(const ValueTables &tables, const ValueTable &table,
              const search::Problem &problem)
      : tables(tables), table(table), problem(problem) {}

  Expected<search::Term> build();

private:
  Error findDecisions();
  void addActivity(uint32_t decision);
  Error fill();
  Expected<search::Cost> value(const search::Assignment &assignment) const;
  Error error(const Twine &message) const {
    return createStringError(tables.source + ": " + table.path + ": " +
                             message);
  }

  const ValueTables &tables;
  const ValueTable &table;
  const search::Problem &problem;
  std::vector<uint32_t> decisions; ///< of the table, in its order
  search::Term term;
};
} // namespace

Error TermBuilder::findDecisions() {
  for (const std::string &name : table.decisions) {
    auto found = find_if(problem.decisions,
                         [&](const auto &each) { return each.name == name; });
    if (found == problem.decisions.end())
      return error("the search '" + problem.name + "' has no decision '" +
                   name + "'");
    decisions.push_back(found - problem.decisions.begin());
    addActivity(decisions.back());
  }
  llvm::sort(term.scope);
  return Error::success();
}

/// A decision and all that say whether it is asked.
void TermBuilder::addActivity(uint32_t decision) {
  if (is_contained(term.scope, decision))
    return;
  term.scope.push_back(decision);
  for (const auto &row : problem.decisions[decision].activeWhen)
    for (const search::Literal &literal : row)
      addActivity(literal.decision);
}

Expected<search::Cost>
TermBuilder::value(const search::Assignment &assignment) const {
  BitVector active = search::activeDecisions(problem, assignment);
  std::vector<std::string> options;
  for (uint32_t decision : decisions) {
    if (!active[decision])
      return 0;
    options.push_back(
        problem.decisions[decision].options[assignment[decision]]);
  }
  auto found = table.ticks.find(options);
  if (found != table.ticks.end())
    return found->second;
  std::string missing;
  for (auto [decision, option] : zip(table.decisions, options))
    missing += (missing.empty() ? "" : ", ") + decision + "=" + option;
  return error("no value for " + missing);
}

Error TermBuilder::fill() {
  size_t size = 1;
  for (uint32_t decision : term.scope) {
    size *= problem.decisions[decision].options.size();
    if (size > kMostEntries)
      return error("would have more than " + Twine(kMostEntries) +
                   " entries together with the decisions that decide whether "
                   "it counts");
  }
  search::Assignment assignment(problem.decisions.size());
  for (size_t entry = 0; entry < size; ++entry) {
    size_t rest = entry;
    for (uint32_t decision : reverse(term.scope)) {
      size_t options = problem.decisions[decision].options.size();
      assignment[decision] = rest % options;
      rest /= options;
    }
    Expected<search::Cost> cost = value(assignment);
    if (!cost)
      return cost.takeError();
    term.costs.push_back(*cost);
  }
  return Error::success();
}

Expected<search::Term> TermBuilder::build() {
  if (Error problem = findDecisions())
    return std::move(problem);
  if (Error problem = fill())
    return std::move(problem);
  return std::move(term);
}

Expected<std::vector<search::Term>> valueTerms(const ValueTables &tables,
                                               const search::Problem &problem) {
  std::vector<search::Term> result;
  for (const ValueTable &table : tables.tables) {
    Expected<search::Term> term = TermBuilder(tables, table, problem).build();
    if (!term)
      return term.takeError();
    result.push_back(std::move(*term));
  }
  return result;
}

} // namespace gnomon
