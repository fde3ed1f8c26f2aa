// SPDX-License-Identifier: Apache-2.0
// Limits that are to be kept with a probability, by linear ones.

#include "gnomon/Search/Chance.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace gnomon::search {

constexpr unsigned kDirections = 12;
/// Directions before the bound is tightened.
constexpr unsigned kUntightened = 1;

namespace {

/// What errs alone in an entry of a term.
double aloneIn(llvm::ArrayRef<Cost> entry) {
  return std::sqrt(Spread::kVarianceTicks *
                   std::max(0.0, double(entry.back())));
}

/// What erring has to do with: the sum, its parts, and each term alone.
struct Coordinates {
  double sum = 0;
  std::vector<double> parts, alone;

  explicit Coordinates(const Spread &spread)
      : parts(spread.weights.size()), alone(spread.parts.terms.size()) {}

  /// Adds an entry of a term, or a share of it.
  void add(size_t term, llvm::ArrayRef<Cost> entry, double share) {
    for (size_t k = 0; k < parts.size(); ++k) {
      parts[k] += share * double(entry[k]);
      sum += share * double(entry[k]);
    }
    alone[term] += share * aloneIn(entry);
  }

  double deviation(const Spread &spread) const {
    double squares = std::pow(spread.common * sum, 2);
    for (auto [part, weight] : llvm::zip_equal(parts, spread.weights))
      squares += std::pow(weight * part, 2);
    for (double one : alone)
      squares += one * one;
    return std::sqrt(squares);
  }
};

llvm::ArrayRef<Cost> entryOf(const Problem &problem, const Term &term,
                             size_t entry) {
  size_t metrics = problem.metrics.size();
  return llvm::ArrayRef(term.costs).slice(entry * metrics, metrics);
}

Coordinates coordinatesAt(const Spread &spread,
                          llvm::ArrayRef<uint32_t> assignment) {
  Coordinates at(spread);
  for (auto [index, term] : llvm::enumerate(spread.parts.terms)) {
    size_t entry = 0;
    for (auto [place, decision] : llvm::enumerate(term.scope))
      entry = entry * classCount(spread.parts, term, place) +
              term.classOf(place, assignment[decision]);
    at.add(index, entryOf(spread.parts, term, entry), 1);
  }
  return at;
}

/// A network that takes a share of every option.
Coordinates meanCoordinates(const Spread &spread) {
  Coordinates at(spread);
  size_t metrics = spread.parts.metrics.size();
  for (auto [index, term] : llvm::enumerate(spread.parts.terms)) {
    size_t entries = term.costs.size() / metrics;
    for (size_t entry = 0; entry < entries; ++entry)
      at.add(index, entryOf(spread.parts, term, entry), 1.0 / double(entries));
  }
  return at;
}

/// The limit as a sum over terms: each of its entries by a function of it.
std::vector<Term>
termsBy(const Spread &spread,
        llvm::function_ref<double(size_t, llvm::ArrayRef<Cost>)> costOf) {
  std::vector<Term> terms;
  size_t metrics = spread.parts.metrics.size();
  for (auto [index, term] : llvm::enumerate(spread.parts.terms)) {
    Term &one = terms.emplace_back(Term{term.scope, {}, term.classes});
    for (size_t entry = 0; entry * metrics < term.costs.size(); ++entry)
      one.costs.push_back(
          Cost(costOf(index, entryOf(spread.parts, term, entry))));
  }
  return terms;
}

/// Value and deviations in one direction; rounded down, so that no network
/// within the limit is lost.
std::vector<Term> linearTerms(const ChanceLimit &limit,
                              const Coordinates &direction) {
  const Spread &spread = *limit.spread;
  double length = direction.deviation(spread);
  double scale = length > 0 ? limit.quantile / length : 0;
  std::vector<double> prices;
  for (auto [towards, weight] :
       llvm::zip_equal(direction.parts, spread.weights))
    prices.push_back(1 +
                     scale * (spread.common * spread.common * direction.sum +
                              weight * weight * towards));
  return termsBy(spread, [&](size_t term, llvm::ArrayRef<Cost> entry) {
    double cost = scale * direction.alone[term] * aloneIn(entry);
    for (auto [price, part] : llvm::zip(prices, entry))
      cost += price * double(part);
    return std::floor(cost);
  });
}

/// Value and deviations as if all terms erred alike; rounded up.
std::vector<Term> safeTerms(const ChanceLimit &limit) {
  const Spread &spread = *limit.spread;
  return termsBy(spread, [&](size_t term, llvm::ArrayRef<Cost> entry) {
    double sum = 0, squares = std::pow(aloneIn(entry), 2);
    for (auto [weight, part] : llvm::zip(spread.weights, entry)) {
      sum += double(part);
      squares += std::pow(weight * double(part), 2);
    }
    squares += std::pow(spread.common * sum, 2);
    return std::ceil(sum + limit.quantile * std::sqrt(squares));
  });
}

double excessOf(const ChanceLimit &limit, const Coordinates &at) {
  return at.sum + limit.quantile * at.deviation(*limit.spread) -
         double(limit.atMost);
}

} // namespace

