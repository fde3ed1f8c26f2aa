// SPDX-License-Identifier: Apache-2.0
// Sums of two points that may belong to a front, and which of them do.

#ifndef GNOMON_LIB_SEARCH_CANDIDATES_H
#define GNOMON_LIB_SEARCH_CANDIDATES_H

#include "Dimensions.h"

#include "llvm/ADT/bit.h"

namespace gnomon::search {

/// All pairs of a point of `left` and one of `right`, with `code` added to
/// word `word` of their assignments.
struct Pairs {
  Slice left, right;
  unsigned word = 0;
  uint64_t code = 0;
};

/// The cell of a key in a grid whose cells grow with the keys: keys in one cell
/// differ by a factor of at most 1 + 2^-bits. Cells are in the order of their
/// keys.
inline uint64_t cellOf(Cost key, unsigned bits) {
  uint64_t value = key;
  unsigned length = llvm::bit_width(value);
  unsigned shift = length > bits + 1 ? length - bits - 1 : 0;
  return (uint64_t(shift) << bits) + (value >> shift);
}
/// So many bits give every key a cell of its own.
constexpr unsigned kExactCells = 63;

/// A pool of candidates as columns.
class Candidates {
public:
  Candidates(llvm::ArrayRef<Dimension> dimensions, unsigned words,
             size_t pointLimit)
      : dimensions(dimensions), words(words), pointLimit(pointLimit),
        keys(dimensions.size()) {}

  /// Empties the pool. With `bits` < kExactCells, dimensions that no limit
  /// binds are compared by cell. `pairs` must live until the end.
  void start(llvm::ArrayRef<Pairs> pairs, unsigned bits);

  void push(uint32_t run, uint32_t left, uint32_t right) {
    const Pairs &from = runs[run];
    for (size_t d = 0; d < keys.size(); ++d)
      keys[d].push_back(fold(dimensions[d].fold, from.left.column(d)[left],
                             from.right.column(d)[right]));
    origins.push_back({run, left, right});
  }
  /// The same where the two keys are known.
  void push(Cost first, Cost second, uint32_t run, uint32_t left,
            uint32_t right) {
    keys[0].push_back(first);
    keys[1].push_back(second);
    origins.push_back({run, left, right});
  }
  /// Takes out the candidates with two keys for which this holds.
  template <typename Predicate>
  void removeIf(Predicate predicate) {
    size_t kept = 0;
    for (size_t i = 0; i < size(); ++i) {
      if (predicate(keys[0][i], keys[1][i]))
        continue;
      keys[0][kept] = keys[0][i];
      keys[1][kept] = keys[1][i];
      origins[kept++] = origins[i];
    }
    keys[0].resize(kept);
    keys[1].resize(kept);
    origins.resize(kept);
  }
  size_t size() const { return origins.size(); }
  llvm::ArrayRef<Cost> column(size_t dimension) const {
    return keys[dimension];
  }
  bool isFull() const { return origins.size() >= capacity; }

  /// Keeps the candidates that no other dominates, in the order of the keys;
  /// of equal ones (with a grid: of one cell) the one with the smallest keys,
  /// then with the smallest code. More than the limit of points make the grid
  /// coarser.
  void compact();
  /// Bits of the grid by now.
  unsigned gridBits() const { return cellBits; }
  /// Not even the coarsest grid keeps within the limit of points; with slack
  /// there is no grid.
  bool hasTooMany() const { return overflowed; }
  /// Appends the candidates, which must be compact, to a front.
  void append(Points &front) const;

private:
  struct Origin {
    uint32_t run, left, right;
  };
  std::vector<uint32_t> survivors();
  std::vector<uint32_t> withinSlack(size_t dimension) const;
  void fillColumns();
  bool before(uint32_t a, uint32_t b) const;
  uint64_t codeWord(uint32_t candidate, unsigned word) const;
  void keepOnly(llvm::ArrayRef<uint32_t> kept);

  std::vector<Dimension> dimensions;
  unsigned words;
  size_t pointLimit;
  llvm::ArrayRef<Pairs> runs;
  unsigned cellBits = kExactCells;
  size_t capacity = 0;
  bool overflowed = false;

  std::vector<std::vector<Cost>> keys;
  std::vector<Origin> origins;
  /// What dominance compares: the keys or their cells.
  std::vector<llvm::ArrayRef<uint64_t>> columns;
  std::vector<std::vector<uint64_t>> cells;
  /// The first column and the candidate.
  std::vector<std::pair<uint64_t, uint32_t>> ranked;
  std::vector<uint32_t> order;
};

/// Of `order`, which is sorted by the columns lexicographically, the rows that
/// none before them matches or beats in every column.
std::vector<uint32_t>
nondominated(llvm::ArrayRef<llvm::ArrayRef<uint64_t>> columns,
             llvm::ArrayRef<uint32_t> order);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_CANDIDATES_H
