// SPDX-License-Identifier: Apache-2.0
// Compares a plain network with all networks of a supernet.

#include "NetworkMatcher.h"

#include "OnnxForms.h"

using namespace mlir;
using gnomon::forms::peel;

namespace gnomon {

/// Pairs compared at most; a network takes about one for each layer and each
/// wrong option.
static constexpr size_t kMaxSteps = 300000;

bool NetworkMatcher::match() {
  Value ours = supernet.front().getTerminator()->getOperand(0);
  Value theirs = network.front().back().getOperand(0);
  if (Operation *op = theirs.getDefiningOp();
      op && op->getName().getStringRef() == "onnx.Softmax" &&
      op->getNumOperands() == 1)
    theirs = op->getOperand(0);
  return solve(push(ours, theirs, nullptr));
}

Selection NetworkMatcher::selection() const {
  Selection selection;
  auto module = supernet->getParentOfType<ModuleOp>();
  for (DecisionOp decision : module.getOps<DecisionOp>()) {
    auto name = FlatSymbolRefAttr::get(decision.getSymNameAttr());
    if (auto option = options.find(name); option != options.end())
      selection[decision.getSymName().str()] =
          decision.getOption(option->second).str();
  }
  return selection;
}

//===- Going back ---------------------------------------------------------===//

NetworkMatcher::Mark NetworkMatcher::mark() const {
  return {optionLog.size(), valueLog.size(), ownerLog.size()};
}

template <typename Key, typename Map>
static void takeBack(std::vector<Key> &log, Map &map, size_t length) {
  for (; log.size() > length; log.pop_back())
    map.erase(log.back());
}

void NetworkMatcher::undo(const Mark &mark) {
  takeBack(optionLog, options, mark.options);
  takeBack(valueLog, values, mark.values);
  takeBack(ownerLog, owners, mark.owners);
  if (valueLog.size() < lastLinear)
    lastFeatures = lastLinear = 0;
}

const NetworkMatcher::Goal *NetworkMatcher::push(Value ours, Value theirs,
                                                 const Goal *next) {
  return &goals.emplace_back(Goal{ours, theirs, next});
}

//===- Values and layers --------------------------------------------------===//

Value NetworkMatcher::resolve(Value ours) const {
  while (true) {
    ours = peel(ours);
    if (auto argument = dyn_cast<BlockArgument>(ours)) {
      auto choice = dyn_cast<ChoiceOp>(argument.getOwner()->getParentOp());
      if (!choice)
        return ours;
      ours = choice.getInputs()[argument.getArgNumber()];
      continue;
    }
    auto choice = ours.getDefiningOp<ChoiceOp>();
    if (!choice)
      return ours;
    auto option = options.find(choice.getDecisionAttr());
    if (option == options.end())
      return ours;
    ours =
        choice.yielded(option->second)[cast<OpResult>(ours).getResultNumber()];
  }
}

bool NetworkMatcher::isSame(const Layer &ours, const Layer &theirs) {
  // The first linear layer met is the last of the network.
  if (lastFeatures == 0 && ours.kind == LayerKind::Linear &&
      theirs.kind == LayerKind::Linear &&
      ours.numbers.front() == theirs.numbers.front())
    return true;
  return ours.isSameAs(theirs);
}

void NetworkMatcher::differ(const Layer &ours, const Layer &theirs) {
  size_t matched = valueLog.size();
  std::string expected = describe(ours);
  if (matched < furthest.matched)
    return;
  if (matched > furthest.matched || furthest.found.empty())
    furthest = {matched, theirs.op, describe(theirs), {}};
  if (theirs.op == furthest.op &&
      !llvm::is_contained(furthest.expected, expected))
    furthest.expected.push_back(expected);
}

bool NetworkMatcher::bind(Value ours, Value theirs, const Layer &ourLayer,
                          const Layer &theirLayer) {
  values[ours] = theirs;
  valueLog.push_back(ours);
  if (!ourLayer.isWeighted())
    return true;
  // Weights belong to one layer of the supernet.
  auto [owner, isNew] = owners.try_emplace(theirLayer.op, ourLayer.op);
  if (isNew)
    ownerLog.push_back(theirLayer.op);
  if (lastFeatures == 0 && theirLayer.kind == LayerKind::Linear) {
    lastFeatures = theirLayer.numbers.back();
    lastLinear = valueLog.size();
  }
  return owner->second == ourLayer.op;
}

//===- Search -------------------------------------------------------------===//

bool NetworkMatcher::solve(const Goal *goals) {
  while (goals) {
    if (++steps > kMaxSteps)
      return false;
    Value ours = resolve(goals->ours), theirs = peel(goals->theirs);
    goals = goals->next;
    if (auto choice = ours.getDefiningOp<ChoiceOp>())
      return tryOptions(choice, cast<OpResult>(ours).getResultNumber(), goals,
                        theirs);
    if (auto known = values.find(ours); known != values.end()) {
      if (known->second != theirs)
        return false;
      continue;
    }
    Layer ourLayer = layerOf(ours), theirLayer = layerOf(theirs);
    if (!isSame(ourLayer, theirLayer)) {
      differ(ourLayer, theirLayer);
      return false;
    }
    if (!bind(ours, theirs, ourLayer, theirLayer))
      return false;
    if (ourLayer.operands.size() == 2)
      return tryOrders(ourLayer, theirLayer, goals);
    for (auto [our, their] :
         llvm::zip_equal(ourLayer.operands, theirLayer.operands))
      goals = push(our, their, goals);
  }
  return true;
}

SmallVector<unsigned> NetworkMatcher::orderOf(ChoiceOp choice,
                                              unsigned result) const {
  auto isFixed = fixed.find(choice.getDecision().str());
  auto isOther = [&](unsigned option) {
    return isFixed != fixed.end() &&
           choice.getOption(option) != isFixed->second;
  };
  auto isNoSkip = [&](unsigned option) {
    auto argument = dyn_cast<BlockArgument>(choice.yielded(option)[result]);
    return !argument ||
           argument.getOwner()->getParentOp() != choice.getOperation();
  };
  auto order = llvm::to_vector(llvm::seq<unsigned>(choice.getOptions().size()));
  llvm::erase_if(order, isOther);
  llvm::stable_sort(
      order, [&](unsigned a, unsigned b) { return isNoSkip(a) < isNoSkip(b); });
  return order;
}

bool NetworkMatcher::tryOptions(ChoiceOp choice, unsigned result,
                                const Goal *rest, Value theirs) {
  Attribute decision = choice.getDecisionAttr();
  for (unsigned option : orderOf(choice, result)) {
    Mark before = mark();
    options[decision] = option;
    optionLog.push_back(decision);
    if (solve(push(choice.yielded(option)[result], theirs, rest)))
      return true;
    undo(before);
  }
  return false;
}

/// Whether two values can be the same as far as one layer tells.
bool NetworkMatcher::mayMatch(Value ours, Value theirs) {
  ours = resolve(ours);
  theirs = peel(theirs);
  if (ours.getDefiningOp<ChoiceOp>())
    return true;
  if (auto known = values.find(ours); known != values.end())
    return known->second == theirs;
  return layerOf(ours).isSameAs(layerOf(theirs));
}

/// Operands of a sum or product, as they are and swapped.
bool NetworkMatcher::tryOrders(const Layer &ours, const Layer &theirs,
                               const Goal *rest) {
  for (bool isSwapped : {false, true}) {
    Value first = theirs.operands[isSwapped];
    Value second = theirs.operands[!isSwapped];
    bool isPlausible =
        mayMatch(ours.operands[0], first) && mayMatch(ours.operands[1], second);
    if (isSwapped && !isPlausible)
      continue;
    Mark before = mark();
    if (solve(push(ours.operands[0], first,
                   push(ours.operands[1], second, rest))))
      return true;
    undo(before);
  }
  return false;
}

} // namespace gnomon
