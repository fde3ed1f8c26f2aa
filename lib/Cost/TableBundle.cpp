// SPDX-License-Identifier: Apache-2.0
// Loads table bundles and looks blocks up.

#include "gnomon/Cost/TableBundle.h"
#include "gnomon/Cost/ModelBundle.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace gnomon;
using llvm::StringRef;

int64_t TableEntry::meanNs() const { return wholeNs(meanUs); }

static llvm::Expected<JsonDocument> loadDescription(StringRef folder) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, "bundle.json");
  return JsonDocument::load(path);
}

llvm::Expected<bool> gnomon::isTableBundle(StringRef folder) {
  llvm::Expected<JsonDocument> document = loadDescription(folder);
  if (!document)
    return document.takeError();
  std::optional<JsonView> kind = document->root().find("kind");
  if (!kind)
    return false;
  llvm::Expected<std::string> text = kind->string();
  if (!text)
    return text.takeError();
  return *text == "table";
}

/// Reads one element of `tables` and the file that it names.
static llvm::Error loadTable(const JsonView &view, StringRef unit,
                             TableBundle &bundle) {
  llvm::Error problem = llvm::Error::success();
  JsonFields fields(view, problem);
  std::string file = fields.string("file");
  int64_t resolution = anyResolution;
  if (fields.has("resolution"))
    resolution = fields.integer("resolution", 1, 1 << 20);
  if (!problem &&
      (file.empty() || llvm::sys::path::filename(file) != file || file == ".."))
    fields.fail("file", "expected the name of a file beside bundle.json, "
                        "found '" +
                            file + "'");
  if (problem)
    return problem;
  llvm::SmallString<128> path(bundle.folder);
  llvm::sys::path::append(path, file);
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError(path + ": " + buffer.getError().message());
  return parseLatencyTable((*buffer)->getBuffer(), path, unit, resolution,
                           bundle.tables);
}

/// Of what answers depend on: keys and means by resolution.
static std::string fingerprintOf(const LatencyTables &tables) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const auto &[resolution, table] : tables)
    for (const auto &[key, entry] : table)
      os << resolution << ' ' << key << ' '
         << llvm::format_hex(llvm::bit_cast<uint64_t>(entry.meanUs), 18)
         << '\n';
  return llvm::utohexstr(llvm::xxh3_64bits(text), /*LowerCase=*/true,
                         /*Width=*/16);
}

llvm::Expected<std::unique_ptr<const TableBundle>>
TableBundle::load(StringRef folder) {
  llvm::Expected<JsonDocument> document = loadDescription(folder);
  if (!document)
    return document.takeError();
  auto bundle = std::make_unique<TableBundle>();
  bundle->folder = folder.str();
  llvm::Error problem = llvm::Error::success();
  JsonFields root(document->root(), problem);
  root.integer("format", 1, 1);
  bundle->name = root.string("name");
  bundle->device = root.stringOr("device", bundle->name);
  bundle->intervals = readIntervals(root);
  bundle->errors = ErrorModel::ofIntervals(bundle->intervals);
  std::string kind = root.string("kind"), unit = root.string("unit");
  if (!problem && kind != "table")
    root.fail("kind", "expected \"table\", found \"" + kind + "\"");
  if (!problem && unit != "ms" && unit != "us" && unit != "mJ")
    root.fail("unit",
              "expected \"ms\", \"us\" or \"mJ\", found \"" + unit + "\"");
  bundle->unit = unit;
  if (problem)
    return std::move(problem);
  llvm::Expected<JsonView> list = document->root().field("tables");
  if (!list)
    return list.takeError();
  llvm::Expected<std::vector<JsonView>> elements = list->elements();
  if (!elements)
    return elements.takeError();
  for (const JsonView &element : *elements)
    if (llvm::Error error = loadTable(element, unit, *bundle))
      return std::move(error);
  if (bundle->tables.empty())
    return list->error("expected at least one table with an entry");
  bundle->fingerprint = fingerprintOf(bundle->tables);
  return std::unique_ptr<const TableBundle>(std::move(bundle));
}

llvm::Expected<const TableEntry *> TableBundle::find(int64_t resolution,
                                                     StringRef key) const {
  for (int64_t table : {resolution, anyResolution})
    if (auto found = tables.find(table); found != tables.end())
      if (auto entry = found->second.find(key); entry != found->second.end())
        return &entry->second;
  std::vector<std::string> there;
  for (const auto &[known, table] : tables)
    if (known != anyResolution)
      there.push_back(std::to_string(known));
  return llvm::createStringError(
      "bundle '" + name + "': no entry '" + key + "' for resolution " +
      llvm::Twine(resolution) +
      (there.empty() ? std::string()
                     : "; its tables are for " + llvm::join(there, ", ")));
}
