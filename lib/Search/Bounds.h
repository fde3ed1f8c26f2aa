// SPDX-License-Identifier: Apache-2.0
// How much of every bound a part of the network may use.

#ifndef GNOMON_LIB_SEARCH_BOUNDS_H
#define GNOMON_LIB_SEARCH_BOUNDS_H

#include "Tables.h"

namespace gnomon::search {

/// By step of a walk over some decisions, the greatest key per dimension that a
/// part may have when the tables outside of it add at least their least keys.
class Allowances {
public:
  Allowances(const Problem &problem, llvm::ArrayRef<Dimension> dimensions,
             const std::vector<uint32_t> &scope,
             llvm::ArrayRef<FrontTable> others);

  llvm::ArrayRef<Cost> at(size_t step) const {
    return llvm::ArrayRef(values).slice(bounded ? step * width : 0, width);
  }

private:
  size_t width;
  bool bounded;
  std::vector<Cost> values;
};

/// The least key of every dimension; kNoBound where there is no point.
std::vector<Cost> leastKeys(Slice front, size_t dimensions);

/// What is left of an allowance after `used`.
void take(llvm::ArrayRef<Dimension> dimensions, llvm::ArrayRef<Cost> used,
          llvm::MutableArrayRef<Cost> allowance);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_BOUNDS_H
