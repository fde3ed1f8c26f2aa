// SPDX-License-Identifier: Apache-2.0
// Look-up tables of block latencies, as published for Once-for-All,
// ProxylessNAS and FBNet, as a kind of bundle.

#ifndef GNOMON_COST_TABLEBUNDLE_H
#define GNOMON_COST_TABLEBUNDLE_H

#include "gnomon/Cost/ErrorModel.h"
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gnomon {

/// What a table says about one block.
struct TableEntry {
  double meanUs = 0, stdUs = 0;
  int64_t count = 1; ///< measurements behind it

  /// The mean as wholeNs() has it, so that sums are exact.
  int64_t meanNs() const;
};

/// The entries of one table by the key of the block.
using LatencyTable = std::map<std::string, TableEntry, std::less<>>;

/// Tables by input resolution; `anyResolution` holds for all that have none of
/// their own.
using LatencyTables = std::map<int64_t, LatencyTable>;
inline constexpr int64_t anyResolution = 0;

/// A folder with bundle.json and its tables beside it: the latency of a network
/// is the sum over the keys of its blocks (`gnomon.block` in the IR).
///
/// bundle.json: `format` (1), `kind` ("table"), `name`, `device` (its name;
/// optional: `name`), `unit` ("ms", "us" or, of energy, "mJ", of the files),
/// `tables`: a list of
/// {`file`, `resolution` (optional)}, `interval_log` (optional) {CONFIDENCE:
/// [low, high]} of whole networks. Files, told apart by their endings:
/// * .yaml, .yml: Once-for-All's: KEY: {count: N, mean: X, std: X}, flow or
///   block style; only `mean` must be there. Other YAML is refused.
/// * .json: the same as one object, or numbers instead of the inner objects.
/// * .csv: a header with `key` and `mean_ms` or `mean_us`, and if they are
///   there `std_ms` or `std_us`, `count` and `resolution`; no quotes.
///
/// docs/bundles.md describes the formats and keys.
struct TableBundle {
  std::string folder, name, device;
  std::string unit;        ///< "ms", "us"; "mJ": of energy, kept in nJ as if ns
  std::string fingerprint; ///< of keys and means
  LatencyTables tables;
  LogIntervals intervals; ///< of networks; empty: nothing is known
  ErrorModel errors;      ///< what these say

  /// Everything wrong is an error that names the file and the place: an
  /// unknown member or ending, a key twice in a table, a latency that is
  /// negative or not finite.
  static llvm::Expected<std::unique_ptr<const TableBundle>>
  load(llvm::StringRef folder);

  /// The entry of a block in a network of this resolution. Error: "bundle
  /// 'note10': no entry 'Conv-input:...' for resolution 200; its tables are for
  /// 160, 176".
  llvm::Expected<const TableEntry *> find(int64_t resolution,
                                          llvm::StringRef key) const;
};

/// Whether bundle.json in `folder` says that it is a table bundle. Errors: the
/// file cannot be read or is no JSON object.
llvm::Expected<bool> isTableBundle(llvm::StringRef folder);

/// Reads one file of a bundle into `tables`. `path` names it, its ending says
/// how to read; rows without a resolution of their own go to `resolution`.
llvm::Error parseLatencyTable(llvm::StringRef text, llvm::StringRef path,
                              llvm::StringRef unit, int64_t resolution,
                              LatencyTables &tables);

/// A table as Once-for-All's tools read it: YAML, sorted by key, milliseconds.
std::string writeLatencyYaml(const LatencyTable &table);

} // namespace gnomon

#endif // GNOMON_COST_TABLEBUNDLE_H
