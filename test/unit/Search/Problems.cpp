// SPDX-License-Identifier: Apache-2.0
// Problems for the tests: made up at random, and in the shape of known spaces.

#include "Problems.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace gnomon::search::test {

namespace {
class Maker {
public:
  explicit Maker(uint64_t seed) : random(seed) {}

  uint64_t below(uint64_t bound) { return random() % bound; }

  Problem problem() {
    made.name = "random";
    uint64_t metrics = 2 + (below(4) == 0);
    for (uint64_t m = 0; m < metrics; ++m)
      made.metrics.push_back({"m" + std::to_string(m), "",
                              below(2) ? Sense::Minimize : Sense::Maximize,
                              below(6) == 0 ? Combine::Max : Combine::Sum});
    uint64_t decisions = 1 + below(5);
    for (uint64_t d = 0; d < decisions; ++d)
      addDecision(d);
    spread = std::vector<Cost>{1, 3, 10, 1000}[below(4)];
    for (uint64_t t = below(7); t-- > 0;)
      addTerm();
    for (uint64_t l = below(3); l-- > 0;)
      addLimit();
    return std::move(made);
  }

private:
  void addDecision(uint32_t index) {
    Decision decision{"d" + std::to_string(index), {}, {}};
    for (uint64_t o = 1 + below(4); o-- > 0;)
      decision.options.push_back("o" + std::to_string(o));
    if (index > 0 && below(3) == 0)
      for (uint64_t rows = 1 + below(2); rows-- > 0;) {
        auto &row = decision.activeWhen.emplace_back();
        for (uint64_t literals = 1 + below(2); literals-- > 0;) {
          uint32_t on = below(index);
          row.push_back(
              {on, uint32_t(below(made.decisions[on].options.size()))});
        }
      }
    made.decisions.push_back(std::move(decision));
  }

  bool surelyActive(uint32_t decision, const Term &term,
                    const Assignment &options) {
    const auto &rows = made.decisions[decision].activeWhen;
    return rows.empty() || llvm::any_of(rows, [&](const auto &row) {
             return llvm::all_of(row, [&](const Literal &literal) {
               return llvm::is_contained(term.scope, literal.decision) &&
                      options[literal.decision] == literal.option &&
                      surelyActive(literal.decision, term, options);
             });
           });
  }

  Cost randomCost(const Metric &metric) {
    Cost cost = below(4) == 0 ? 0 : below(spread + 1);
    return metric.combine == Combine::Sum && below(5) == 0 ? -cost : cost;
  }

  void addTerm() {
    Term term;
    for (uint64_t i = below(4); i-- > 0;)
      term.scope.push_back(below(made.decisions.size()));
    llvm::sort(term.scope);
    term.scope.erase(llvm::unique(term.scope), term.scope.end());
    size_t metrics = made.metrics.size(), size = tableSize(made, term);
    for (size_t entry = 0; entry < size; ++entry)
      for (const Metric &metric : made.metrics)
        term.costs.push_back(randomCost(metric));
    for (size_t entry = 0; entry < size; ++entry) {
      size_t same = activeEntry(term, entry);
      std::copy_n(term.costs.begin() + same * metrics, metrics,
                  term.costs.begin() + entry * metrics);
    }
    made.terms.push_back(std::move(term));
  }

  /// The entry with the first option for what may be inactive.
  size_t activeEntry(const Term &term, size_t entry) {
    Assignment options(made.decisions.size(), 0);
    for (uint32_t decision : llvm::reverse(term.scope)) {
      options[decision] = entry % made.decisions[decision].options.size();
      entry /= made.decisions[decision].options.size();
    }
    size_t result = 0;
    for (uint32_t decision : term.scope)
      result = result * made.decisions[decision].options.size() +
               (surelyActive(decision, term, options) ? options[decision] : 0);
    return result;
  }

