// SPDX-License-Identifier: Apache-2.0
// Sets of networks: those that take allowed options.

#ifndef GNOMON_SEARCH_BOXES_H
#define GNOMON_SEARCH_BOXES_H

#include "gnomon/Search/Problem.h"

namespace gnomon::search {

/// The options that each decision may still take; at least one.
using Box = std::vector<llvm::BitVector>;

/// All networks.
Box wholeBox(const Problem &problem);

/// Whether a decision is active in no, some or every network of a box; Perhaps
/// also where that is not seen.
enum class Matters { Never, Perhaps, Always };

/// What can be said about the networks of boxes of a problem.
class Boxes {
public:
  /// `problem` must be sound and outlive this.
  explicit Boxes(const Problem &problem);

  std::vector<Matters> matters(const Box &box) const;

  /// At least the greatest sum that a network of the box has of the values of
  /// its active decisions' options (by decision; none: 0). It is reached where
  /// all rows of a decision are options of one other decision; else whether the
  /// decision is active is left open.
  double greatestSum(const Box &box, llvm::ArrayRef<Matters> matters,
                     llvm::ArrayRef<std::vector<double>> values) const;

  /// At most what a network of the box has of a metric, or with `most` at
  /// least: the best entry of each term.
  Cost reach(const Box &box, uint32_t metric, bool most) const;

private:
  void addOrder(uint32_t decision, llvm::BitVector &done);

  const Problem &problem;
  /// All decisions, each after those that it depends on.
  std::vector<uint32_t> order;
  /// Where all rows of a decision are one literal about the same decision.
  std::vector<std::optional<uint32_t>> parents;
  std::vector<std::vector<uint32_t>> children;
};

} // namespace gnomon::search

#endif // GNOMON_SEARCH_BOXES_H
