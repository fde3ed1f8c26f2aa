// SPDX-License-Identifier: Apache-2.0
// How far decisions matter where others take their options by shares.

#ifndef GNOMON_SEARCH_ACTIVITY_H
#define GNOMON_SEARCH_ACTIVITY_H

#include "gnomon/Search/Expectation.h"

namespace gnomon::search {

/// A decision is active by the sum over its rows, at most 1, of the products
/// over their literals of share and activity. That is the probability where
/// rows exclude each other and literals of a row do not decide about one
/// another, and `activeDecisions` for shares of 0 and 1.
class Activity {
public:
  /// `problem` must be sound and outlive this.
  explicit Activity(const Problem &problem);

  /// By decision.
  std::vector<double> operator()(const OptionValues &shares) const;

  /// Adds to `gradient` what a change of the shares does to a value through
  /// `active`, which is the answer for these shares; `slopes` are the value's
  /// derivatives by activity.
  void derive(const OptionValues &shares, llvm::ArrayRef<double> active,
              std::vector<double> slopes, OptionValues &gradient) const;

private:
  void addOrder(uint32_t decision, llvm::BitVector &done);

  const Problem &problem;
  /// Decisions that have rows, each after those that it depends on.
  std::vector<uint32_t> order;
};

} // namespace gnomon::search

#endif // GNOMON_SEARCH_ACTIVITY_H