  void addLimit() {
    Limit limit{uint32_t(below(made.metrics.size())), {}, {}};
    Cost bound = Cost(below(3 * spread + 1)) - (below(3) == 0 ? spread : 0);
    if (below(3) != 0)
      limit.atMost = bound;
    if (!limit.atMost || below(4) == 0)
      limit.atLeast = bound - Cost(below(spread + 1));
    made.limits.push_back(limit);
  }

  std::mt19937_64 random;
  Problem made;
  Cost spread = 1;
};
} // namespace

Problem randomProblem(uint64_t seed) { return Maker(seed).problem(); }

Problem cellProblem(uint64_t seed) {
  std::mt19937_64 random(seed);
  Problem problem;
  problem.name = "cell";
  problem.metrics = {{"latency", "ns"}, {"accuracy", "1e-9", Sense::Maximize}};
  Term joint;
  for (uint32_t edge = 0; edge < 6; ++edge) {
    problem.decisions.push_back(
        {"edge" + std::to_string(edge), {"a", "b", "c", "d", "e"}, {}});
    joint.scope.push_back(edge);
  }
  for (size_t entry = 0; entry < 15625; ++entry)
    for (Cost range : {1000000, 100000000})
      joint.costs.push_back(random() % range);
  problem.terms = {joint};
  return problem;
}

Problem layersProblem(uint64_t seed) {
  std::mt19937_64 random(seed);
  Problem problem;
  problem.name = "layers";
  problem.metrics = {{"latency", "ns"}, {"accuracy", "1e-9", Sense::Maximize}};
  for (uint32_t layer = 0; layer < 8; ++layer) {
    problem.decisions.push_back(
        {"layer" + std::to_string(layer), {"id", "mb3", "mb6"}, {}});
    Term own{{layer}, {}}, pair{{layer - 1, layer}, {}};
    for (Cost option = 0; option < 3; ++option)
      own.costs.insert(own.costs.end(),
                       {option * 100000 + Cost(random() % 50000),
                        option * 5000000 + Cost(random() % 5000000)});
    problem.terms.push_back(own);
    for (int entry = 0; entry < 9; ++entry)
      pair.costs.insert(pair.costs.end(), {0, Cost(random() % 3000000)});
    if (layer > 0)
      problem.terms.push_back(pair);
  }
  return problem;
}

Problem stagesProblem(uint64_t seed, uint32_t resolutions, uint32_t stages) {
  std::mt19937_64 random(seed);
  // Within a share of the middle, in 1/256.
  auto around = [&](Cost middle, uint64_t share) {
    return middle * Cost(256 - share + random() % (2 * share)) / 256;
  };
  Problem problem;
  problem.name = "stages";
  problem.metrics = {{"latency", "ns"}, {"accuracy", "1e-9", Sense::Maximize}};
  problem.decisions.push_back({"resolution", {}, {}});
  Term base{{0}, {}};
  for (uint32_t r = 0; r < resolutions; ++r) {
    problem.decisions[0].options.push_back(std::to_string(128 + 4 * r));
    base.costs.push_back(4000000 + 150000 * r);
    base.costs.push_back(700000000 + 2500000 * r - 30000 * r * r);
  }
  problem.terms.push_back(base);
  for (uint32_t stage = 0; stage < stages; ++stage) {
    uint32_t depth = problem.decisions.size();
    std::string name = "stage" + std::to_string(stage + 1);
    problem.decisions.push_back({name + "_depth", {"2", "3", "4"}, {}});
    for (uint32_t slot = 0; slot < 4; ++slot) {
      uint32_t block = problem.decisions.size();
      Decision decision{name + "_block" + std::to_string(slot), {}, {}};
      for (uint32_t option = 0; option < 9; ++option)
        decision.options.push_back(std::to_string(option));
      for (uint32_t d = std::max(slot, 2u) - 1; slot > 1 && d < 3; ++d)
        decision.activeWhen.push_back({{depth, d}});
      problem.decisions.push_back(decision);
      Term term{{0, depth, block}, {}};
      std::vector<Cost> latency, accuracy;
      for (uint32_t option = 0; option < 9; ++option) {
        Cost kernel = option / 3, expand = option % 3;
        latency.push_back(
            around(200000 + 60000 * kernel + 150000 * expand, 25));
        accuracy.push_back(
            around(500000 + 280000 * kernel + 700000 * expand, 60));
      }
      for (uint32_t r = 0; r < resolutions; ++r)
        for (uint32_t d = 0; d < 3; ++d)
          for (uint32_t option = 0; option < 9; ++option) {
            bool active = slot < d + 2;
            Cost scale = (128 + 4 * r) * (128 + 4 * r);
            term.costs.push_back(active ? latency[option] * scale / 30000 +
                                              Cost(random() % 20000)
                                        : 0);
            term.costs.push_back(active ? accuracy[option] : 0);
          }
      // What a resolution adds at random must not depend on the depth.
      for (uint32_t r = 0; r < resolutions; ++r)
        for (uint32_t d = 0; d < 2; ++d)
          for (uint32_t i = 0; i < 18 && slot < d + 2; ++i)
            term.costs[(r * 3 + d) * 18 + i] = term.costs[(r * 3 + 2) * 18 + i];
      problem.terms.push_back(term);
    }
  }
  return problem;
}

