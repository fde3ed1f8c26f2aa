// SPDX-License-Identifier: Apache-2.0
// Local searches without derivatives.

#ifndef GNOMON_LIB_SEARCH_PATTERNSEARCH_H
#define GNOMON_LIB_SEARCH_PATTERNSEARCH_H

#include "gnomon/Search/Shgo.h"

#include <optional>

namespace gnomon::search {

/// A function over a box, with an account of the points it was asked about.
class Field {
public:
  Field(llvm::ArrayRef<Axis> axes, PointFunction function,
        const ShgoOptions &options)
      : axes(axes), function(function), options(options) {}

  /// The values of these points; of fewer of them where the limit is reached.
  std::vector<PointValue> ask(llvm::ArrayRef<Point> points);
  bool isDone() const {
    return asked >= options.points || (options.stop && options.stop());
  }
  uint64_t points() const { return asked; }

  /// The nearest value that the axis can take.
  double onto(size_t axis, double value) const;
  double width(size_t axis) const {
    return axes[axis].upper - axes[axis].lower;
  }

  const llvm::ArrayRef<Axis> axes;

private:
  PointFunction function;
  const ShgoOptions &options;
  uint64_t asked = 0;
};

/// Hooke and Jeeves, "Direct Search Solution of Numerical and Statistical
/// Problems", J. ACM 1961: a step up or down an axis at a time, then the same
/// way again as long as that is better, then half the steps. They begin at this
/// share of the axes.
void searchPattern(Field &field, Minimum &at, double share,
                   const ShgoOptions &options);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_PATTERNSEARCH_H
