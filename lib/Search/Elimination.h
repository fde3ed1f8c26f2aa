// SPDX-License-Identifier: Apache-2.0
// Variable elimination with Pareto sets as the values of tables.

#ifndef GNOMON_LIB_SEARCH_ELIMINATION_H
#define GNOMON_LIB_SEARCH_ELIMINATION_H

#include "gnomon/Search/Front.h"

#include "FrontUnion.h"
#include "Tables.h"

namespace gnomon::search {

/// Eliminates one decision after the other: the tables that name it are summed
/// and united over its options into one that does not.
class Elimination {
public:
  Elimination(const Problem &problem, llvm::ArrayRef<Dimension> dimensions,
              const FrontOptions &options);

  /// Adds tables; their points have no codes.
  void add(std::vector<FrontTable> more);

  /// The front over all dimensions within their bounds. With slack in a
  /// dimension: everything near it.
  llvm::Expected<Points> run();

  const CodeLayout &codes() const { return layout; }
  uint64_t pairs() const { return numPairs; }

private:
  /// The slices that are summed for one option.
  using Parts = llvm::SmallVector<Slice, 8>;

  /// One table from all that name `decision`; without one, from all there are.
  llvm::Expected<FrontTable> eliminate(std::optional<uint32_t> decision);
  std::vector<FrontTable> takeTables(std::optional<uint32_t> decision);
  llvm::Error unite(llvm::MutableArrayRef<Parts> options,
                    std::optional<uint32_t> decision,
                    llvm::ArrayRef<Cost> allowance, Points &result);
  llvm::Error sumSmallest(Parts &parts, llvm::ArrayRef<Cost> allowance);
  llvm::Error form(llvm::ArrayRef<Pairs> pairs, llvm::ArrayRef<Cost> allowance,
                   Points &result);

  llvm::Error refuse(const llvm::Twine &message) const;

  const Problem &problem;
  std::vector<Dimension> dimensions;
  const FrontOptions &options;
  CodeLayout layout;
  FrontUnion fronts;
  std::vector<FrontTable> tables;
  uint64_t numPairs = 0;
  /// The part that costs nothing, and sums that live for one entry.
  Points unit;
  std::vector<std::unique_ptr<Points>> sums;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_ELIMINATION_H