Problem twoDevices(Problem problem) {
  problem.metrics.push_back({"latency2", "ns"});
  for (Term &term : problem.terms) {
    std::vector<Cost> costs;
    for (size_t entry = 0; entry < term.costs.size() / 2; ++entry) {
      Cost latency = term.costs[2 * entry];
      Cost bent = latency * Cost(8 + entry * 7 % 5) / 10;
      costs.insert(costs.end(), {latency, term.costs[2 * entry + 1], bent});
    }
    term.costs = std::move(costs);
  }
  return problem;
}

std::vector<Assignment> allAssignments(const Problem &problem) {
  std::vector<Assignment> all;
  Assignment assignment(problem.decisions.size(), 0);
  while (true) {
    if (canonical(problem, assignment) == assignment)
      all.push_back(assignment);
    size_t i = assignment.size();
    while (i > 0 &&
           assignment[i - 1] + 1 == problem.decisions[i - 1].options.size())
      assignment[--i] = 0;
    if (i == 0)
      return all;
    ++assignment[i - 1];
  }
}

std::vector<Solution> bruteForceFront(const Problem &problem,
                                      llvm::ArrayRef<uint32_t> metrics) {
  // Values to minimise: the asked metrics, then the limited sides.
  std::vector<std::pair<uint32_t, bool>> sides;
  for (uint32_t metric : metrics)
    sides.push_back({metric, problem.metrics[metric].sense == Sense::Maximize});
  for (const Limit &limit : problem.limits) {
    if (limit.atMost)
      sides.push_back({limit.metric, false});
    if (limit.atLeast)
      sides.push_back({limit.metric, true});
  }
  struct Entry {
    std::vector<Cost> key;
    Solution solution;
  };
  std::vector<Entry> feasible;
  for (const Assignment &assignment : allAssignments(problem)) {
    Entry entry{{}, {assignment, evaluate(problem, assignment)}};
    if (!withinLimits(problem, entry.solution.costs))
      continue;
    for (auto [metric, greater] : sides)
      entry.key.push_back(greater ? -entry.solution.costs[metric]
                                  : entry.solution.costs[metric]);
    feasible.push_back(entry);
  }
  llvm::sort(feasible, [](const Entry &a, const Entry &b) {
    return std::tie(a.key, a.solution.assignment) <
           std::tie(b.key, b.solution.assignment);
  });
  std::vector<Entry> front;
  for (const Entry &entry : feasible)
    if (llvm::none_of(front, [&](const Entry &other) {
          for (size_t i = 0; i < metrics.size(); ++i)
            if (other.key[i] > entry.key[i])
              return false;
          return true;
        }))
      front.push_back(entry);
  std::vector<Solution> solutions;
  for (const Entry &entry : front)
    solutions.push_back(entry.solution);
  return solutions;
}

} // namespace gnomon::search::test
