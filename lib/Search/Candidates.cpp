// SPDX-License-Identifier: Apache-2.0
// Sums of two points that may belong to a front, and which of them do.

#include "Candidates.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace gnomon::search {

namespace {
/// Compacting fewer candidates than this is not worth it.
constexpr size_t kSmallest = 1 << 13;

/// The finest grid for fronts that pass the limit of points.
constexpr unsigned kFinestThinning = 20;

using Columns = llvm::ArrayRef<llvm::ArrayRef<uint64_t>>;

/// Two columns: what is left of the first is worse in it, so the second must
/// improve.
std::vector<uint32_t> nondominatedPairs(Columns columns,
                                        llvm::ArrayRef<uint32_t> order) {
  std::vector<uint32_t> kept;
  for (uint32_t row : order)
    if (kept.empty() || columns[1][row] < columns[1][kept.back()])
      kept.push_back(row);
  return kept;
}

/// Three columns: the staircase of the second and third of what was kept.
std::vector<uint32_t> nondominatedTriples(Columns columns,
                                          llvm::ArrayRef<uint32_t> order) {
  std::vector<uint32_t> kept;
  std::map<uint64_t, uint64_t> stairs;
  for (uint32_t row : order) {
    uint64_t second = columns[1][row], third = columns[2][row];
    auto above = stairs.upper_bound(second);
    if (above != stairs.begin() && std::prev(above)->second <= third)
      continue;
    while (above != stairs.end() && above->second >= third)
      above = stairs.erase(above);
    stairs[second] = third;
    kept.push_back(row);
  }
  return kept;
}

std::vector<uint32_t> nondominatedRows(Columns columns,
                                       llvm::ArrayRef<uint32_t> order) {
  std::vector<uint32_t> kept;
  for (uint32_t row : order) {
    bool dominated = llvm::any_of(kept, [&](uint32_t other) {
      return llvm::all_of(columns, [&](llvm::ArrayRef<uint64_t> column) {
        return column[other] <= column[row];
      });
    });
    if (!dominated)
      kept.push_back(row);
  }
  return kept;
}
} // namespace

std::vector<uint32_t> nondominated(Columns columns,
                                   llvm::ArrayRef<uint32_t> order) {
  if (columns.size() == 1)
    return order.take_front(1).vec();
  if (columns.size() == 2)
    return nondominatedPairs(columns, order);
  if (columns.size() == 3)
    return nondominatedTriples(columns, order);
  return nondominatedRows(columns, order);
}

void Candidates::start(llvm::ArrayRef<Pairs> pairs, unsigned bits) {
  runs = pairs;
  cellBits = bits;
  capacity = kSmallest;
  overflowed = false;
  for (std::vector<Cost> &column : keys)
    column.clear();
  origins.clear();
}

uint64_t Candidates::codeWord(uint32_t candidate, unsigned word) const {
  const Origin &from = origins[candidate];
  const Pairs &run = runs[from.run];
  return run.left.code(from.left, words)[word] |
         run.right.code(from.right, words)[word] |
         (run.word == word ? run.code : 0);
}

bool Candidates::before(uint32_t a, uint32_t b) const {
  for (llvm::ArrayRef<uint64_t> column : columns)
    if (column[a] != column[b])
      return column[a] < column[b];
  if (cellBits != kExactCells)
    for (const std::vector<Cost> &column : keys)
      if (column[a] != column[b])
        return column[a] < column[b];
  for (unsigned word = 0; word < words; ++word) {
    uint64_t first = codeWord(a, word), second = codeWord(b, word);
    if (first != second)
      return first < second;
  }
  return false;
}

void Candidates::fillColumns() {
  columns.clear();
  cells.assign(keys.size(), {});
  for (auto [d, column] : llvm::enumerate(keys)) {
    if (dimensions[d].exact || cellBits == kExactCells) {
      // No key is negative: as unsigned numbers they compare the same.
      const auto *data = reinterpret_cast<const uint64_t *>(column.data());
      columns.push_back({data, column.size()});
      continue;
    }
    cells[d].reserve(column.size());
    for (Cost key : column)
      cells[d].push_back(cellOf(key, cellBits));
    columns.push_back(cells[d]);
  }
}

std::vector<uint32_t> Candidates::survivors() {
  fillColumns();
  ranked.clear();
  for (uint32_t i = 0; i < size(); ++i)
    ranked.push_back({columns[0][i], i});
  llvm::sort(ranked, [&](const auto &a, const auto &b) {
    return a.first != b.first ? a.first < b.first : before(a.second, b.second);
  });
  order.clear();
  for (const auto &[key, candidate] : ranked)
    order.push_back(candidate);
  for (auto [d, dimension] : llvm::enumerate(dimensions))
    if (dimension.slack)
      return withinSlack(d);
  return nondominated(columns, order);
}

/// Whatever beats a candidate comes before it in the order, whichever
/// dimension has the slack.
std::vector<uint32_t> Candidates::withinSlack(size_t slackDimension) const {
  std::vector<Cost> slack(columns.size(), -1);
  slack[slackDimension] = *dimensions[slackDimension].slack;
  // Keeping too much is safe: with more dimensions only some are asked.
  constexpr size_t asked = 256;
  std::vector<uint32_t> kept;
  auto beats = [&](uint32_t other, uint32_t row) {
    for (size_t d = 0; d < columns.size(); ++d)
      if (Cost(columns[d][other]) + slack[d] >= Cost(columns[d][row]))
        return false;
    return true;
  };
  // With up to two dimensions, the least last key so far decides.
  size_t last = columns.size() - 1;
  bool isStairs = last == 0 || (last == 1 && slackDimension == 1);
  std::optional<uint32_t> least;
  for (uint32_t row : order) {
    bool beaten =
        isStairs
            ? least && beats(*least, row)
            : llvm::any_of(
                  llvm::ArrayRef(kept).take_front(std::min(asked, kept.size())),
                  [&](uint32_t other) { return beats(other, row); });
    if (beaten)
      continue;
    kept.push_back(row);
    if (!least || columns[last][row] < columns[last][*least])
      least = row;
  }
  return kept;
}

void Candidates::compact() {
  keepOnly(survivors());
  bool canThin = llvm::none_of(
      dimensions, [](const Dimension &one) { return one.slack.has_value(); });
  while (canThin && size() > pointLimit && cellBits > 0) {
    cellBits = std::min(cellBits, kFinestThinning + 1) - 1;
    keepOnly(survivors());
  }
  if (size() > pointLimit) {
    overflowed = true;
    keepOnly({});
  }
  capacity = std::max(kSmallest, 2 * size());
}

void Candidates::keepOnly(llvm::ArrayRef<uint32_t> kept) {
  std::vector<Cost> column(kept.size());
  for (std::vector<Cost> &old : keys) {
    column.clear();
    for (uint32_t row : kept)
      column.push_back(old[row]);
    old.swap(column);
  }
  std::vector<Origin> from;
  from.reserve(kept.size());
  for (uint32_t row : kept)
    from.push_back(origins[row]);
  origins.swap(from);
}

void Candidates::append(Points &front) const {
  for (auto [d, column] : llvm::enumerate(keys))
    llvm::append_range(front.keys[d], column);
  for (uint32_t i = 0; i < size(); ++i)
    for (unsigned word = 0; word < words; ++word)
      front.codes.push_back(codeWord(i, word));
}

} // namespace gnomon::search
