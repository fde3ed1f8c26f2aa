// SPDX-License-Identifier: Apache-2.0
// Where rules give a network choices.

#include "RuleMatches.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/GlobPattern.h"

#include <cmath>

using namespace mlir;
using Kind = gnomon::SpaceRule::Kind;

namespace gnomon::rules {

namespace {

using Matches = std::vector<std::unique_ptr<Match>>;

std::string numbered(StringRef prefix, double value) {
  return (prefix + shortNumber(value)).str();
}

int64_t scaled(int64_t channels, double factor) {
  return std::max<int64_t>(1, std::llround(double(channels) * factor));
}

/// The matches of one rule.
class RuleMatcher {
public:
  RuleMatcher(const SpaceRule &rule, const ChannelClasses &classes)
      : rule(rule), classes(classes),
        pattern(llvm::cantFail(llvm::GlobPattern::create(rule.names))) {}

  Matches run(func::FuncOp function) {
    switch (rule.kind) {
    case Kind::Kernel:
      for (Operation &op : function.front())
        matchKernel(&op);
      break;
    case Kind::DropResidual:
      for (Operation &op : function.front())
        matchResidual(&op);
      break;
    case Kind::Expansion:
      for (auto [number, entry] : llvm::enumerate(classes.all()))
        matchExpansion(number, entry);
      break;
    case Kind::Channels:
      matchChannels();
    }
    return std::move(matches);
  }

private:
  Match &add(Operation *anchor, Part part) {
    auto &match = *matches.emplace_back(std::make_unique<Match>());
    match.rule = &rule;
    match.anchor = anchor;
    match.part = std::move(part);
    return match;
  }

  void addOption(Match &match, std::string name, bool isCurrent) {
    if (isCurrent)
      match.current = name;
    match.options.push_back(std::move(name));
  }

  bool isMeant(Operation *op) const { return pattern.match(nodeName(op)); }

  void matchKernel(Operation *op) {
    std::optional<ConvView> conv = ConvView::of(op);
    if (!conv || !conv->isDepthwise() || !conv->kernel() || !isMeant(op))
      return;
    for (double value : rule.values)
      if (!padsFor(*conv, int64_t(value))) {
        emitWarning(op->getLoc())
            << "rule " << rule.text()
            << ": no padding keeps the shape under a kernel of "
            << int64_t(value) << "; the convolution stays as it is";
        return;
      }
    std::optional<Part> part = closePart(op);
    if (!part)
      return;
    Match &match = add(op, std::move(*part));
    for (double value : rule.values) {
      match.kernels.push_back(int64_t(value));
      addOption(match, numbered("k", value), int64_t(value) == conv->kernel());
    }
  }

  void matchResidual(Operation *op) {
    std::optional<Part> part = residualBlock(op);
    if (!part || !isMeant(op))
      return;
    Match &match = add(op, std::move(*part));
    addOption(match, "keep", true);
    addOption(match, "skip", false);
  }

  /// 1x1 convolution, depthwise convolution, 1x1 convolution.
  void matchExpansion(unsigned number, const ChannelClass &hidden) {
    if (!hidden.isHidden() || hidden.depthwise.empty() ||
        !isMeant(hidden.producers.front()))
      return;
    auto expand = ConvView::of(hidden.producers.front());
    auto project = ConvView::of(hidden.consumers.back());
    if (!expand->isPointwise() || !project->isPointwise())
      return;
    std::optional<Part> part = closePart(hidden.touching);
    if (!part)
      return;
    Match &match = add(expand->op, std::move(*part));
    for (double value : rule.values) {
      int64_t channels = scaled(expand->input.getDimSize(1), value);
      match.widths.push_back({{number, channels}});
      addOption(match, numbered("e", value), channels == hidden.channels);
    }
  }

  /// Hidden classes that a convolution joins change together.
  void matchChannels() {
    llvm::EquivalenceClasses<unsigned> clusters;
    llvm::DenseMap<Operation *, unsigned> producedBy;
    for (auto [number, entry] : llvm::enumerate(classes.all()))
      if (entry.isHidden()) {
        clusters.insert(number);
        for (Operation *producer : entry.producers)
          producedBy[producer] = number;
      }
    for (auto [number, entry] : llvm::enumerate(classes.all()))
      if (entry.isHidden())
        for (Operation *consumer : entry.consumers)
          if (auto next = producedBy.find(consumer); next != producedBy.end())
            clusters.unionSets(number, next->second);
    llvm::MapVector<unsigned, SmallVector<unsigned>> members;
    for (auto [number, entry] : llvm::enumerate(classes.all()))
      if (entry.isHidden())
        members[clusters.getLeaderValue(number)].push_back(number);
    for (auto &[leader, numbers] : members)
      matchCluster(numbers);
  }

  void matchCluster(ArrayRef<unsigned> numbers) {
    Operation *anchor = classes.all()[numbers.front()].producers.front();
    SmallVector<Operation *> seeds;
    for (unsigned number : numbers)
      llvm::append_range(seeds, classes.all()[number].touching);
    std::optional<Part> part = closePart(seeds);
    if (!part || !isMeant(anchor))
      return;
    Match &match = add(anchor, std::move(*part));
    for (double value : rule.values) {
      auto &widths = match.widths.emplace_back();
      for (unsigned number : numbers)
        widths.emplace_back(number,
                            scaled(classes.all()[number].channels, value));
      addOption(match, numbered("w", value), value == 1);
    }
  }

