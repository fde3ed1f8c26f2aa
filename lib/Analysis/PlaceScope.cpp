// SPDX-License-Identifier: Apache-2.0
// Which decisions shape the kernels of one place of a supernet.

#include "PlaceScope.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>

using namespace gnomon;

PlaceScope::PlaceScope(const std::vector<search::Decision> &decisions,
                       const Place &place)
    : known(decisions), place(place) {
  for (const search::Literal &literal : place.path)
    include(literal.decision, eachItsOwn(literal.decision));
  if (place.decision)
    include(*place.decision, eachItsOwn(*place.decision));
}

Classes PlaceScope::eachItsOwn(uint32_t decision) const {
  Classes classes(known[decision].options.size());
  std::iota(classes.begin(), classes.end(), 0);
  return classes;
}

/// Classes that tell apart what either does.
static Classes refined(const Classes &a, const Classes &b) {
  std::vector<std::pair<uint32_t, uint32_t>> both;
  for (auto [mine, other] : llvm::zip_equal(a, b))
    both.emplace_back(mine, other);
  return numbered(both);
}

void PlaceScope::include(uint32_t decision, const Classes &classes) {
  auto found = llvm::lower_bound(decisions, decision);
  size_t index = found - decisions.begin();
  bool isNew = found == decisions.end() || *found != decision;
  if (isNew) {
    decisions.insert(found, decision);
    classesByDecision.insert(classesByDecision.begin() + index, classes);
    counts.insert(counts.begin() + index, 0);
  } else {
    classesByDecision[index] = refined(classesByDecision[index], classes);
  }
  counts[index] = *llvm::max_element(classesByDecision[index]) + 1;
  if (!isNew)
    return;
  for (const auto &row : known[decision].activeWhen)
    for (const search::Literal &literal : row)
      include(literal.decision, eachItsOwn(literal.decision));
}

std::optional<uint32_t> PlaceScope::optionOnPath(uint32_t decision) const {
  for (const search::Literal &literal : place.path)
    if (literal.decision == decision)
      return literal.option;
  return std::nullopt;
}

bool PlaceScope::isShaped() const {
  return llvm::any_of(decisions, [&](uint32_t decision) {
    return decision != place.decision && !optionOnPath(decision);
  });
}

uint64_t PlaceScope::keyOf(llvm::ArrayRef<uint32_t> assignment) const {
  uint64_t key = 0;
  for (auto [decision, classes, count] :
       llvm::zip_equal(decisions, classesByDecision, counts))
    key = key * count + classes[assignment[decision]];
  return key;
}

std::vector<uint32_t>
PlaceScope::classesOf(llvm::ArrayRef<uint32_t> assignment) const {
  std::vector<uint32_t> result;
  for (auto [decision, classes] : llvm::zip_equal(decisions, classesByDecision))
    result.push_back(classes[assignment[decision]]);
  return result;
}

size_t PlaceScope::entryCount(size_t limit) const {
  size_t entries = 1;
  for (auto [decision, count] : llvm::zip_equal(decisions, counts))
    if (!optionOnPath(decision))
      entries = std::min(entries * count, limit + 1);
  return entries;
}

Entry PlaceScope::entryOf(size_t number) const {
  Entry entry;
  for (size_t index = decisions.size(); index-- > 0;) {
    uint32_t decision = decisions[index];
    if (auto option = optionOnPath(decision)) {
      entry.emplace_back(decision, *option);
      continue;
    }
    const Classes &classes = classesByDecision[index];
    auto option = llvm::find(classes, uint32_t(number % counts[index]));
    entry.emplace_back(decision, uint32_t(option - classes.begin()));
    number /= counts[index];
  }
  return entry;
}

PlaceScope::Identity PlaceScope::identity() const {
  Entry path;
  for (const search::Literal &literal : place.path)
    path.emplace_back(literal.decision, literal.option);
  return {decisions, classesByDecision, std::move(path)};
}
