// SPDX-License-Identifier: Apache-2.0
// A search as plain numbers: decisions, additive integer costs, limits.

#ifndef GNOMON_SEARCH_PROBLEM_H
#define GNOMON_SEARCH_PROBLEM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gnomon::search {

/// Ticks of a metric: nanoseconds for latency, MACs, bytes, 1e-9 for accuracy.
/// Integers, so that a sum is the same in whatever order it is formed.
using Cost = int64_t;

enum class Sense { Minimize, Maximize };
/// How the terms of a problem form the value of a metric: their sum, or the
/// greatest of them and 0 (peak memory).
enum class Combine { Sum, Max };

struct Metric {
  std::string name;
  std::string unit;
  Sense sense = Sense::Minimize;
  Combine combine = Combine::Sum;
};

/// "This decision is active and takes this option."
struct Literal {
  uint32_t decision = 0;
  uint32_t option = 0;
};

struct Decision {
  std::string name;
  std::vector<std::string> options;
  /// When the decision matters: in one of these rows, every literal holds.
  /// Empty: always.
  std::vector<std::vector<Literal>> activeWhen;
};

/// A table of costs over a few decisions. `costs[entry * metrics + metric]`,
/// entries row-major over `scope`, its last decision fastest. An empty scope is
/// a constant: one entry.
struct Term {
  std::vector<uint32_t> scope;
  std::vector<Cost> costs;
  /// Options that the term does not tell apart share entries: for each decision
  /// of the scope the class of each of its options, numbered from 0 without
  /// gaps. Empty, as a whole or for a decision: each option is its own class.
  std::vector<std::vector<uint32_t>> classes = {};

  /// Class of an option of the decision at `place` of the scope.
  uint32_t classOf(size_t place, uint32_t option) const {
    return groups(place) ? classes[place][option] : option;
  }
  /// Whether options of the decision at `place` may share classes.
  bool groups(size_t place) const {
    return !classes.empty() && !classes[place].empty();
  }
};

/// Bounds of a metric, both inclusive; at least one is there.
struct Limit {
  uint32_t metric = 0;
  std::optional<Cost> atMost;
  std::optional<Cost> atLeast;
};

/// What a search is about. Plain data; `check` says whether it is sound, and
/// everything else in this library asks for a sound one.
struct Problem {
  std::string name;
  std::vector<Metric> metrics;
  std::vector<Decision> decisions;
  std::vector<Term> terms;
  std::vector<Limit> limits;

  /// Refuses, naming the place: no metric or a decision without options, names
  /// used twice, indices out of range, scopes that are not ascending, tables
  /// of a wrong size, metrics whose sums could pass `kMaxCost`, negative costs
  /// of a `Max` metric, cyclic activity, a cost that changes with a decision
  /// that the term cannot know to be active, limits without a bound.
  llvm::Error check() const;
};

/// Greatest magnitude that the sum of a metric may reach.
constexpr Cost kMaxCost = Cost(1) << 61;

/// Adds a metric whose value is a sum to a problem: `terms` are of this metric
/// alone. Terms over the same decisions and classes become one; costs of the
/// other metrics stay.
void addMetric(Problem &problem, Metric metric, std::vector<Term> terms);

/// The option of every decision. Canonical: those that are not active hold 0.
using Assignment = std::vector<uint32_t>;

/// An assignment with the value of every metric of the problem.
struct Solution {
  Assignment assignment;
  std::vector<Cost> costs;
};

/// Number of classes of the decision at `place` of the term's scope.
size_t classCount(const Problem &problem, const Term &term, size_t place);

/// Number of entries in the table of `term`.
size_t tableSize(const Problem &problem, const Term &term);

/// The entry of the table of `term` that counts under `assignment`.
size_t tableEntry(const Problem &problem, const Term &term,
                  llvm::ArrayRef<uint32_t> assignment);

/// Which decisions matter under `assignment`.
llvm::BitVector activeDecisions(const Problem &problem,
                                llvm::ArrayRef<uint32_t> assignment);

/// The same choice with 0 for every decision that is not active.
Assignment canonical(const Problem &problem, Assignment assignment);

/// The value of every metric: one look-up per term.
std::vector<Cost> evaluate(const Problem &problem,
                           llvm::ArrayRef<uint32_t> assignment);

/// Whether every limit holds for these metric values.
bool withinLimits(const Problem &problem, llvm::ArrayRef<Cost> costs);

/// Recomputes `solution` from scratch. Refuses a wrong number of decisions, an
/// option out of range, an assignment that is not canonical, costs that differ
/// and broken limits, each with what was found and expected.
llvm::Error verify(const Problem &problem, const Solution &solution);

} // namespace gnomon::search

#endif // GNOMON_SEARCH_PROBLEM_H
