// SPDX-License-Identifier: Apache-2.0
// Variable elimination with Pareto sets as the values of tables.

#include "Elimination.h"

#include "Bounds.h"
#include "Order.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace gnomon::search {

namespace {
size_t pointLimitOf(const FrontOptions &options, size_t dimensions) {
  if (options.pointLimit != 0)
    return options.pointLimit;
  return size_t(1) << (dimensions <= 2 ? 18 : 13);
}

/// Keeps the smallest fronts first, so that sums begin with them.
void insertBySize(llvm::SmallVectorImpl<Slice> &parts, Slice part) {
  auto place = llvm::upper_bound(
      parts, part, [](Slice a, Slice b) { return a.size < b.size; });
  parts.insert(place, part);
}

/// The coarsest grid whose error stays below epsilon after all roundings.
unsigned gridFor(double epsilon, unsigned roundings) {
  if (epsilon == 0)
    return kExactCells;
  for (unsigned bits = 0; bits < kExactCells; ++bits) {
    double error = 1;
    for (unsigned i = 0; i < roundings; ++i)
      error *= 1 + std::ldexp(1.0, -int(bits));
    if (error <= 1 + epsilon)
      return bits;
  }
  return kExactCells;
}
} // namespace

Elimination::Elimination(const Problem &problem, llvm::ArrayRef<Dimension> all,
                         const FrontOptions &options)
    : problem(problem), dimensions(all.begin(), all.end()), options(options),
      layout(problem),
      fronts(all, layout.words(), pointLimitOf(options, all.size())),
      unit(all.size()) {
  for (auto [d, dimension] : llvm::enumerate(dimensions))
    unit.keys[d].push_back(dimension.neutral);
  unit.codes.assign(layout.words(), 0);
  tables = simplify(problem, dimensions, keyTables(problem, dimensions));
  for (FrontTable &table : tables) {
    table.begin.resize(table.points.size() + 1);
    std::iota(table.begin.begin(), table.begin.end(), 0);
    table.points.codes.assign(table.points.size() * layout.words(), 0);
  }
}

void Elimination::add(std::vector<FrontTable> more) {
  for (FrontTable &table : more) {
    table.points.codes.assign(table.points.size() * layout.words(), 0);
    tables.push_back(std::move(table));
  }
}

llvm::Error Elimination::refuse(const llvm::Twine &message) const {
  return llvm::createStringError("front of '" + problem.name + "': " + message);
}

std::vector<FrontTable>
Elimination::takeTables(std::optional<uint32_t> decision) {
  std::vector<FrontTable> taken, left;
  for (FrontTable &table : tables) {
    bool named = !decision || llvm::is_contained(table.scope, *decision);
    (named ? taken : left).push_back(std::move(table));
  }
  tables = std::move(left);
  return taken;
}

llvm::Error Elimination::form(llvm::ArrayRef<Pairs> pairs,
                              llvm::ArrayRef<Cost> allowance, Points &result) {
  for (const Pairs &run : pairs)
    numPairs += run.left.size * run.right.size;
  if (numPairs > options.pairLimit)
    return refuse("more than " + llvm::Twine(options.pairLimit) +
                  " pairs to combine; an epsilon or tighter limits would make "
                  "it less");
  if (!fronts.run(pairs, allowance, result))
    return refuse("more points than the limit, and the limited metrics cannot "
                  "be rounded");
  return llvm::Error::success();
}

llvm::Error Elimination::sumSmallest(Parts &parts,
                                     llvm::ArrayRef<Cost> allowance) {
  std::vector<Cost> left = allowance.vec();
  bool isBounded = llvm::any_of(
      left, [](Cost bound) { return bound != Dimension::kNoBound; });
  for (Slice other :
       llvm::ArrayRef(parts).drop_front(isBounded ? 2 : parts.size()))
    take(dimensions, leastKeys(other, dimensions.size()), left);
  auto &sum = *sums.emplace_back(std::make_unique<Points>(dimensions.size()));
  if (llvm::Error error = form({{parts[0], parts[1]}}, left, sum))
    return error;
  parts.erase(parts.begin(), parts.begin() + 2);
  insertBySize(parts, {&sum, 0, sum.size()});
  return llvm::Error::success();
}

llvm::Error Elimination::unite(llvm::MutableArrayRef<Parts> choices,
                               std::optional<uint32_t> decision,
                               llvm::ArrayRef<Cost> allowance, Points &result) {
  sums.clear();
  llvm::SmallVector<Pairs, 16> pairs;
  for (auto [option, parts] : llvm::enumerate(choices)) {
    while (parts.size() > 2)
      if (llvm::Error error = sumSmallest(parts, allowance))
        return error;
    while (parts.size() < 2)
      parts.insert(parts.begin(), Slice{&unit, 0, 1});
    Pairs &run = pairs.emplace_back(Pairs{parts[0], parts[1]});
    if (decision) {
      run.word = layout.word(*decision);
      run.code = layout.bits(*decision, option);
    }
  }
  return form(pairs, allowance, result);
}

llvm::Expected<FrontTable>
Elimination::eliminate(std::optional<uint32_t> decision) {
  std::vector<FrontTable> taken = takeTables(decision);
  std::set<uint32_t> scope;
  for (const FrontTable &table : taken)
    scope.insert(table.scope.begin(), table.scope.end());
  if (decision)
    scope.erase(*decision);
  FrontTable result;
  result.scope.assign(scope.begin(), scope.end());
  result.points = Points(dimensions.size());
  std::vector<uint32_t> walked = result.scope;
  if (decision)
    walked.push_back(*decision);
  TableWalk walk(problem, walked);
  for (const FrontTable &table : taken)
    walk.follow(table.scope);
  size_t count = decision ? problem.decisions[*decision].options.size() : 1;
  if (walk.size() / count > options.tableLimit)
    return refuse(
        "eliminating decision '" + problem.decisions[*decision].name +
        "' needs a table of at least " + llvm::Twine(walk.size() / count) +
        " entries, expected at most " + llvm::Twine(options.tableLimit));
  Allowances allowances(problem, dimensions, result.scope, tables);
  std::vector<Parts> choices(count);
  result.begin.push_back(0);
  for (size_t entry = 0; entry < walk.size() / count; ++entry) {
    for (Parts &parts : choices) {
      parts.clear();
      for (auto [i, table] : llvm::enumerate(taken))
        insertBySize(parts, table.entry(walk.entry(i)));
      walk.next();
    }
    if (llvm::Error error =
            unite(choices, decision, allowances.at(entry), result.points))
      return error;
    result.begin.push_back(result.points.size());
  }
  return result;
}

llvm::Expected<Points> Elimination::run() {
  EliminationOrder order = chooseOrder(problem, tables);
  fronts.setCells(gridFor(options.epsilon, order.roundings));
  for (auto [done, decision] : llvm::enumerate(order.decisions)) {
    llvm::Expected<FrontTable> table = eliminate(decision);
    if (!table)
      return table.takeError();
    tables.push_back(std::move(*table));
    if (options.progress)
      options.progress(done + 1, order.decisions.size());
  }
  llvm::Expected<FrontTable> last = eliminate(std::nullopt);
  if (!last)
    return last.takeError();
  return std::move(last->points);
}

} // namespace gnomon::search
