// SPDX-License-Identifier: Apache-2.0
// What spaces have in common: sizes, random and extreme networks, checks.

#include "gnomon/Spaces/Space.h"
#include "gnomon/Support/Random.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace gnomon {

Space::~Space() = default;

bool isAsked(const SpaceDecision &decision, const Selection &selection) {
  if (decision.parent.empty())
    return true;
  auto parent = selection.find(decision.parent);
  return parent != selection.end() &&
         llvm::is_contained(decision.parentOptions, parent->second);
}

//===- Size ---------------------------------------------------------------===//

namespace {

/// Counts networks over the tree of decisions. No product wraps: there are bits
/// for one option of every decision at once.
class NetworkCounter {
public:
  explicit NetworkCounter(llvm::ArrayRef<SpaceDecision> decisions)
      : decisions(decisions) {
    for (const SpaceDecision &decision : decisions)
      bits += llvm::Log2_64_Ceil(decision.options.size() + 1);
  }

  llvm::APInt product(llvm::StringRef parent, llvm::StringRef option) const {
    llvm::APInt result(bits, 1);
    for (const SpaceDecision &decision : decisions)
      if (decision.parent == parent && decision.name != kResolutionDecision &&
          (parent.empty() ||
           llvm::is_contained(decision.parentOptions, option)))
        result *= sum(decision);
    return result;
  }

private:
  llvm::APInt sum(const SpaceDecision &decision) const {
    llvm::APInt result(bits, 0);
    for (const std::string &option : decision.options)
      result += product(decision.name, option);
    return result;
  }

  llvm::ArrayRef<SpaceDecision> decisions;
  unsigned bits = 64;
};

} // namespace

llvm::APInt Space::size(const SpaceOptions &options) const {
  return NetworkCounter(decisions(options)).product("", "");
}

//===- Networks -----------------------------------------------------------===//

/// Takes an option of every decision that is asked.
static Selection take(llvm::ArrayRef<SpaceDecision> decisions,
                      llvm::function_ref<size_t(const SpaceDecision &)> pick) {
  Selection selection;
  for (const SpaceDecision &decision : decisions) {
    const std::string &option = decision.options[pick(decision)];
    if (isAsked(decision, selection))
      selection[decision.name] = option;
  }
  return selection;
}

Selection Space::minimum(const SpaceOptions &options) const {
  return take(decisions(options), [](const SpaceDecision &) { return 0; });
}

Selection Space::maximum(const SpaceOptions &options) const {
  return take(decisions(options), [](const SpaceDecision &decision) {
    return decision.options.size() - 1;
  });
}

Selection Space::random(uint64_t seed, const SpaceOptions &options) const {
  Random random(seed);
  return take(decisions(options), [&](const SpaceDecision &decision) {
    return size_t(random.below(decision.options.size()));
  });
}

llvm::Error Space::check(const Selection &selection,
                         const SpaceOptions &options) const {
  size_t asked = 0;
  std::vector<SpaceDecision> known = decisions(options);
  for (const SpaceDecision &decision : known) {
    auto found = selection.find(decision.name);
    if (!isAsked(decision, selection)) {
      if (found != selection.end())
        return llvm::createStringError(
            "%s: found '%s', expected no option: it is not asked",
            decision.name.c_str(), found->second.c_str());
      continue;
    }
    ++asked;
    std::string expected = llvm::join(decision.options, ", ");
    if (found == selection.end())
      return llvm::createStringError("%s: found nothing, expected one of %s",
                                     decision.name.c_str(), expected.c_str());
    if (!llvm::is_contained(decision.options, found->second))
      return llvm::createStringError("%s: found '%s', expected one of %s",
                                     decision.name.c_str(),
                                     found->second.c_str(), expected.c_str());
  }
  if (asked == selection.size())
    return llvm::Error::success();
  for (const auto &[name, option] : selection)
    if (llvm::none_of(known, [&](auto &other) { return other.name == name; }))
      return llvm::createStringError("%s: the space has no such decision",
                                     name.c_str());
  return llvm::Error::success();
}

} // namespace gnomon
