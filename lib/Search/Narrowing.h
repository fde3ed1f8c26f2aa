// SPDX-License-Identifier: Apache-2.0
// A problem without the options that no good network takes.

#ifndef GNOMON_LIB_SEARCH_NARROWING_H
#define GNOMON_LIB_SEARCH_NARROWING_H

#include "Marginals.h"

namespace gnomon::search {

/// Leaves out options, round by round.
class Narrowing {
public:
  /// `problem` has no classes of options, and no decision depends on another.
  explicit Narrowing(Problem problem);

  /// Leaves out options that no network within the limits takes whose score
  /// (the objective, negated where it is minimised) is at least `known`.
  /// Without it, those that the limits forbid. At most so many rounds; ended
  /// where a table would have more than `tableLimit` entries. Answers what no
  /// score surpasses; where nothing was found out, infinity.
  double narrow(uint32_t objective, std::optional<double> known,
                unsigned rounds, size_t tableLimit);
  /// Leaves out what `other` left out, whose decisions are the first of these.
  void leaveOutLike(const Narrowing &other);
  /// Leaves one option of those that are left, by its index in `problem()`.
  void decide(uint32_t decision, uint32_t option);
  /// Begins with the prices of a problem with the same limits first.
  void beginLike(const Narrowing &other) { prices = other.prices; }

  /// No network is left.
  bool isEmpty() const { return hopeless; }
  const Problem &problem() const { return narrowed; }
  /// The assignment of the whole problem that one of `problem()` means.
  Assignment restore(llvm::ArrayRef<uint32_t> assignment) const;

private:
  /// A limit as something that is at most 0.
  struct Excess {
    uint32_t metric;
    bool isLeast; ///< it is `bound` minus the metric, else the metric minus it
    Cost bound;
    bool isSum;
    double price = 0; ///< what a tick of it costs in ticks of the objective

    double of(Cost cost) const {
      return isLeast ? -double(cost) : double(cost);
    }
    double constant() const { return isLeast ? double(bound) : -double(bound); }
  };

  void keep(const std::vector<std::vector<uint32_t>> &options);
  std::vector<Excess> excesses() const;
  std::vector<ValueTable> tables(uint32_t objective,
                                 llvm::ArrayRef<Excess> limits) const;
  /// Sets entries to minus infinity that break a limit whatever else is taken.
  void forbid(const Excess &limit, std::vector<ValueTable> &tables) const;
  std::vector<double> rangesOf(llvm::ArrayRef<Excess> limits) const;
  void climb(const Marginals &marginals, double step,
             std::vector<Excess> &limits) const;
  void leaveOut(const Marginals &marginals, double least);

  Problem narrowed;
  /// By decision, which options are left.
  std::vector<std::vector<uint32_t>> left;
  /// The prices of the limits, from one call to the next.
  std::vector<double> prices;
  /// In which decisions are eliminated; empty: not chosen yet.
  std::vector<uint32_t> order;
  bool hopeless = false;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_NARROWING_H
