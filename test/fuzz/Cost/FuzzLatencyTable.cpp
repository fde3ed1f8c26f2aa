// SPDX-License-Identifier: Apache-2.0
// Any text is a latency table or an error, in each of the three formats.
#include "gnomon/Cost/TableBundle.h"

#include <cstdlib>

using namespace gnomon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  const char *paths[] = {"fuzz.yaml", "fuzz.csv", "fuzz.json"};
  llvm::StringRef text(reinterpret_cast<const char *>(data) + 1, size - 1);
  LatencyTables tables;
  llvm::Error problem =
      parseLatencyTable(text, paths[data[0] % 3], "ms", 8, tables);
  if (problem && llvm::toString(std::move(problem)).rfind("fuzz.", 0) != 0)
    std::abort(); // The message does not name the file.
  for (const auto &[resolution, table] : tables)
    writeLatencyYaml(table);
  return 0;
}
