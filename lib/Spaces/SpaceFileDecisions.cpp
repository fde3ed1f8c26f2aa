// SPDX-License-Identifier: Apache-2.0
// The decisions of a space's file: names, ties, what asks what.

#include "BuildSpace.h"
#include "SpaceFileTree.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

#include <set>

using llvm::StringRef;
using llvm::Twine;

namespace gnomon::spacefile {

std::string copyName(const Item &item, int64_t copy) {
  bool numbered = item.repeat || !item.depths.empty();
  return numbered ? item.name + "_" + std::to_string(copy) : item.name;
}

std::string placeName(StringRef outer, StringRef inner) {
  return (outer + (outer.empty() ? "" : "_") + inner).str();
}

namespace {

class Collector {
public:
  explicit Collector(const Tree &tree) : tree(tree) {
    decisions.push_back(resolutionDecision(tree.resolutions));
    places.insert(kResolutionDecision);
  }

  llvm::Expected<std::vector<SpaceDecision>> run() {
    if (llvm::Error error = visitItems(tree.network, "", {}))
      return error;
    return std::move(decisions);
  }

private:
  /// What must have been decided for a place to be there.
  struct Context {
    std::string parent;
    std::vector<std::string> options;
  };

  llvm::Error visitItems(llvm::ArrayRef<Item> items, const std::string &prefix,
                         const Context &context) {
    for (const Item &item : items)
      if (llvm::Error error = visitItem(item, prefix, context))
        return error;
    return llvm::Error::success();
  }

  llvm::Error visitItem(const Item &item, const std::string &prefix,
                        const Context &context) {
    if (item.depths.empty()) {
      for (int64_t copy = 0; copy < std::max<int64_t>(item.repeat, 1); ++copy)
        if (llvm::Error error = visitCopy(item, copy, prefix, context))
          return error;
      return llvm::Error::success();
    }
    std::vector<std::string> options;
    for (int64_t depth : item.depths)
      options.push_back(std::to_string(depth));
    std::string name = depthDecision(item, prefix);
    if (llvm::Error error = declare(name, options, !item.depthTie.empty(),
                                    item.body.where, context))
      return error;
    for (int64_t copy = 0; copy < item.depths.back(); ++copy) {
      Context inner = context;
      if (copy >= item.depths.front()) {
        inner = {name, {}};
        for (int64_t depth : item.depths)
          if (depth > copy)
            inner.options.push_back(std::to_string(depth));
      }
      if (llvm::Error error = visitCopy(item, copy, prefix, inner))
        return error;
    }
    return llvm::Error::success();
  }

  llvm::Error visitCopy(const Item &item, int64_t copy,
                        const std::string &prefix, const Context &context) {
    std::string name = placeName(prefix, copyName(item, copy));
    if (!places.insert(name).second)
      return item.body.where.error("a second place of the name \"" +
                                   Twine(name) + "\"; rename the item");
    return visitBody(item.body, name, context);
  }

  llvm::Error visitBody(const Body &body, const std::string &name,
                        const Context &context) {
    if (++bodies > kMaxBodies)
      return body.where.error("the space has more than " + Twine(kMaxBodies) +
                              " blocks, choices and sequences");
    switch (body.form) {
    case Body::Form::Block:
      return llvm::Error::success();
    case Body::Form::Use:
      return visitUse(body, name, context);
    case Body::Form::Sequence:
      return visitItems(body.items, name, context);
    case Body::Form::Choose:
      return visitChoice(body, name, context);
    }
  }

  llvm::Error visitUse(const Body &body, const std::string &name,
                       const Context &context) {
    auto definition = tree.blocks.find(body.use);
    if (definition == tree.blocks.end())
      return body.where.find("use")->error(
          "found \"" + Twine(body.use) + "\", which \"blocks\" does not hold");
    if (!open.insert(body.use).second)
      return body.where.find("use")->error("\"" + Twine(body.use) +
                                           "\" is used inside itself");
    llvm::Error error = visitBody(definition->second, name, context);
    open.erase(body.use);
    return error;
  }

  llvm::Error visitChoice(const Body &body, const std::string &name,
                          const Context &context) {
    std::vector<std::string> options;
    for (const Option &option : body.options)
      options.push_back(option.name);
    const std::string &decision = body.tie.empty() ? name : body.tie;
    if (llvm::Error error =
            declare(decision, options, !body.tie.empty(), body.where, context))
      return error;
    for (const Option &option : body.options)
      if (llvm::Error error =
              visitBody(option.body, placeName(name, option.name),
                        {decision, {option.name}}))
        return error;
    return llvm::Error::success();
  }

  /// Notes a place that asks a decision. Ties ask one decision in several
  /// places: always if one of them is always there, else in options of one
  /// parent.
  llvm::Error declare(const std::string &name,
                      const std::vector<std::string> &options, bool isTied,
                      const JsonView &where, const Context &context) {
    if (llvm::Error error = checkNesting(name, where, context))
      return error;
    auto known = llvm::find_if(
        decisions, [&](const SpaceDecision &d) { return d.name == name; });
    if (known == decisions.end()) {
      decisions.push_back({name, options, context.parent, context.options});
      if (isTied)
        ties.insert(name);
      return llvm::Error::success();
    }
    if (!isTied || !ties.contains(name))
      return where.error("a second decision of the name \"" + Twine(name) +
                         "\"; rename it, or tie both");
    if (known->options != options)
      return where.error("found the options " + llvm::join(options, ", ") +
                         ", expected " + llvm::join(known->options, ", ") +
                         ", which \"" + name + "\" has elsewhere");
    return widen(*known, where, context);
  }

  static llvm::Error widen(SpaceDecision &known, const JsonView &where,
                           const Context &context) {
    if (known.parent.empty())
      return llvm::Error::success();
    if (context.parent.empty()) {
      known.parent.clear();
      known.parentOptions.clear();
      return llvm::Error::success();
    }
    if (known.parent != context.parent)
      return where.error("\"" + Twine(known.name) +
                         "\" is asked in an option of \"" + context.parent +
                         "\", expected one of \"" + known.parent +
                         "\" as elsewhere");
    for (const std::string &option : context.options)
      if (!llvm::is_contained(known.parentOptions, option))
        known.parentOptions.push_back(option);
    return llvm::Error::success();
  }

  llvm::Error checkNesting(const std::string &name, const JsonView &where,
                           const Context &context) {
    if (context.parent.empty())
      return llvm::Error::success();
    inside[context.parent].insert(name);
    if (!reaches(name, context.parent))
      return llvm::Error::success();
    return where.error("\"" + Twine(name) + "\" is asked in an option of \"" +
                       context.parent +
                       "\", which is asked in an option of \"" + name + "\"");
  }

  /// Whether `to` is `from`, or asked in its options.
  bool reaches(const std::string &from, const std::string &to) const {
    std::vector<std::string> todo = {from};
    std::set<std::string> seen;
    while (!todo.empty()) {
      std::string next = std::move(todo.back());
      todo.pop_back();
      if (next == to)
        return true;
      auto found = inside.find(next);
      if (seen.insert(next).second && found != inside.end())
        todo.insert(todo.end(), found->second.begin(), found->second.end());
    }
    return false;
  }

  const Tree &tree;
  std::vector<SpaceDecision> decisions;
  llvm::StringSet<> places, ties, open;
  /// Decision -> those asked in its options.
  std::map<std::string, std::set<std::string>> inside;
  int64_t bodies = 0;
};

} // namespace

llvm::Expected<std::vector<SpaceDecision>> collectDecisions(const Tree &tree) {
  return Collector(tree).run();
}

} // namespace gnomon::spacefile
