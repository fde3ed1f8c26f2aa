// SPDX-License-Identifier: Apache-2.0
// Reads tables of values per option.
#include "gnomon/Accuracy/ValueTables.h"
#include "ModelHeader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

#include <cmath>

using namespace llvm;

namespace gnomon {

constexpr size_t kMostDecisions = 4;
constexpr double kGreatestValue = 1e6;

static Expected<search::Cost> readTicks(const JsonView &view) {
  Expected<double> value = view.number();
  if (!value)
    return value.takeError();
  if (!(std::abs(*value) <= kGreatestValue))
    return view.error("expected a number from -1e6 to 1e6");
  return std::llround(*value * ValueTables::kTicks);
}

/// Reads the objects below `view`, `options` deep in the table already.
static Error readValues(const JsonView &view, std::vector<std::string> &options,
                        ValueTable &table) {
  if (options.size() == table.decisions.size()) {
    Expected<search::Cost> ticks = readTicks(view);
    if (!ticks)
      return ticks.takeError();
    table.ticks[options] = *ticks;
    return Error::success();
  }
  auto members = view.members();
  if (!members)
    return members.takeError();
  if (members->empty())
    return view.error("expected a value for each option of '" +
                      table.decisions[options.size()] + "', found none");
  for (const auto &[option, inner] : *members) {
    options.push_back(option);
    if (Error problem = readValues(inner, options, table))
      return problem;
    options.pop_back();
  }
  return Error::success();
}

static Expected<ValueTable> readTable(const JsonView &view, size_t index) {
  ValueTable table;
  table.path = ("tables[" + Twine(index) + "].values").str();
  Expected<JsonView> decisions = view.field("decisions");
  if (!decisions)
    return decisions.takeError();
  Expected<std::vector<std::string>> names = decisions->strings();
  if (!names)
    return names.takeError();
  StringSet<> seen;
  for (const std::string &name : *names)
    if (!seen.insert(name).second)
      return decisions->error("names '" + name + "' twice");
  if (names->size() > kMostDecisions)
    return decisions->error("expected at most " + Twine(kMostDecisions) +
                            " decisions, found " + Twine(names->size()));
  table.decisions = std::move(*names);
  Expected<JsonView> values = view.field("values");
  if (!values)
    return values.takeError();
  std::vector<std::string> options;
  if (Error problem = readValues(*values, options, table))
    return std::move(problem);
  return table;
}

Expected<ValueTables> parseValueTables(const JsonView &json, StringRef source) {
  Expected<ModelHeader> header = readModelHeader(json, "additive");
  if (!header)
    return header.takeError();
  ValueTables result{source.str(),
                     std::move(header->name),
                     std::move(header->space),
                     std::move(header->metric),
                     {}};
  Expected<JsonView> list = json.field("tables");
  if (!list)
    return list.takeError();
  Expected<std::vector<JsonView>> elements = list->elements();
  if (!elements)
    return elements.takeError();
  for (auto [index, element] : enumerate(*elements)) {
    Expected<ValueTable> table = readTable(element, index);
    if (!table)
      return table.takeError();
    result.tables.push_back(std::move(*table));
  }
  return result;
}

Expected<ValueTables> loadValueTables(StringRef path) {
  Expected<JsonDocument> document = JsonDocument::load(path);
  if (!document)
    return document.takeError();
  return parseValueTables(document->root(), path);
}

} // namespace gnomon
