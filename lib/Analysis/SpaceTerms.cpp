// SPDX-License-Identifier: Apache-2.0
// The terms of a space's problem, put together cost by cost.

#include "SpaceTerms.h"
#include "llvm/ADT/STLExtras.h"

using namespace gnomon;
using search::Cost;

constexpr size_t kMostEntries = 1000000;

llvm::Error SpaceTerms::addOn(llvm::ArrayRef<search::Literal> path,
                              size_t metric, Cost cost) {
  std::map<uint32_t, uint32_t> options;
  size_t entries = 1;
  for (const search::Literal &literal : path) {
    auto [known, isNew] = options.emplace(literal.decision, literal.option);
    if (known->second != literal.option)
      return llvm::Error::success();
    if (isNew)
      entries *= shell.decisions[literal.decision].options.size();
    if (entries > kMostEntries)
      return llvm::createStringError(
          "a part depends on so many decisions that their table would have "
          "more than " +
          llvm::Twine(kMostEntries) + " entries");
  }
  std::vector<uint32_t> scope, key;
  for (auto [decision, option] : options) {
    scope.push_back(decision);
    key.push_back(option);
  }
  add(scope, {}, key, metric, cost);
  return llvm::Error::success();
}

std::vector<search::Term>
SpaceTerms::take(std::vector<std::optional<uint32_t>> &owners) {
  std::vector<search::Term> result;
  for (auto &[key, term] : byScope) {
    owners.push_back(std::get<0>(key));
    result.push_back(std::move(term));
  }
  return result;
}

Cost &SpaceTerms::at(const std::vector<uint32_t> &scope, const Classes &classes,
                     const std::vector<uint32_t> &key, size_t metric) {
  search::Term &term = byScope[{owner, scope, classes}];
  if (term.costs.empty()) {
    term.scope = scope;
    term.classes = classes;
    term.costs.resize(search::tableSize(shell, term) * metrics);
  }
  size_t entry = 0;
  for (auto [place, number] : llvm::enumerate(key))
    entry = entry * search::classCount(shell, term, place) + number;
  return term.costs[entry * metrics + metric];
}
