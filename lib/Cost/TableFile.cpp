// SPDX-License-Identifier: Apache-2.0
// Reads and writes latency tables: Once-for-All's YAML, JSON, CSV.

#include "gnomon/Cost/TableBundle.h"
#include "gnomon/Support/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace gnomon;
using llvm::StringRef;

namespace {
/// Where entries go, and how problems are said.
class TableSink {
public:
  TableSink(StringRef path, StringRef unit, LatencyTables &tables)
      : path(path), factor(unit == "us" ? 1 : 1000), tables(tables) {}

  llvm::Error error(size_t line, const llvm::Twine &message) const {
    return llvm::createStringError(path + ":" + llvm::Twine(line) + ": " +
                                   message);
  }

  /// A decimal number of at least 0.
  llvm::Expected<double> number(size_t line, StringRef name,
                                StringRef text) const {
    double value = 0;
    if (!text.getAsDouble(value) && std::isfinite(value) && value >= 0)
      return value;
    return error(line, name +
                           ": expected a finite number of at least 0, "
                           "found '" +
                           text + "'");
  }

  /// Sets one of `count`, `mean`, `std` of an entry.
  llvm::Error set(size_t line, StringRef name, StringRef text,
                  TableEntry &entry) const {
    llvm::Expected<double> value = number(line, name, text);
    if (!value)
      return value.takeError();
    if (name == "mean")
      entry.meanUs = *value * factor;
    else if (name == "std")
      entry.stdUs = *value * factor;
    else if (name == "count" && *value <= 1e15)
      entry.count = static_cast<int64_t>(*value);
    else
      return error(line, "expected count, mean or std, found '" + name + "'");
    return llvm::Error::success();
  }

  llvm::Error add(size_t line, int64_t resolution, StringRef key,
                  const TableEntry &entry) {
    if (key.empty())
      return error(line, "expected the key of a block, found nothing");
    if (!tables[resolution].try_emplace(key.str(), entry).second)
      return error(line, "the key '" + key + "' appears twice");
    return llvm::Error::success();
  }

private:
  StringRef path;
  double factor;
  LatencyTables &tables;
};
} // namespace

//===- YAML ---------------------------------------------------------------===//

namespace {
/// The two shapes of YAML that tables come in: `KEY: {mean: X, ...}`, and
/// `KEY:` followed by lines that are indented.
class YamlReader {
public:
  YamlReader(StringRef text, int64_t resolution, TableSink &sink)
      : text(text), resolution(resolution), sink(sink) {}
  llvm::Error read();

private:
  llvm::Error readLine(StringRef content, bool indented);
  llvm::Error readMember(StringRef member);
  llvm::Error finishEntry();

  StringRef text;
  int64_t resolution;
  TableSink &sink;
  size_t line = 0, keyLine = 0;
  StringRef key; ///< of the entry that is open
  bool hasMean = false;
  TableEntry entry;
};
} // namespace

/// "name: rest"; a colon belongs to the name unless a space or the end follows.
static std::pair<StringRef, StringRef> splitMember(StringRef content) {
  size_t at = content.find(": ");
  if (at != StringRef::npos)
    return {content.take_front(at).trim(), content.drop_front(at + 2).trim()};
  if (content.consume_back(":"))
    return {content.trim(), ""};
  return {"", content};
}

static StringRef unquoted(StringRef text) {
  for (StringRef quote : {"'", "\""})
    if (text.size() >= 2 && text.starts_with(quote) && text.ends_with(quote))
      return text.drop_front().drop_back();
  return text;
}

llvm::Error YamlReader::readMember(StringRef member) {
  auto [name, value] = splitMember(member);
  if (name.empty() || value.empty())
    return sink.error(line, "expected 'mean: NUMBER', found '" + member + "'");
  hasMean |= name == "mean";
  return sink.set(line, name, value, entry);
}

