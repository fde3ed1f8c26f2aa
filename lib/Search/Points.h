// SPDX-License-Identifier: Apache-2.0
// Partial networks as columns of numbers: keys to minimise and packed choices.

#ifndef GNOMON_LIB_SEARCH_POINTS_H
#define GNOMON_LIB_SEARCH_POINTS_H

#include "gnomon/Search/Problem.h"

namespace gnomon::search {

/// How the keys of two parts form the key of the whole.
enum class Fold { Add, Max, Min };

inline Cost fold(Fold how, Cost a, Cost b) {
  return how == Fold::Add
             ? a + b
             : (how == Fold::Max ? std::max(a, b) : std::min(a, b));
}

/// Where each decision's option lies in a packed assignment: the first decision
/// in the highest bits, so that comparing words compares lexicographically. The
/// code of a union of disjoint parts is the bitwise or of theirs.
class CodeLayout {
public:
  explicit CodeLayout(const Problem &problem);

  unsigned words() const { return numWords; }
  unsigned word(uint32_t decision) const { return places[decision].word; }
  uint64_t bits(uint32_t decision, uint32_t option) const {
    return uint64_t(option) << places[decision].shift;
  }
  Assignment decode(const uint64_t *code) const;

private:
  struct Place {
    unsigned word, shift;
    uint64_t mask;
  };
  std::vector<Place> places;
  unsigned numWords = 1;
};

/// Points as columns. Smaller keys are better, none is negative.
struct Points {
  /// One column per dimension.
  std::vector<std::vector<Cost>> keys;
  /// `words` per point.
  std::vector<uint64_t> codes;
  /// Every part that was left out has one here whose keys are at most this many
  /// times its own.
  double error = 1;

  explicit Points(size_t dimensions = 0) : keys(dimensions) {}
  size_t size() const { return keys.empty() ? 0 : keys[0].size(); }
};

/// A run of points: one front, ascending in the first key.
struct Slice {
  const Points *points = nullptr;
  size_t first = 0;
  size_t size = 0;

  const Cost *column(size_t dimension) const {
    return points->keys[dimension].data() + first;
  }
  const uint64_t *code(size_t point, unsigned words) const {
    return points->codes.data() + (first + point) * words;
  }
};

/// A front for every entry of a table over some decisions.
struct FrontTable {
  std::vector<uint32_t> scope;
  /// Where each entry's points begin, and the end.
  std::vector<size_t> begin;
  Points points;

  Slice entry(size_t index) const {
    return {&points, begin[index], begin[index + 1] - begin[index]};
  }
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_POINTS_H