  const SpaceRule &rule;
  const ChannelClasses &classes;
  llvm::GlobPattern pattern;
  Matches matches;
};

//===- All rules ----------------------------------------------------------===//

/// What a match decides: an operation's kernel or presence, a class's width.
SmallVector<const void *> subjects(const Match &match,
                                   const ChannelClasses &classes) {
  SmallVector<const void *> subjects;
  if (match.widths.empty())
    subjects.push_back(match.anchor);
  else
    for (auto [number, channels] : match.widths.front())
      subjects.push_back(&classes.all()[number]);
  return subjects;
}

LogicalResult checkConflicts(const Matches &matches,
                             const ChannelClasses &classes) {
  llvm::DenseMap<const void *, const Match *> decided;
  for (const auto &match : matches)
    for (const void *subject : subjects(*match, classes)) {
      auto [place, isNew] = decided.try_emplace(subject, match.get());
      if (isNew)
        continue;
      InFlightDiagnostic error = emitError(match->anchor->getLoc())
                                 << "rule " << match->rule->text()
                                 << " decides what rule "
                                 << place->second->rule->text()
                                 << " decides already, expected one of them";
      error.attachNote(place->second->anchor->getLoc())
          << "the other match is here";
      return error;
    }
  return success();
}

/// What is equal by both orders is sorted by rule.
template <typename First, typename Second>
void sortBy(Matches &matches, First first, Second second) {
  llvm::sort(matches, [&](const auto &a, const auto &b) {
    if (first(*a, *b) || first(*b, *a))
      return first(*a, *b);
    if (second(*a, *b) || second(*b, *a))
      return second(*a, *b);
    return a->rule < b->rule;
  });
}

/// Sets parents; drops matches that are neither inside of another nor apart
/// from it. Sorted by place then, outer ones first.
void nest(Matches &matches) {
  auto startsBefore = [](const Match &a, const Match &b) {
    return a.part.ops.front()->isBeforeInBlock(b.part.ops.front());
  };
  auto isLarger = [](const Match &a, const Match &b) {
    return a.part.ops.size() > b.part.ops.size();
  };
  sortBy(matches, isLarger, startsBefore);
  llvm::DenseMap<Operation *, Match *> innermost;
  llvm::erase_if(matches, [&](const std::unique_ptr<Match> &match) {
    match->parent = innermost.lookup(match->part.ops.front());
    for (Operation *op : match->part.ops)
      if (Match *other = innermost.lookup(op); other != match->parent) {
        emitWarning(match->anchor->getLoc())
            << "rule " << match->rule->text()
            << ": the place overlaps that of another match and stays as it is";
        return true;
      }
    for (Operation *op : match->part.ops)
      innermost[op] = match.get();
    return false;
  });
  sortBy(matches, startsBefore, isLarger);
}

/// "features_1_conv_kernel": the node's name and what is decided.
void nameDecisions(Matches &matches, StringRef function) {
  llvm::StringSet<> taken = {"resolution", function};
  for (const auto &match : matches) {
    std::string name;
    for (char c : nodeName(match->anchor))
      if (llvm::isAlnum(c) || c == '.')
        name += c;
      else if (!name.empty() && name.back() != '_')
        name += '_';
    StringRef what = match->rule->text().split(':').first.split('-').first;
    name += ((name.empty() || name.back() == '_') ? "" : "_") + what.str();
    std::string unique = name;
    for (unsigned number = 2; !taken.insert(unique).second; ++number)
      unique = name + "_" + std::to_string(number);
    match->decision = unique;
  }
}

StringRef expectation(Kind kind) {
  switch (kind) {
  case Kind::Kernel:
    return "depthwise convolutions with square kernels";
  case Kind::Expansion:
    return "1x1, depthwise and 1x1 convolutions in a row, with an activation";
  case Kind::DropResidual:
    return "sums of a block's input and its result, equal in type";
  case Kind::Channels:
    return "widths between convolutions, with an activation and without sums";
  }
}

void report(func::FuncOp function, const SpaceRule &rule,
            const Matches &matches) {
  auto mine = [&](const auto &match) { return match->rule == &rule; };
  size_t count = llvm::count_if(matches, mine);
  if (!count) {
    emitWarning(function.getLoc())
        << "rule " << rule.text() << " matches nothing: expected "
        << expectation(rule.kind)
        << (rule.names == "*" ? "" : " named " + rule.names);
    return;
  }
  InFlightDiagnostic remark = emitRemark(function.getLoc())
                              << "rule " << rule.text() << ": " << count
                              << (count == 1 ? " match" : " matches");
  for (const auto &match : llvm::make_filter_range(matches, mine)) {
    Diagnostic &note = remark.attachNote(match->anchor->getLoc())
                       << "@" << match->decision << ": "
                       << llvm::join(match->options, ", ");
    if (!match->current.empty())
      note << "; the network has " << match->current;
  }
}

} // namespace

FailureOr<Matches> findMatches(func::FuncOp function,
                               const ChannelClasses &classes,
                               ArrayRef<SpaceRule> rules) {
  Matches matches;
  for (const SpaceRule &rule : rules)
    llvm::move(RuleMatcher(rule, classes).run(function),
               std::back_inserter(matches));
  if (failed(checkConflicts(matches, classes)))
    return failure();
  nest(matches);
  nameDecisions(matches, function.getSymName());
  for (const SpaceRule &rule : rules)
    report(function, rule, matches);
  return matches;
}

} // namespace gnomon::rules
