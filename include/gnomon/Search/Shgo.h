// SPDX-License-Identifier: Apache-2.0
// Simplicial homology global optimisation of functions over boxes and lattices.

#ifndef GNOMON_SEARCH_SHGO_H
#define GNOMON_SEARCH_SHGO_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace gnomon::search {

using Point = std::vector<double>;

/// One coordinate. With a step it takes lower, lower + step, ... up to upper;
/// with 0 every value between.
struct Axis {
  double lower = 0;
  double upper = 1;
  double step = 0;
};

/// What a function says of a point. Less is better; a point that breaks limits
/// is worse than any that does not, and less so the less it breaks them.
struct PointValue {
  /// 0: the point keeps the limits.
  double violation = 0;
  double value = 0;

  bool operator<(const PointValue &other) const {
    return violation != other.violation ? violation < other.violation
                                        : value < other.value;
  }
};

/// Asked about several points at once; never about not-a-number, and must not
/// answer it. The same point must always get the same answer.
using PointFunction =
    llvm::function_ref<std::vector<PointValue>(llvm::ArrayRef<Point>)>;

struct ShgoOptions {
  uint64_t seed = 0;
  /// Points of the first round; each round has twice as many in all, until
  /// `mostSamples`, while the number of minimisers among them grows.
  uint32_t samples = 128;
  uint32_t mostSamples = 2048;
  /// Most local searches, from the best minimisers on.
  uint32_t searches = 32;
  /// Local searches end when steps are this share of an axis; an axis with a
  /// step ends there.
  double tolerance = 1e-7;
  /// Local searches also move pairs of axes by a step, one up and one down.
  bool exchange = false;
  /// Most points of a local search.
  uint64_t searchPoints = 10000;
  /// Most points to ask about.
  uint64_t points = 1000000;
  /// Points that are samples, too.
  std::vector<Point> known = {};
  /// Asked between points: true ends the search with what it has.
  std::function<bool()> stop = {};
};

struct Minimum {
  Point point;
  PointValue value;
};

struct ShgoResult {
  /// Where local searches ended, different ones, the best first; also the best
  /// sample where no search was made. Empty: no point was asked about.
  std::vector<Minimum> minima;
  /// Points without a better neighbour in the last round.
  size_t minimisers = 0;
  size_t samples = 0;
  /// Points that were asked about.
  uint64_t points = 0;
};

/// Looks for the least value: samples, minimisers among their neighbours, a
/// local search from each.
ShgoResult minimizeShgo(llvm::ArrayRef<Axis> axes, PointFunction function,
                        const ShgoOptions &options = {});

} // namespace gnomon::search

#endif // GNOMON_SEARCH_SHGO_H
