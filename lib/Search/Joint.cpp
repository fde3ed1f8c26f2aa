// SPDX-License-Identifier: Apache-2.0
// A problem copied for several networks, and what these have in common.
//
// A slot gets a decision more: that the networks may differ there, or which of
// its states all of them have. A table over this decision and the slot of one
// copy costs 1 where the copy is in another state; the sum of these is limited
// to 0. How many slots may differ is a metric. So tables grow with the number
// of networks, not with its power.

#include "Joint.h"

#include "Tables.h"

#include "llvm/ADT/STLExtras.h"

namespace gnomon::search {

namespace {
constexpr size_t kMostStates = size_t(1) << 16;

/// By decision of a slot its option; none: it does not matter.
using State = std::vector<std::optional<uint32_t>>;

State stateOf(const Problem &problem, llvm::ArrayRef<uint32_t> slot,
              llvm::ArrayRef<uint32_t> assignment) {
  llvm::BitVector active = activeDecisions(problem, assignment);
  State state;
  for (uint32_t decision : slot)
    state.push_back(active[decision] ? std::optional(assignment[decision])
                                     : std::nullopt);
  return state;
}

/// The decisions and all that they depend on, ascending.
std::vector<uint32_t> withAncestors(const Problem &problem,
                                    llvm::ArrayRef<uint32_t> slot) {
  llvm::BitVector seen(problem.decisions.size());
  std::vector<uint32_t> open(slot.begin(), slot.end());
  while (!open.empty()) {
    uint32_t decision = open.back();
    open.pop_back();
    if (seen[decision])
      continue;
    seen.set(decision);
    for (const auto &row : problem.decisions[decision].activeWhen)
      for (const Literal &literal : row)
        open.push_back(literal.decision);
  }
  return std::vector<uint32_t>(seen.set_bits_begin(), seen.set_bits_end());
}

/// A decision whose options have their numbers for names.
Decision numbered(std::string name, size_t options) {
  Decision decision{std::move(name), {}, {}};
  for (size_t option = 0; option < options; ++option)
    decision.options.push_back(std::to_string(option));
  return decision;
}
} // namespace

void Joint::addDecisions(size_t copy) {
  for (auto [index, decision] : llvm::enumerate(base().decisions))
    copies.decisions.push_back(
        numbered(std::to_string(index) + "@" + std::to_string(copy),
                 decision.options.size()));
}

void Joint::addLimits(size_t copy, const Solution &alone) {
  std::vector<Limit> limits = original.limits;
  llvm::append_range(limits, query.limits[copy]);
  if (query.maxLoss) {
    Limit &kept = limits.emplace_back(Limit{query.objective, {}, {}});
    Cost best = alone.costs[query.objective];
    if (original.metrics[query.objective].sense == Sense::Maximize)
      kept.atLeast = best - *query.maxLoss;
    else
      kept.atMost = best + *query.maxLoss;
  }
  auto &known = metrics.emplace_back();
  for (Limit limit : limits) {
    auto [place, isNew] =
        known.try_emplace(limit.metric, copies.metrics.size());
    if (isNew) {
      Metric metric = original.metrics[limit.metric];
      metric.name += "@" + std::to_string(copy);
      copies.metrics.push_back(std::move(metric));
    }
    limit.metric = place->second;
    copies.limits.push_back(limit);
  }
}

void Joint::addTerms(size_t copy) {
  size_t before = base().metrics.size(), after = copies.metrics.size();
  for (const Term &term : base().terms) {
    Term &one = copies.terms.emplace_back(Term{term.scope, {}});
    for (uint32_t &decision : one.scope)
      decision = copied(copy, decision);
    size_t entries = term.costs.size() / before;
    one.costs.assign(entries * after, 0);
    for (size_t entry = 0; entry < entries; ++entry) {
      const Cost *from = &term.costs[entry * before];
      Cost *to = &one.costs[entry * after];
      to[kTotal] = from[query.objective];
      for (auto [metric, place] : metrics[copy])
        to[place] = from[metric];
    }
  }
}

std::vector<uint32_t> Joint::statesOf(llvm::ArrayRef<uint32_t> slot,
                                      llvm::ArrayRef<uint32_t> scope) const {
  std::map<State, uint32_t> numbers;
  std::vector<uint32_t> states;
  Assignment assignment(base().decisions.size(), 0);
  TableWalk walk(base(), scope.vec());
  for (size_t entry = 0; entry < walk.size(); ++entry, walk.next()) {
    for (auto [decision, option] : llvm::zip_equal(scope, walk.current()))
      assignment[decision] = option;
    State state = stateOf(original, slot, grouping.restore(assignment));
    states.push_back(
        numbers.try_emplace(std::move(state), uint32_t(numbers.size()))
            .first->second);
  }
  return states;
}

llvm::Error Joint::addSlot(llvm::ArrayRef<uint32_t> slot) {
  std::vector<uint32_t> scope;
  for (uint32_t decision : withAncestors(original, slot))
    llvm::append_range(scope, grouping.decisionsOf(decision));
  if (TableWalk(base(), scope).size() > kMostStates)
    return llvm::createStringError(
        "sharing in '" + original.name + "': the slot of '" +
        original.decisions[slot.front()].name + "' depends on " +
        llvm::Twine(scope.size()) + " decisions with more than " +
        llvm::Twine(kMostStates) + " combinations");
  std::vector<uint32_t> states = statesOf(slot, scope);
  const uint32_t differ = *llvm::max_element(states) + 1;
  size_t width = joint.metrics.size(), options = differ + 1;
  uint32_t common = joint.decisions.size();
  joint.decisions.push_back(
      numbered("common " + std::to_string(common), options));
  Term &differs = joint.terms.emplace_back();
  differs.scope = {common};
  differs.costs.assign(options * width, 0);
  differs.costs[differ * width + kDiffering] = 1;
  for (size_t copy = 0; copy < count(); ++copy) {
    Term &agrees = joint.terms.emplace_back();
    for (uint32_t one : scope)
      agrees.scope.push_back(copied(copy, one));
    agrees.scope.push_back(common);
    agrees.costs.assign(states.size() * options * width, 0);
    for (size_t entry = 0; entry < states.size(); ++entry)
      for (size_t option = 0; option < differ; ++option)
        agrees.costs[(entry * options + option) * width + kConflicts] =
            states[entry] != option;
  }
  return llvm::Error::success();
}

llvm::Error Joint::build(llvm::ArrayRef<Solution> alone) {
  copies.name = original.name;
  copies.metrics = {{"total", original.metrics[query.objective].unit,
                     original.metrics[query.objective].sense},
                    {"differing", "slot"},
                    {"conflicts", "slot"}};
  copies.limits = {{kConflicts, 0, std::nullopt}};
  for (size_t copy = 0; copy < count(); ++copy) {
    addDecisions(copy);
    addLimits(copy, alone[copy]);
  }
  for (size_t copy = 0; copy < count(); ++copy)
    addTerms(copy);
  joint = copies;
  for (llvm::ArrayRef<uint32_t> slot : query.slots)
    if (llvm::Error error = addSlot(slot))
      return error;
  return joint.check();
}

Problem Joint::differingBy(uint32_t slots) const {
  Problem result = joint;
  result.limits.push_back({kDiffering, Cost(slots), std::nullopt});
  return result;
}

SharedNetworks Joint::split(llvm::ArrayRef<uint32_t> assignment) const {
  std::vector<Solution> networks;
  for (size_t copy = 0; copy < count(); ++copy) {
    auto part = assignment.slice(copied(copy, 0), base().decisions.size());
    Solution &network = networks.emplace_back();
    network.assignment = canonical(
        original, grouping.restore(Assignment(part.begin(), part.end())));
    network.costs = evaluate(original, network.assignment);
  }
  return describe(std::move(networks));
}

SharedNetworks Joint::describe(std::vector<Solution> networks) const {
  SharedNetworks result;
  result.networks = std::move(networks);
  for (const Solution &network : result.networks)
    result.total += network.costs[query.objective];
  for (auto [index, slot] : llvm::enumerate(query.slots)) {
    State first = stateOf(original, slot, result.networks.front().assignment);
    if (!llvm::all_of(result.networks, [&](const Solution &network) {
          return stateOf(original, slot, network.assignment) == first;
        }))
      result.differingSlots.push_back(index);
    else if (llvm::any_of(first, [](auto option) { return bool(option); }))
      ++result.shared;
  }
  result.differing = result.differingSlots.size();
  return result;
}

} // namespace gnomon::search