llvm::Error YamlReader::finishEntry() {
  if (key.empty())
    return llvm::Error::success();
  if (!hasMean)
    return sink.error(keyLine, "the entry '" + key + "' has no mean");
  llvm::Error problem = sink.add(keyLine, resolution, key, entry);
  key = "";
  return problem;
}

llvm::Error YamlReader::readLine(StringRef content, bool indented) {
  if (indented) {
    if (key.empty())
      return sink.error(line, "expected the key of a block, found an indented "
                              "line");
    return readMember(content);
  }
  if (llvm::Error problem = finishEntry())
    return problem;
  auto [name, rest] = splitMember(content);
  if (name.empty())
    return sink.error(line, "expected 'KEY:', found '" + content + "'");
  key = unquoted(name);
  keyLine = line;
  hasMean = false;
  entry = TableEntry();
  if (rest.empty())
    return llvm::Error::success();
  if (!rest.consume_front("{") || !rest.consume_back("}"))
    return sink.error(line, "expected '{count: N, mean: X, std: X}', found '" +
                                rest + "'");
  llvm::SmallVector<StringRef> members;
  rest.split(members, ',');
  for (StringRef member : members)
    if (llvm::Error problem = readMember(member.trim()))
      return problem;
  return finishEntry();
}

llvm::Error YamlReader::read() {
  while (!text.empty()) {
    auto [content, rest] = text.split('\n');
    text = rest;
    ++line;
    content = content.rtrim("\r \t");
    StringRef trimmed = content.ltrim(' ');
    if (trimmed.empty() || trimmed.starts_with("#") || content == "---")
      continue;
    if (llvm::Error problem =
            readLine(trimmed, trimmed.size() != content.size()))
      return problem;
  }
  return finishEntry();
}

//===- CSV ----------------------------------------------------------------===//

namespace {
/// Columns by name; -1: absent.
struct CsvColumns {
  int key = -1, mean = -1, std = -1, count = -1, resolution = -1;
  double meanFactor = 1, stdFactor = 1;
  size_t number = 0;
};

class CsvReader {
public:
  CsvReader(StringRef text, int64_t resolution, TableSink &sink)
      : text(text), resolution(resolution), sink(sink) {}
  llvm::Error read();

private:
  llvm::Error readHeader(llvm::ArrayRef<StringRef> names);
  llvm::Error readRow(llvm::ArrayRef<StringRef> cells);

  StringRef text;
  int64_t resolution;
  TableSink &sink;
  CsvColumns columns;
  size_t line = 0;
};
} // namespace

llvm::Error CsvReader::readHeader(llvm::ArrayRef<StringRef> names) {
  columns.number = names.size();
  for (auto [index, name] : llvm::enumerate(names)) {
    int at = static_cast<int>(index);
    if (name == "key")
      columns.key = at;
    else if (name == "mean_ms" || name == "mean_us")
      columns.mean = at, columns.meanFactor = name == "mean_ms" ? 1000 : 1;
    else if (name == "std_ms" || name == "std_us")
      columns.std = at, columns.stdFactor = name == "std_ms" ? 1000 : 1;
    else if (name == "count")
      columns.count = at;
    else if (name == "resolution")
      columns.resolution = at;
  }
  if (columns.key < 0 || columns.mean < 0)
    return sink.error(line, "expected a header with the columns key and "
                            "mean_ms (or mean_us)");
  return llvm::Error::success();
}

