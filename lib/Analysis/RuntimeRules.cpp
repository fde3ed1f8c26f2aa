// SPDX-License-Identifier: Apache-2.0
// Reads a runtime's rules from JSON; every error names the field.

#include "gnomon/Analysis/RuntimeRules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace gnomon;
using llvm::Error;
using llvm::Expected;

namespace {

Error readText(const JsonView &json, llvm::StringRef field, std::string &into) {
  Expected<JsonView> view = json.field(field);
  if (!view)
    return view.takeError();
  Expected<std::string> text = view->string();
  if (!text)
    return text.takeError();
  into = std::move(*text);
  return Error::success();
}

/// A missing list is an empty one.
Error readTexts(const JsonView &json, llvm::StringRef field,
                std::vector<std::string> &into) {
  std::optional<JsonView> view = json.find(field);
  if (!view)
    return Error::success();
  Expected<std::vector<std::string>> texts = view->strings();
  if (!texts)
    return texts.takeError();
  into = std::move(*texts);
  return Error::success();
}

Error readSet(const JsonView &json, llvm::StringRef field,
              llvm::StringSet<> &into) {
  std::vector<std::string> texts;
  if (Error error = readTexts(json, field, texts))
    return error;
  into.insert_range(texts);
  return Error::success();
}

template <typename Rule>
Error readList(const JsonView &json, llvm::StringRef field,
               std::vector<Rule> &into,
               Error (*readRule)(const JsonView &, Rule &)) {
  std::optional<JsonView> view = json.find(field);
  if (!view)
    return Error::success();
  Expected<std::vector<JsonView>> elements = view->elements();
  if (!elements)
    return elements.takeError();
  for (const JsonView &element : *elements) {
    into.emplace_back();
    if (Error error = readRule(element, into.back()))
      return error;
  }
  return Error::success();
}

/// Refuses what no rule knows, so that a misspelt field is found.
Error onlyKnows(const JsonView &json, llvm::ArrayRef<llvm::StringRef> known) {
  auto members = json.members();
  if (!members)
    return members.takeError();
  for (const auto &[name, view] : *members)
    if (!llvm::is_contained(known, name) && name != "comment")
      return view.error("unknown field, expected one of: " +
                        llvm::join(known, ", "));
  return Error::success();
}

Error oneOf(const JsonView &json, llvm::StringRef field, llvm::StringRef value,
            llvm::ArrayRef<llvm::StringRef> known) {
  if (llvm::is_contained(known, value))
    return Error::success();
  return json.error(field + " is \"" + value +
                    "\", expected one of: " + llvm::join(known, ", "));
}

Error readEliminate(const JsonView &json, EliminateRule &rule) {
  if (Error error = onlyKnows(json, {"op", "when"}))
    return error;
  if (Error error = readText(json, "op", rule.op))
    return error;
  if (Error error = readText(json, "when", rule.when))
    return error;
  return oneOf(json, "when", rule.when,
               {"always", "same_type", "open_end", "zero", "one"});
}

Error readExpand(const JsonView &json, ExpandRule &rule) {
  if (Error error = onlyKnows(json, {"op", "into"}))
    return error;
  if (Error error = readText(json, "op", rule.op))
    return error;
  if (Error error = readTexts(json, "into", rule.into))
    return error;
  return rule.into.empty()
             ? json.error("expected a list \"into\" of operations")
             : Error::success();
}

/// Names of all variables of a pattern.
void collectNames(const Pattern &pattern, llvm::StringSet<> &names) {
  if (!pattern.name.empty())
    names.insert(pattern.name);
  for (const Pattern &operand : pattern.operands)
    collectNames(operand, names);
}

Error readMatch(const JsonView &json, PatternRule &rule) {
  std::vector<std::string> texts;
  if (Error error = readTexts(json, "match", texts))
    return error;
  if (texts.empty())
    return json.error("expected a list \"match\" of patterns");
  for (const std::string &text : texts) {
    Expected<Pattern> pattern = parsePattern(text);
    if (!pattern)
      return json.error(llvm::toString(pattern.takeError()));
    llvm::StringSet<> names;
    collectNames(*pattern, names);
    for (const std::string &input : rule.inputs)
      if (!names.contains(input))
        return json.error("input \"" + input +
                          "\" is no variable of pattern \"" + text + "\"");
    for (const std::vector<std::string> &condition : rule.where)
      for (const std::string &variable : llvm::drop_begin(condition))
        if (!names.contains(variable))
          return json.error("condition on \"" + variable +
                            "\", which is no variable of pattern \"" + text +
                            "\"");
    rule.match.push_back(std::move(*pattern));
  }
  return Error::success();
}

Error readCondition(const JsonView &json, std::vector<std::string> &condition) {
  Expected<std::vector<std::string>> texts = json.strings();
  if (!texts)
    return texts.takeError();
  condition = std::move(*texts);
  if (condition.empty())
    return json.error("expected a predicate and its variables");
  size_t wanted = condition[0] == "same_type" ? 3 : 2;
  if (condition.size() != wanted)
    return json.error("expected " + llvm::Twine(wanted - 1) +
                      " variables after the predicate");
  return oneOf(json, "predicate", condition[0],
               {"constant", "computed", "same_type", "vector", "matrix",
                "rank3", "not_transposed"});
}

Error readPattern(const JsonView &json, PatternRule &rule) {
  if (Error error = onlyKnows(
          json, {"name", "op", "match", "inputs", "where", "since_opset"}))
    return error;
  Expected<int64_t> opset = json.integerOr("since_opset", 0);
  if (!opset)
    return opset.takeError();
  rule.sinceOpset = *opset;
  if (Error error = readText(json, "name", rule.name))
    return error;
  if (Error error = readText(json, "op", rule.op))
    return error;
  if (Error error = readTexts(json, "inputs", rule.inputs))
    return error;
  if (Error error = readList<std::vector<std::string>>(
          json, "where", rule.where, readCondition))
    return error;
  return readMatch(json, rule);
}

Error readChain(const JsonView &json, ChainRule &rule) {
  if (Error error = onlyKnows(json, {"producer", "consumer", "op", "slot",
                                     "other", "unless", "without", "before",
                                     "folded", "into_consumer", "flatten"}))
    return error;
  if (Error error = readTexts(json, "producer", rule.producer))
    return error;
  if (Error error = readTexts(json, "consumer", rule.consumer))
    return error;
  if (rule.producer.empty() || rule.consumer.empty())
    return json.error(
        "expected lists \"producer\" and \"consumer\" of operations");
  if (Error error = readTexts(json, "unless", rule.unless))
    return error;
  if (Error error = readTexts(json, "without", rule.without))
    return error;
  if (Error error = readTexts(json, "before", rule.before))
    return error;
  if (Error error = readText(json, "slot", rule.slot))
    return error;
  if (Error error = readText(json, "other", rule.other))
    return error;
  if (json.find("op"))
    if (Error error = readText(json, "op", rule.op))
      return error;
  for (auto [field, into] : {std::pair("into_consumer", &rule.intoConsumer),
                             std::pair("folded", &rule.folded),
                             std::pair("flatten", &rule.flatten)}) {
    Expected<bool> flag = json.booleanOr(field, false);
    if (!flag)
      return flag.takeError();
    *into = *flag;
  }
  return oneOf(json, "other", rule.other,
               {"any", "constants", "scalar", "channel", "channel_or_scalar",
                "column", "same_shape", "same_image", "zero_pad"});
}

Error readSplits(const JsonView &json, SplitRule &rule) {
  if (Error error =
          onlyKnows(json, {"slice", "gather", "op", "squeeze", "since_opset"}))
    return error;
  Expected<int64_t> opset = json.integerOr("since_opset", 0);
  if (!opset)
    return opset.takeError();
  rule.sinceOpset = *opset;
  for (auto [field, into] :
       {std::pair("slice", &rule.slice), std::pair("gather", &rule.gather),
        std::pair("op", &rule.op), std::pair("squeeze", &rule.squeeze)})
    if (Error error = readText(json, field, *into))
      return error;
  return Error::success();
}

Error readTransposes(const JsonView &json, TransposeRule &rule) {
  static constexpr std::pair<llvm::StringRef, TransposeRule::Through> ways[] = {
      {"same", TransposeRule::Same},
      {"broadcast", TransposeRule::Broadcast},
      {"concat", TransposeRule::Concat},
      {"axis", TransposeRule::Axis},
      {"softmax", TransposeRule::Softmax},
      {"reduce", TransposeRule::Reduce},
      {"squeeze", TransposeRule::Squeeze},
      {"unsqueeze", TransposeRule::Unsqueeze},
      {"slice", TransposeRule::Slice},
      {"gather", TransposeRule::Gather},
      {"reshape", TransposeRule::Reshape}};
  if (Error error = onlyKnows(json, {"op", "unsqueeze", "through"}))
    return error;
  if (Error error = readText(json, "op", rule.op))
    return error;
  if (Error error = readText(json, "unsqueeze", rule.unsqueeze))
    return error;
  Expected<JsonView> through = json.field("through");
  if (!through)
    return through.takeError();
  auto members = through->members();
  if (!members)
    return members.takeError();
  for (const auto &[name, list] : *members) {
    const auto *way =
        llvm::find_if(ways, [&](const auto &w) { return w.first == name; });
    if (way == std::end(ways))
      return list.error("unknown way of moving through an operation");
    Expected<std::vector<std::string>> ops = list.strings();
    if (!ops)
      return ops.takeError();
    for (const std::string &op : *ops)
      rule.through[op] = way->second;
  }
  return Error::success();
}

Error readStage(const JsonView &json, RuntimeRules::Stage &stage) {
  if (Error error = onlyKnows(
          json, {"patterns", "chains", "splits", "transposes", "expand"}))
    return error;
  if (std::optional<JsonView> transposes = json.find("transposes"))
    if (Error error = readTransposes(*transposes, stage.transposes.emplace()))
      return error;
  if (Error error =
          readList<ExpandRule>(json, "expand", stage.expand, readExpand))
    return error;
  if (std::optional<JsonView> splits = json.find("splits"))
    if (Error error = readSplits(*splits, stage.splits.emplace()))
      return error;
  if (Error error =
          readList<PatternRule>(json, "patterns", stage.patterns, readPattern))
    return error;
  return readList<ChainRule>(json, "chains", stage.chains, readChain);
}

Error readSizes(const JsonView &json, BlockRule &rule) {
  Expected<JsonView> sizes = json.field("sizes");
  if (!sizes)
    return sizes.takeError();
  auto members = sizes->members();
  if (!members)
    return members.takeError();
  for (const auto &[width, view] : *members) {
    Expected<int64_t> size = view.integer(1, 1024);
    if (!size)
      return size.takeError();
    rule.sizes[width] = *size;
  }
  Expected<JsonView> alignment = json.field("alignment");
  if (!alignment)
    return alignment.takeError();
  Expected<int64_t> number = alignment->integer(1, 1024);
  if (!number)
    return number.takeError();
  rule.alignment = *number;
  return Error::success();
}

Error readBlocks(const JsonView &json, BlockRule &rule) {
  std::pair<llvm::StringRef, llvm::StringSet<> *> sets[] = {
      {"convolutions", &rule.convolutions},
      {"pools", &rule.pools},
      {"global_pools", &rule.globalPools},
      {"elementwise", &rule.elementwise},
      {"binary", &rule.binary},
      {"concat", &rule.concat},
      {"normalization", &rule.normalization},
      {"resize", &rule.resize},
      {"transpose", &rule.transpose},
      {"activations", &rule.activations}};
  llvm::SmallVector<llvm::StringRef, 16> known = {
      "sizes",    "alignment",           "to_blocked",
      "to_plain", "blocked_convolution", "blocked_resize"};
  for (auto &[field, set] : sets)
    known.push_back(field);
  if (Error error = onlyKnows(json, known))
    return error;
  for (auto [field, into] :
       {std::pair("to_blocked", &rule.toBlocked),
        std::pair("to_plain", &rule.toPlain),
        std::pair("blocked_convolution", &rule.blockedConvolution),
        std::pair("blocked_resize", &rule.blockedResize)})
    if (Error error = readText(json, field, *into))
      return error;
  for (auto &[field, set] : sets)
    if (Error error = readSet(json, field, *set))
      return error;
  return readSizes(json, rule);
}

Error readRules(const JsonView &json, RuntimeRules &rules) {
  if (Error error = onlyKnows(json, {"schema", "name", "version", "commutative",
                                     "views", "impure", "eliminate", "expand",
                                     "stages", "blocks", "after_blocks"}))
    return error;
  Expected<JsonView> schema = json.field("schema");
  if (!schema)
    return schema.takeError();
  if (Expected<int64_t> number = schema->integer(1, 1); !number)
    return number.takeError();
  if (Error error = readText(json, "name", rules.name))
    return error;
  if (Error error = readText(json, "version", rules.version))
    return error;
  for (auto [field, set] :
       {std::pair("commutative", &rules.commutative),
        std::pair("views", &rules.views), std::pair("impure", &rules.impure)})
    if (Error error = readSet(json, field, *set))
      return error;
  if (Error error = readList<EliminateRule>(json, "eliminate", rules.eliminate,
                                            readEliminate))
    return error;
  if (Error error =
          readList<ExpandRule>(json, "expand", rules.expand, readExpand))
    return error;
  if (Error error = readList<RuntimeRules::Stage>(json, "stages", rules.stages,
                                                  readStage))
    return error;
  if (std::optional<JsonView> late = json.find("after_blocks"))
    if (Error error = readStage(*late, rules.afterBlocks))
      return error;
  std::optional<JsonView> blocks = json.find("blocks");
  if (!blocks)
    return Error::success();
  return readBlocks(*blocks, rules.blocks.emplace());
}

} // namespace

Expected<RuntimeRules> gnomon::parseRuntimeRules(const JsonView &json) {
  RuntimeRules rules;
  if (Error error = readRules(json, rules))
    return std::move(error);
  return rules;
}
