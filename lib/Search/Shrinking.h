// SPDX-License-Identifier: Apache-2.0
// Networks on their way down to bounds, and moves of single decisions.

#ifndef GNOMON_LIB_SEARCH_SHRINKING_H
#define GNOMON_LIB_SEARCH_SHRINKING_H

#include "gnomon/Support/Random.h"

#include "Compiled.h"

namespace gnomon::search {

/// Measures networks against targets on the way to the limits, one target a
/// bound, and moves decisions to options that cost less.
class Shrinking {
public:
  /// The targets are the bounds themselves.
  Shrinking(const Problem &problem, Compiled &compiled);

  size_t bounds() const { return all.size(); }
  /// What a bound asks for and what a network has of it: smaller is better,
  /// values of lower bounds are negated.
  Cost bound(size_t index) const { return all[index].bound; }
  Cost used(size_t index, llvm::ArrayRef<uint32_t> assignment) const;
  void setTarget(size_t index, Cost target) { all[index].target = target; }

  /// By how much a network passes the targets: each as a share of its scale,
  /// added. 0: it meets them, exactly.
  double excess(llvm::ArrayRef<uint32_t> assignment) const;
  /// What a network has of all bounds, as shares of their scales.
  double size(llvm::ArrayRef<uint32_t> assignment) const;
  /// What excesses and sizes are shares of; more than 0.
  void setScale(size_t index, double scale) { all[index].scale = scale; }

  /// Moves a decision to the option that costs most of those that take at least
  /// `share` of the excess off; where none does, to the one that takes most
  /// off. False: none takes anything off.
  bool shrink(llvm::MutableArrayRef<uint32_t> assignment, uint32_t decision,
              double share) const;

  /// Moves `most` decisions in random order, each by a random share of what is
  /// left and the last by all of it; where that does not meet the targets, the
  /// other decisions, and then decision by decision towards the anchor, if
  /// there is one.
  void shrinkJointly(Assignment &assignment, uint32_t most, Random &random,
                     const Assignment *anchor) const;

private:
  struct Bound {
    uint32_t metric;
    bool isLower;
    Cost bound, target;
    double scale = 1;
  };
  const Compiled &compiled;
  std::vector<Bound> all;
};

/// The network that has most (or least) of a metric, limits aside; one from
/// which no single decision leads further where the exact one is out of reach.
Assignment extreme(const Problem &problem, Compiled &compiled, uint32_t metric,
                   bool most);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_SHRINKING_H