llvm::Error CsvReader::readRow(llvm::ArrayRef<StringRef> cells) {
  if (cells.size() != columns.number)
    return sink.error(line, "expected " + llvm::Twine(columns.number) +
                                " cells, found " + llvm::Twine(cells.size()));
  TableEntry entry;
  auto numberAt = [&](int column, StringRef name,
                      double &value) -> llvm::Error {
    if (column < 0)
      return llvm::Error::success();
    llvm::Expected<double> read = sink.number(line, name, cells[column]);
    if (!read)
      return read.takeError();
    value = *read;
    return llvm::Error::success();
  };
  double mean = 0, std = 0, count = 1, own = static_cast<double>(resolution);
  if (llvm::Error problem = numberAt(columns.mean, "mean", mean))
    return problem;
  if (llvm::Error problem = numberAt(columns.std, "std", std))
    return problem;
  if (llvm::Error problem = numberAt(columns.count, "count", count))
    return problem;
  if (llvm::Error problem = numberAt(columns.resolution, "resolution", own))
    return problem;
  if (own > 1 << 20 || std::trunc(own) != own || count > 1e15)
    return sink.error(line, "expected whole numbers as resolution and count");
  entry.meanUs = mean * columns.meanFactor;
  entry.stdUs = std * columns.stdFactor;
  entry.count = static_cast<int64_t>(count);
  return sink.add(line, static_cast<int64_t>(own), cells[columns.key], entry);
}

llvm::Error CsvReader::read() {
  while (!text.empty()) {
    auto [content, rest] = text.split('\n');
    text = rest;
    ++line;
    content = content.trim("\r \t");
    if (content.empty())
      continue;
    llvm::SmallVector<StringRef> cells;
    content.split(cells, ',');
    llvm::Error problem =
        columns.number == 0 ? readHeader(cells) : readRow(cells);
    if (problem)
      return problem;
  }
  return llvm::Error::success();
}

//===- JSON ---------------------------------------------------------------===//

static llvm::Expected<double> positive(const JsonView &view) {
  llvm::Expected<double> value = view.number();
  if (value && !(std::isfinite(*value) && *value >= 0))
    return view.error("expected a finite number of at least 0");
  return value;
}

static llvm::Error readJson(StringRef text, StringRef path, double factor,
                            LatencyTable &table) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, path);
  if (!document)
    return document.takeError();
  auto members = document->root().members();
  if (!members)
    return members.takeError();
  for (const auto &[key, view] : *members) {
    const bool isNumber = view.raw().getAsNumber().has_value();
    llvm::Expected<JsonView> mean = isNumber ? view : view.field("mean");
    if (!mean)
      return mean.takeError();
    llvm::Expected<double> meanValue = positive(*mean);
    if (!meanValue)
      return meanValue.takeError();
    TableEntry entry{*meanValue * factor};
    if (std::optional<JsonView> std = view.find("std")) {
      llvm::Expected<double> value = positive(*std);
      if (!value)
        return value.takeError();
      entry.stdUs = *value * factor;
    }
    llvm::Expected<int64_t> count = view.integerOr("count", 1);
    if (!count)
      return count.takeError();
    entry.count = *count;
    if (!table.try_emplace(key, entry).second)
      return view.error("the key appears twice");
  }
  return llvm::Error::success();
}

//===- Files --------------------------------------------------------------===//

llvm::Error gnomon::parseLatencyTable(StringRef text, StringRef path,
                                      StringRef unit, int64_t resolution,
                                      LatencyTables &tables) {
  TableSink sink(path, unit, tables);
  StringRef ending = llvm::sys::path::extension(path);
  if (ending == ".yaml" || ending == ".yml")
    return YamlReader(text, resolution, sink).read();
  if (ending == ".csv")
    return CsvReader(text, resolution, sink).read();
  if (ending == ".json")
    return readJson(text, path, unit == "us" ? 1 : 1000, tables[resolution]);
  return llvm::createStringError(
      path + ": expected a file ending in .yaml, .yml, .json or .csv");
}

std::string gnomon::writeLatencyYaml(const LatencyTable &table) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const auto &[key, entry] : table)
    os << key << ": {count: " << entry.count
       << ", mean: " << llvm::format("%.12f", entry.meanUs / 1000)
       << ", std: " << llvm::format("%.12f", entry.stdUs / 1000) << "}\n";
  return text;
}
