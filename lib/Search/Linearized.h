// SPDX-License-Identifier: Apache-2.0
// A problem as an integer program.

#ifndef GNOMON_LIB_SEARCH_LINEARIZED_H
#define GNOMON_LIB_SEARCH_LINEARIZED_H

#include "gnomon/IntegerProgram/IntegerProgram.h"

#include "Dimensions.h"

namespace gnomon::search {

/// One binary variable for every option of a decision, of which one is 1, and
/// for every entry of a table over several decisions a variable that is 1 where
/// the table is read there: for each option the entries that hold it add up to
/// the option's variable. Keys of the first dimension are minimised, the bounds
/// of all kept. Ours: keys are in units of a thousandth of the greatest of
/// their dimension, and bounds are half a tick wider, so that no network within
/// the limits is lost to rounding; one that is out of them by less than the
/// solver sees may come back.
class Linearized {
public:
  /// `problem` has no classes of options.
  Linearized(const Problem &problem, llvm::ArrayRef<Dimension> dimensions);

  const IntegerProgram &program() const { return made; }
  /// No network can keep a bound.
  bool isHopeless() const { return hopeless; }
  /// Entries that would have to become variables.
  size_t entries() const { return numEntries; }
  /// The program's unit of the objective in ticks.
  double ticksPerUnit() const { return 1 / scale(0); }
  /// How many ticks of the objective the solver may be wrong by.
  double uncertainty() const;

  /// The first dimension's key of a network.
  Cost keyOf(const Assignment &assignment) const;

  /// The network that a solution means.
  Assignment assignment(llvm::ArrayRef<double> values) const;
  /// From now on not this network.
  void exclude(const Assignment &assignment);

private:
  void measure(const FrontTable &table);
  bool isAllowed(const FrontTable &table, size_t entry) const;
  void addDecisions();
  void addTable(const FrontTable &table);
  void addMarginals(const FrontTable &table, llvm::ArrayRef<uint32_t> columns);
  void forbid(const FrontTable &table, llvm::ArrayRef<uint32_t> columns);
  void addSum(size_t dimension);
  void addGreatest(size_t dimension);
  void addLeast(size_t dimension);
  double scale(size_t dimension) const;

  const Problem &problem;
  std::vector<Dimension> dimensions;
  std::vector<FrontTable> tables;
  /// By decision its options' variables; empty: no table asks for it.
  std::vector<std::vector<uint32_t>> optionColumns;
  /// By table and entry, the variable that says that the entry is read.
  std::vector<std::vector<uint32_t>> entryColumns;
  /// By dimension, the sum of the tables' greatest keys, and the greatest, of
  /// entries that no bound forbids alone.
  std::vector<double> ranges, greatest;
  size_t numEntries = 0;
  bool hopeless = false;
  IntegerProgram made;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_LINEARIZED_H
