// SPDX-License-Identifier: Apache-2.0
// A problem laid out for evaluating many networks.

#ifndef GNOMON_LIB_SEARCH_COMPILED_H
#define GNOMON_LIB_SEARCH_COMPILED_H

#include "gnomon/Search/Problem.h"

namespace gnomon::search {

/// Says the same as `canonical`, `evaluate` and `withinLimits`. Not for several
/// threads at once.
class Compiled {
public:
  explicit Compiled(const Problem &problem);

  uint32_t options(uint32_t decision) const { return counts[decision]; }
  size_t size() const { return counts.size(); }

  /// Makes an assignment canonical in place.
  void canonicalize(llvm::MutableArrayRef<uint32_t> assignment);
  std::vector<Cost> costs(llvm::ArrayRef<uint32_t> assignment) const;
  Cost cost(uint32_t metric, llvm::ArrayRef<uint32_t> assignment) const;
  bool fits(llvm::ArrayRef<uint32_t> assignment) const;

private:
  struct Index {
    uint32_t decision;
    size_t stride;
    const uint32_t *classes; ///< of its options; null: their own
  };
  struct Table {
    const Cost *costs;
    size_t begin, end;
  };
  struct Row {
    size_t begin, end;
  };
  struct Condition {
    uint32_t decision;
    size_t begin, end;
  };
  bool isActive(const Condition &condition,
                llvm::ArrayRef<uint32_t> assignment) const;
  const Cost *row(const Table &table,
                  llvm::ArrayRef<uint32_t> assignment) const;
  void addConditions(uint32_t decision, llvm::BitVector &done);

  const Problem &problem;
  std::vector<uint32_t> counts;
  std::vector<Table> tables;
  std::vector<Index> indices;
  /// Conditional decisions, each after those that it depends on.
  std::vector<Condition> conditions;
  std::vector<Row> rows;
  std::vector<Literal> literals;
  std::vector<uint8_t> active;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_COMPILED_H
