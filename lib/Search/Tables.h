// SPDX-License-Identifier: Apache-2.0
// Tables over decisions: walking their entries, making them small.

#ifndef GNOMON_LIB_SEARCH_TABLES_H
#define GNOMON_LIB_SEARCH_TABLES_H

#include "Dimensions.h"

namespace gnomon::search {

/// Walks all options of some decisions, the last fastest, and keeps step with
/// the entries of tables whose scopes lie within them.
class TableWalk {
public:
  TableWalk(const Problem &problem, std::vector<uint32_t> scope);

  /// Follows a table; answers its number for `entry`.
  size_t follow(llvm::ArrayRef<uint32_t> scope);
  size_t entry(size_t table) const { return entries[table]; }
  /// The options of this step.
  llvm::ArrayRef<uint32_t> current() const { return options; }
  /// Number of steps of the walk, at most `kMostSteps`: so many that nobody
  /// walks them.
  size_t size() const { return steps; }
  void next();

  static constexpr size_t kMostSteps = size_t(1) << 62;

private:
  const Problem &problem;
  std::vector<uint32_t> scope, options;
  /// By table, how far its entry moves with each decision of the walk.
  std::vector<std::vector<size_t>> strides;
  std::vector<size_t> entries;
  size_t steps = 1;
};

/// Takes decisions out of scopes where no key depends on them, and folds tables
/// into others that hold their whole scope. Every entry is one point before and
/// after.
std::vector<FrontTable> simplify(const Problem &problem,
                                 llvm::ArrayRef<Dimension> dimensions,
                                 std::vector<FrontTable> tables);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_TABLES_H
