// SPDX-License-Identifier: Apache-2.0
// The networks that the search for accelerators begins with.

#include "Stacks.h"

#include "llvm/ADT/STLExtras.h"

#include <map>
#include <set>

using namespace gnomon;
using search::Assignment;

constexpr uint64_t kMost = uint64_t(1) << 32;

std::vector<size_t> gnomon::evenly(size_t count, size_t most) {
  std::vector<size_t> chosen;
  const size_t number = std::min(count, most);
  for (size_t i = 0; i < number; ++i)
    chosen.push_back(number == 1 ? 0 : i * (count - 1) / (number - 1));
  return chosen;
}

Stacks::Stacks(const search::Problem &problem) : problem(problem) {
  std::map<std::vector<std::string>, size_t> known;
  for (const search::Decision &decision : problem.decisions) {
    auto [place, isNew] = known.try_emplace(decision.options, radix.size());
    groupOf.push_back(place->second);
    if (isNew)
      radix.push_back(decision.options.size());
    networks *= double(decision.options.size());
  }
  for (uint64_t options : radix)
    all = std::min(all * options, kMost);
}

Assignment Stacks::stack(uint64_t number) const {
  std::vector<uint32_t> option(radix.size());
  for (size_t group = radix.size(); group-- > 0;) {
    option[group] = number % radix[group];
    number /= radix[group];
  }
  Assignment network;
  for (size_t group : groupOf)
    network.push_back(option[group]);
  return search::canonical(problem, std::move(network));
}

std::vector<Assignment> Stacks::take(size_t most) const {
  std::set<Assignment> found;
  for (size_t number : evenly(all, most))
    found.insert(stack(number));
  return {found.begin(), found.end()};
}

std::vector<Assignment> Stacks::everything() const {
  std::set<Assignment> found;
  for (size_t number = 0; number < size_t(networks); ++number) {
    Assignment network;
    size_t rest = number;
    for (const search::Decision &decision : problem.decisions) {
      network.push_back(rest % decision.options.size());
      rest /= decision.options.size();
    }
    found.insert(search::canonical(problem, std::move(network)));
  }
  return {found.begin(), found.end()};
}
