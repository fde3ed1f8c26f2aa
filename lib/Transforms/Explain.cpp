// SPDX-License-Identifier: Apache-2.0
// Why this block: what a decision's other options would cost.

#include "Searcher.h"
#include "gnomon/Accuracy/ValueTables.h"

using namespace gnomon;
using namespace mlir;

/// The problem of the networks that do not take an option.
static llvm::Expected<search::Problem>
without(const search::Problem &problem, uint32_t index, uint32_t option) {
  const search::Decision &decision = problem.decisions[index];
  ValueTables tables;
  tables.source = "explain";
  tables.metric = {"without " + decision.name, "option"};
  ValueTable &table = tables.tables.emplace_back();
  table.decisions = {decision.name};
  for (auto [number, name] : llvm::enumerate(decision.options))
    table.ticks[{name}] = number == option;
  auto terms = valueTerms(tables, problem);
  if (!terms)
    return terms.takeError();
  search::Problem result = problem;
  addMetric(result, tables.metric, std::move(*terms));
  result.limits.push_back({uint32_t(problem.metrics.size()), 0, std::nullopt});
  return result;
}

Explanation Searcher::explainDecision(const BudgetAnswer &answer,
                                      uint32_t decision) {
  const search::Problem &problem = front.space.problem;
  const search::Assignment &best = answer.best->solution.assignment;
  Explanation result;
  result.decision = decision;
  double least = 0;
  for (size_t option = 0; option < problem.decisions[decision].options.size();
       ++option) {
    if (option == best[decision])
      continue;
    search::Assignment other = best;
    other[decision] = uint32_t(option);
    other = search::canonical(problem, std::move(other));
    auto costs = search::evaluate(problem, other);
    const bool keepsLimits = search::withinLimits(problem, costs);
    FoundArchitecture found = describe({std::move(other), std::move(costs)});
    if (evaluator)
      found.score = evaluator->evaluate(found.solution.assignment).front();
    double excess = excessUs(found, answer.budgetUs);
    bool keeps = keepsLimits && excess <= 0;
    bool isFirst = result.fixed.latencies.empty();
    bool isNearer = keeps == result.keepsBudget &&
                    (keeps ? isBetter(found, result.fixed) : excess < least);
    if (isFirst || keeps > result.keepsBudget || isNearer) {
      result.fixed = std::move(found);
      result.keepsBudget = keeps;
      least = excess;
    }
  }
  return result;
}

LogicalResult Searcher::explain(BudgetAnswer &answer) {
  if (!answer.best)
    return success();
  const search::Problem &problem = front.space.problem;
  const search::Assignment &best = answer.best->solution.assignment;
  llvm::BitVector active = search::activeDecisions(problem, best);
  for (unsigned decision : active.set_bits()) {
    if (problem.decisions[decision].options.size() < 2)
      continue;
    Explanation one = explainDecision(answer, decision);
    if (front.algorithm == "exact") {
      auto other = without(problem, decision, best[decision]);
      if (!other)
        return emitError(module.getLoc()) << llvm::toString(other.takeError());
      BudgetAnswer there;
      there.budgetUs = answer.budgetUs;
      if (failed(solveWithin(there, *other)))
        return failure();
      one.reoptimised = std::move(there.best);
    }
    answer.explanations.push_back(std::move(one));
  }
  return success();
}
