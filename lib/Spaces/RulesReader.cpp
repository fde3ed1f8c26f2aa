// SPDX-License-Identifier: Apache-2.0
// Rules as text and as JSON.

#include "gnomon/Spaces/Rules.h"

#include "NetworkOps.h"
#include "gnomon/Support/JsonFields.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

#include <cmath>
#include <optional>

using llvm::SmallVector;
using llvm::StringRef;
using llvm::Twine;
using Kind = gnomon::SpaceRule::Kind;

namespace gnomon {

static constexpr std::pair<llvm::StringLiteral, Kind> kinds[] = {
    {"kernel:depthwise", Kind::Kernel},
    {"expansion", Kind::Expansion},
    {"drop-residual", Kind::DropResidual},
    {"channels", Kind::Channels}};

StringRef SpaceRule::text() const {
  for (const auto &[name, known] : kinds)
    if (known == kind)
      return name;
  return "";
}

static std::optional<Kind> findKind(StringRef name) {
  for (const auto &[known, kind] : kinds)
    if (known == name)
      return kind;
  return std::nullopt;
}

static std::string kindNames() {
  std::vector<StringRef> names;
  for (const auto &[name, kind] : kinds)
    names.push_back(name);
  return llvm::join(names, ", ");
}

/// What is wrong with a rule's values; empty: nothing.
static std::string findFlaw(const SpaceRule &rule) {
  if (rule.kind == Kind::DropResidual)
    return rule.values.empty() ? "" : "takes no values";
  if (rule.values.empty())
    return "expected at least one value";
  for (auto value = rule.values.begin(); value != rule.values.end(); ++value) {
    double limit = rule.kind == Kind::Channels ? 16 : 64;
    std::string found = rules::shortNumber(*value);
    if (std::find(rule.values.begin(), value, *value) != value)
      return "the value " + found + " is there twice";
    if (!(*value > 0 && *value <= limit))
      return "expected values above 0 and up to " +
             std::to_string(int64_t(limit)) + ", found " + found;
    bool isOdd = std::fmod(*value, 2) == 1;
    if (rule.kind == Kind::Kernel && !isOdd)
      return "expected odd sizes of kernels, found " + found;
  }
  return "";
}

//===- Text ---------------------------------------------------------------===//

static llvm::Expected<SpaceRule> readRule(StringRef text) {
  auto [name, values] = text.split('=');
  std::optional<Kind> kind = findKind(name.trim());
  if (!kind)
    return llvm::createStringError("rules: found '" + name.trim() +
                                   "', expected one of " + kindNames());
  SpaceRule rule{*kind, {}};
  auto refuse = [&](const Twine &why) {
    return llvm::createStringError("rules: " + rule.text() + ": " + why);
  };
  SmallVector<StringRef> parts;
  if (text.contains('='))
    values.split(parts, ',');
  for (StringRef part : parts)
    if (part.trim().getAsDouble(rule.values.emplace_back()))
      return refuse("expected numbers, found '" + part + "'");
  if (std::string flaw = findFlaw(rule); !flaw.empty())
    return refuse(flaw);
  return rule;
}

static llvm::Expected<std::vector<SpaceRule>> readText(StringRef text) {
  std::vector<SpaceRule> rules;
  SmallVector<StringRef> parts;
  text.split(parts, ';', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    llvm::Expected<SpaceRule> rule = readRule(part);
    if (!rule)
      return rule.takeError();
    rules.push_back(std::move(*rule));
  }
  if (rules.empty())
    return llvm::createStringError("rules: expected at least one of " +
                                   kindNames());
  return rules;
}

//===- JSON ---------------------------------------------------------------===//

static SpaceRule readRule(const JsonFields &f) {
  f.only({"rule", "values", "names"});
  std::string name = f.string("rule");
  std::optional<Kind> kind = findKind(name);
  if (!kind)
    f.fail("rule", "found \"" + name + "\", expected one of " + kindNames());
  SpaceRule rule{kind.value_or(Kind::Kernel), {}};
  rule.names = f.stringOr("names", "*");
  if (auto pattern = llvm::GlobPattern::create(rule.names); !pattern)
    f.fail("names", "expected a pattern such as \"features.3.*\": " +
                        llvm::toString(pattern.takeError()));
  if (f.has("values"))
    rule.values = f.numbers("values");
  if (std::string flaw = findFlaw(rule); kind && !flaw.empty())
    f.fail("values", flaw);
  return rule;
}

static llvm::Expected<std::vector<SpaceRule>> readFile(StringRef path) {
  llvm::Expected<JsonDocument> document = JsonDocument::load(path);
  if (!document)
    return document.takeError();
  llvm::Error problem = llvm::Error::success();
  std::vector<SpaceRule> rules;
  {
    JsonFields f(document->root(), problem);
    f.only({"$schema", "schema", "rules"});
    f.integer("schema", 1, 1);
    for (const JsonFields &element : f.elements("rules"))
      rules.push_back(readRule(element));
    if (rules.empty())
      f.fail("rules", "expected at least one rule");
  }
  if (problem)
    return problem;
  return rules;
}

llvm::Expected<std::vector<SpaceRule>> readSpaceRules(StringRef text) {
  return text.ends_with(".json") ? readFile(text) : readText(text);
}

} // namespace gnomon
