// SPDX-License-Identifier: Apache-2.0
// Splits decisions into a class of options and an option of the class.

#include "Grouping.h"

#include "llvm/ADT/STLExtras.h"

#include <map>

namespace gnomon::search {

Grouping::Grouping(const Problem &original) {
  split.name = original.name;
  split.metrics = original.metrics;
  split.limits = original.limits;
  for (uint32_t i = 0; i < original.decisions.size(); ++i)
    splitDecision(original, i);
  for (const Term &term : original.terms)
    splitTerm(original, term);
}

/// Options that no term with classes tells apart are one class.
void Grouping::splitDecision(const Problem &original, uint32_t decision) {
  size_t options = original.decisions[decision].options.size();
  std::vector<std::vector<uint32_t>> seen(options);
  for (const Term &term : original.terms) {
    auto found = llvm::lower_bound(term.scope, decision);
    size_t place = found - term.scope.begin();
    if (found == term.scope.end() || *found != decision ||
        !term.groups(place) || classCount(original, term, place) == options)
      continue;
    for (uint32_t option = 0; option < options; ++option)
      seen[option].push_back(term.classOf(place, option));
  }
  Part &part = parts.emplace_back();
  part.decision = split.decisions.size();
  std::map<std::vector<uint32_t>, uint32_t> numbers;
  for (uint32_t option = 0; option < options; ++option) {
    auto [entry, inserted] = numbers.try_emplace(seen[option], numbers.size());
    if (inserted)
      part.members.emplace_back();
    part.members[entry->second].push_back(option);
    part.classOf.push_back(entry->second);
  }
  std::string name = original.decisions[decision].name;
  auto declare = [&](size_t count) {
    split.decisions.push_back({name, std::vector<std::string>(count), {}});
  };
  if (numbers.size() == options || seen.front().empty()) {
    part.members.clear();
    return declare(options);
  }
  declare(part.members.size());
  size_t most = 0;
  for (const std::vector<uint32_t> &members : part.members)
    most = std::max(most, members.size());
  declare(most);
}

/// Whether a term tells options of one class of ours apart.
bool Grouping::needsOption(const Problem &original, const Term &term,
                           size_t place) const {
  const Part &part = parts[term.scope[place]];
  return llvm::any_of(part.members, [&](const auto &members) {
    return llvm::any_of(members, [&](uint32_t option) {
      return term.classOf(place, option) !=
             term.classOf(place, members.front());
    });
  });
}

void Grouping::splitTerm(const Problem &original, const Term &term) {
  Term made;
  // By place of the term: how many decisions of ours it takes.
  std::vector<unsigned> taken;
  size_t entries = 1;
  for (size_t place = 0; place < term.scope.size(); ++place) {
    const Part &part = parts[term.scope[place]];
    taken.push_back(needsOption(original, term, place) ? 2 : 1);
    for (unsigned i = 0; i < taken.back(); ++i) {
      made.scope.push_back(part.decision + i);
      entries *= split.decisions[made.scope.back()].options.size();
    }
  }
  size_t metrics = original.metrics.size();
  made.costs.reserve(entries * metrics);
  Assignment ours(split.decisions.size(), 0);
  for (size_t number = 0; number < entries; ++number) {
    size_t left = number;
    for (uint32_t decision : llvm::reverse(made.scope)) {
      ours[decision] = left % split.decisions[decision].options.size();
      left /= split.decisions[decision].options.size();
    }
    size_t entry = 0;
    for (size_t place = 0; place < term.scope.size(); ++place) {
      const Part &part = parts[term.scope[place]];
      uint32_t option = ours[part.decision];
      if (!part.members.empty()) {
        const std::vector<uint32_t> &members = part.members[option];
        size_t within = taken[place] == 2 ? ours[part.decision + 1] : 0;
        option = members[std::min(within, members.size() - 1)];
      }
      entry = entry * classCount(original, term, place) +
              term.classOf(place, option);
    }
    auto row = term.costs.begin() + entry * metrics;
    made.costs.insert(made.costs.end(), row, row + metrics);
  }
  split.terms.push_back(std::move(made));
}

llvm::SmallVector<uint32_t, 2> Grouping::decisionsOf(uint32_t original) const {
  const Part &part = parts[original];
  if (part.members.empty())
    return {part.decision};
  return {part.decision, part.decision + 1};
}

Assignment Grouping::divide(llvm::ArrayRef<uint32_t> assignment) const {
  Assignment result;
  for (auto [part, option] : llvm::zip(parts, assignment)) {
    if (part.members.empty()) {
      result.push_back(option);
      continue;
    }
    const std::vector<uint32_t> &members = part.members[part.classOf[option]];
    result.push_back(part.classOf[option]);
    result.push_back(llvm::find(members, option) - members.begin());
  }
  return result;
}

Assignment Grouping::restore(const Assignment &assignment) const {
  Assignment result;
  for (const Part &part : parts) {
    uint32_t option = assignment[part.decision];
    if (!part.members.empty()) {
      const std::vector<uint32_t> &members = part.members[option];
      option = members[std::min<size_t>(assignment[part.decision + 1],
                                        members.size() - 1)];
    }
    result.push_back(option);
  }
  return result;
}

} // namespace gnomon::search