Moments momentsOf(const Spread &spread, llvm::ArrayRef<uint32_t> assignment) {
  Coordinates at = coordinatesAt(spread, assignment);
  return {at.sum, at.deviation(spread)};
}

bool ChanceLimit::holds(llvm::ArrayRef<uint32_t> assignment) const {
  return excessOf(*this, coordinatesAt(*spread, assignment)) <= 0;
}

namespace {

/// The problem with one limit more for each of the chance limits.
class Limited {
public:
  Limited(const Problem &problem, llvm::ArrayRef<ChanceLimit> limits)
      : problem(problem), limits(limits), tightened(limits.size(), 0.0) {
    for (const ChanceLimit &limit : limits)
      directions.push_back(meanCoordinates(*limit.spread));
  }

  Problem inDirection() const {
    Problem result = problem;
    for (auto [limit, direction, less] :
         llvm::zip_equal(limits, directions, tightened))
      add(result, linearTerms(limit, direction),
          limit.atMost - Cost(std::ceil(less)));
    return result;
  }

  Problem safe() const {
    Problem result = problem;
    for (const ChanceLimit &limit : limits)
      add(result, safeTerms(limit), limit.atMost);
    return result;
  }

  /// Whether the network keeps the limits; else what it teaches.
  bool learnFrom(llvm::ArrayRef<uint32_t> assignment, bool tighten) {
    bool holds = true;
    for (auto [limit, direction, less] :
         llvm::zip_equal(limits, directions, tightened)) {
      Coordinates at = coordinatesAt(*limit.spread, assignment);
      double excess = excessOf(limit, at);
      if (excess <= 0)
        continue;
      holds = false;
      direction = std::move(at);
      if (tighten)
        less += excess;
    }
    return holds;
  }

private:
  static void add(Problem &result, std::vector<Term> terms, Cost atMost) {
    uint32_t metric = result.metrics.size();
    addMetric(result, {"chance " + std::to_string(metric), "tick"},
              std::move(terms));
    result.limits.push_back({metric, atMost, std::nullopt});
  }

  const Problem &problem;
  llvm::ArrayRef<ChanceLimit> limits;
  std::vector<Coordinates> directions;
  std::vector<double> tightened; ///< by how many ticks
};

} // namespace

llvm::Expected<ChanceResult>
solveUnderChance(const Problem &problem, llvm::ArrayRef<ChanceLimit> limits,
                 Solver solve) {
  ChanceResult result;
  Limited limited(problem, limits);
  auto run =
      [&](const Problem &one) -> llvm::Expected<std::optional<Solution>> {
    auto found = solve(one);
    if (found && *found)
      (*found)->costs.resize(problem.metrics.size());
    return found;
  };
  for (unsigned i = 0; i < kDirections; ++i) {
    const bool isRelaxed = i <= kUntightened;
    auto found = run(limited.inDirection());
    if (!found)
      return found.takeError();
    if (!*found && isRelaxed)
      return result;
    if (!*found)
      break;
    if (isRelaxed)
      result.relaxed.push_back(**found);
    if (limited.learnFrom((*found)->assignment, i >= kUntightened)) {
      result.best = std::move(*found);
      return result;
    }
  }
  auto found = run(limited.safe());
  if (!found)
    return found.takeError();
  result.best = std::move(*found);
  return result;
}

} // namespace gnomon::search
