// SPDX-License-Identifier: Apache-2.0
// Whether a problem is sound: everything that the algorithms rely on.

#include "gnomon/Search/Problem.h"

#include "llvm/ADT/StringSet.h"

#include <algorithm>

namespace gnomon::search {

namespace {
class Checker {
public:
  explicit Checker(const Problem &problem) : problem(problem) {}
  llvm::Error run();

private:
  llvm::Error error(const llvm::Twine &message) const {
    return llvm::createStringError("problem '" + problem.name +
                                   "': " + message);
  }
  std::string place(uint32_t decision) const {
    return "decision '" + problem.decisions[decision].name + "'";
  }

  llvm::Error checkMetrics() const;
  llvm::Error checkDecision(uint32_t index);
  llvm::Error checkLiterals(uint32_t index) const;
  llvm::Error checkCycles();
  llvm::Error checkTerm(size_t index) const;
  llvm::Error checkClasses(size_t index, size_t i) const;
  llvm::Error checkCosts(size_t index);
  llvm::Error checkInactive(size_t index) const;
  llvm::Error checkLimits() const;
  bool surelyActive(uint32_t decision, const Term &term,
                    llvm::ArrayRef<uint32_t> options) const;

  const Problem &problem;
  llvm::StringSet<> names;
  /// Greatest magnitude of every metric's sum so far.
  std::vector<Cost> magnitudes;
};
} // namespace

llvm::Error Checker::checkMetrics() const {
  if (problem.metrics.empty())
    return error("expected a metric, found none");
  llvm::StringSet<> seen;
  for (const Metric &metric : problem.metrics)
    if (metric.name.empty() || !seen.insert(metric.name).second)
      return error("metric '" + metric.name + "': expected a name of its own");
  return llvm::Error::success();
}

llvm::Error Checker::checkDecision(uint32_t index) {
  const Decision &decision = problem.decisions[index];
  if (decision.name.empty() || !names.insert(decision.name).second)
    return error(place(index) + ": expected a name of its own");
  if (decision.options.empty())
    return error(place(index) + ": expected an option, found none");
  llvm::StringSet<> options;
  for (const std::string &option : decision.options)
    if (!options.insert(option).second)
      return error(place(index) + ": option '" + option +
                   "' is there twice, expected names of their own");
  return checkLiterals(index);
}

llvm::Error Checker::checkLiterals(uint32_t index) const {
  for (const auto &row : problem.decisions[index].activeWhen) {
    if (row.empty())
      return error(place(index) + ": expected a literal in every row of its "
                                  "activity, found an empty row");
    for (const Literal &literal : row) {
      if (literal.decision >= problem.decisions.size())
        return error(place(index) + ": its activity names decision " +
                     llvm::Twine(literal.decision) + ", expected one below " +
                     llvm::Twine(problem.decisions.size()));
      size_t options = problem.decisions[literal.decision].options.size();
      if (literal.option >= options)
        return error(place(index) + ": its activity names option " +
                     llvm::Twine(literal.option) + " of " +
                     place(literal.decision) + ", expected one below " +
                     llvm::Twine(options));
    }
  }
  return llvm::Error::success();
}

/// Peels off decisions whose activity depends on none that are left.
llvm::Error Checker::checkCycles() {
  std::vector<uint32_t> waitsFor(problem.decisions.size(), 0);
  std::vector<std::vector<uint32_t>> dependents(problem.decisions.size());
  for (uint32_t i = 0; i < problem.decisions.size(); ++i)
    for (const auto &row : problem.decisions[i].activeWhen)
      for (const Literal &literal : row) {
        ++waitsFor[i];
        dependents[literal.decision].push_back(i);
      }
  std::vector<uint32_t> ready;
  for (uint32_t i = 0; i < waitsFor.size(); ++i)
    if (waitsFor[i] == 0)
      ready.push_back(i);
  for (size_t next = 0; next < ready.size(); ++next)
    for (uint32_t dependent : dependents[ready[next]])
      if (--waitsFor[dependent] == 0)
        ready.push_back(dependent);
  for (uint32_t i = 0; i < waitsFor.size(); ++i)
    if (waitsFor[i] != 0)
      return error(place(i) + ": its activity depends on itself");
  return llvm::Error::success();
}

llvm::Error Checker::checkTerm(size_t index) const {
  const Term &term = problem.terms[index];
  uint64_t expected = problem.metrics.size();
  for (size_t i = 0; i < term.scope.size(); ++i) {
    uint32_t decision = term.scope[i];
    if (decision >= problem.decisions.size())
      return error("term " + llvm::Twine(index) + ": names decision " +
                   llvm::Twine(decision) + ", expected one below " +
                   llvm::Twine(problem.decisions.size()));
    if (i > 0 && decision <= term.scope[i - 1])
      return error("term " + llvm::Twine(index) +
                   ": expected decisions in ascending order, found " +
                   llvm::Twine(term.scope[i - 1]) + " before " +
                   llvm::Twine(decision));
    if (llvm::Error error = checkClasses(index, i))
      return error;
    // Beyond the number of costs only the fact of being too large matters.
    expected = std::min<uint64_t>(expected * classCount(problem, term, i),
                                  uint64_t(1) << 31);
  }
  if (term.costs.size() != expected)
    return error("term " + llvm::Twine(index) + ": expected " +
                 llvm::Twine(expected) + " costs, found " +
                 llvm::Twine(term.costs.size()));
  return llvm::Error::success();
}

/// Classes of the decision at `i` of a term's scope: one for each option, every
/// number up to the largest in use.
llvm::Error Checker::checkClasses(size_t index, size_t i) const {
  const Term &term = problem.terms[index];
  std::string where = ("term " + llvm::Twine(index) + ": ").str();
  if (!term.classes.empty() && term.classes.size() != term.scope.size())
    return error(where + "expected classes for " +
                 llvm::Twine(term.scope.size()) + " decisions, found " +
                 llvm::Twine(term.classes.size()));
  if (!term.groups(i))
    return llvm::Error::success();
  size_t options = problem.decisions[term.scope[i]].options.size();
  const std::vector<uint32_t> &classes = term.classes[i];
  where += "classes of " + place(term.scope[i]) + ": ";
  if (classes.size() != options)
    return error(where + "expected " + llvm::Twine(options) + ", found " +
                 llvm::Twine(classes.size()));
  llvm::BitVector used(options);
  for (uint32_t number : classes) {
    if (number >= options)
      return error(where + "expected numbers below " + llvm::Twine(options) +
                   ", found " + llvm::Twine(number));
    used.set(number);
  }
  if (int gap = used.find_first_unset(); gap >= 0 && used.find_next(gap) >= 0)
    return error(where + "expected an option of class " + llvm::Twine(gap) +
                 ", found none");
  return llvm::Error::success();
}

llvm::Error Checker::checkCosts(size_t index) {
  const Term &term = problem.terms[index];
  size_t metrics = problem.metrics.size();
  for (size_t m = 0; m < metrics; ++m) {
    Cost low = 0, high = 0;
    for (size_t i = m; i < term.costs.size(); i += metrics) {
      low = std::min(low, term.costs[i]);
      high = std::max(high, term.costs[i]);
    }
    std::string where = ("term " + llvm::Twine(index) + ": metric '" +
                         problem.metrics[m].name + "'")
                            .str();
    bool isMax = problem.metrics[m].combine == Combine::Max;
    if (isMax && low < 0)
      return error(where + ": expected no cost below 0, found " +
                   llvm::Twine(low));
    if (low < -kMaxCost || high > kMaxCost ||
        magnitudes[m] > kMaxCost - std::max(high, -low))
      return error(where + ": expected sums within 2^61, found a cost of " +
                   llvm::Twine(high > -(low + 1) ? high : low));
    if (!isMax)
      magnitudes[m] += std::max(high, -low);
  }
  return llvm::Error::success();
}

/// Whether every assignment with these options of the term's scope has the
/// decision active.
bool Checker::surelyActive(uint32_t decision, const Term &term,
                           llvm::ArrayRef<uint32_t> options) const {
  const auto &rows = problem.decisions[decision].activeWhen;
  auto holds = [&](const Literal &literal) {
    auto found = llvm::lower_bound(term.scope, literal.decision);
    return found != term.scope.end() && *found == literal.decision &&
           options[found - term.scope.begin()] == literal.option &&
           surelyActive(literal.decision, term, options);
  };
  return rows.empty() || llvm::any_of(rows, [&](const auto &row) {
           return llvm::all_of(row, holds);
         });
}

/// Every entry must cost what the entry costs in which the decisions that may
/// be inactive hold option 0.
llvm::Error Checker::checkInactive(size_t index) const {
  const Term &term = problem.terms[index];
  if (llvm::none_of(term.scope, [&](uint32_t decision) {
        return !problem.decisions[decision].activeWhen.empty();
      }))
    return llvm::Error::success();
  size_t metrics = problem.metrics.size(), size = 1;
  for (uint32_t decision : term.scope)
    size *= problem.decisions[decision].options.size();
  std::vector<uint32_t> options(term.scope.size(), 0);
  for (size_t number = 0; number < size; ++number) {
    size_t left = number, entry = 0, canonicalEntry = 0;
    for (size_t i = options.size(); i-- > 0;) {
      size_t count = problem.decisions[term.scope[i]].options.size();
      options[i] = left % count;
      left /= count;
    }
    uint32_t inactive = 0;
    for (size_t i = 0; i < options.size(); ++i) {
      bool active = surelyActive(term.scope[i], term, options);
      inactive = active ? inactive : term.scope[i];
      size_t count = classCount(problem, term, i);
      entry = entry * count + term.classOf(i, options[i]);
      canonicalEntry =
          canonicalEntry * count + term.classOf(i, active ? options[i] : 0);
    }
    for (size_t m = 0; m < metrics; ++m)
      if (term.costs[entry * metrics + m] !=
          term.costs[canonicalEntry * metrics + m])
        return error("term " + llvm::Twine(index) + ": metric '" +
                     problem.metrics[m].name + "' changes from " +
                     llvm::Twine(term.costs[canonicalEntry * metrics + m]) +
                     " to " + llvm::Twine(term.costs[entry * metrics + m]) +
                     " with " + place(inactive) +
                     " where it need not be active");
  }
  return llvm::Error::success();
}

llvm::Error Checker::checkLimits() const {
  for (const Limit &limit : problem.limits) {
    if (limit.metric >= problem.metrics.size())
      return error("limit of metric " + llvm::Twine(limit.metric) +
                   ": expected a metric below " +
                   llvm::Twine(problem.metrics.size()));
    if (!limit.atMost && !limit.atLeast)
      return error("limit of metric '" + problem.metrics[limit.metric].name +
                   "': expected a bound, found none");
  }
  return llvm::Error::success();
}

llvm::Error Checker::run() {
  if (llvm::Error error = checkMetrics())
    return error;
  for (uint32_t i = 0; i < problem.decisions.size(); ++i)
    if (llvm::Error error = checkDecision(i))
      return error;
  if (llvm::Error error = checkCycles())
    return error;
  magnitudes.assign(problem.metrics.size(), 0);
  for (size_t i = 0; i < problem.terms.size(); ++i) {
    if (llvm::Error error = checkTerm(i))
      return error;
    if (llvm::Error error = checkCosts(i))
      return error;
    if (llvm::Error error = checkInactive(i))
      return error;
  }
  return checkLimits();
}

llvm::Error Problem::check() const { return Checker(*this).run(); }

} // namespace gnomon::search
