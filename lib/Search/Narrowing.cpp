// SPDX-License-Identifier: Apache-2.0
// A problem without the options that no good network takes.
//
// Source: Lagrangian relaxation with variables fixed by its bound (Geoffrion,
// Mathematical Programming Study 2, 1974; Fisher, Management Science 27, 1981).
// Limits have prices; the greatest objective less what limits cost bounds that
// of every network within them, and the greatest with an option bounds that of
// every network that takes it. Prices follow the subgradient with Polyak's step
// (1969) towards a bound that is wished for, nearer and nearer to the best.
// Ours: every round's bound leaves options out, so that prices need not be the
// best ones.

#include "Narrowing.h"

#include "Order.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gnomon::search {

constexpr double kNever = -std::numeric_limits<double>::infinity();
/// Rounds without a better bound before steps become shorter.
constexpr unsigned kPatience = 3;

Narrowing::Narrowing(Problem problem) : narrowed(std::move(problem)) {
  for (const Decision &decision : narrowed.decisions) {
    left.emplace_back(decision.options.size());
    std::iota(left.back().begin(), left.back().end(), 0);
  }
}

Assignment Narrowing::restore(llvm::ArrayRef<uint32_t> assignment) const {
  Assignment result;
  for (auto [options, option] : llvm::zip_equal(left, assignment))
    result.push_back(options[option]);
  return result;
}

/// The entries of a term for options that stay.
static std::vector<Cost>
costsOf(const Problem &problem, const Term &term,
        const std::vector<std::vector<uint32_t>> &options) {
  size_t metrics = problem.metrics.size();
  std::vector<size_t> entries{0};
  for (uint32_t decision : term.scope) {
    std::vector<size_t> longer;
    for (size_t entry : entries)
      for (uint32_t option : options[decision])
        longer.push_back(entry * problem.decisions[decision].options.size() +
                         option);
    entries = std::move(longer);
  }
  std::vector<Cost> costs;
  for (size_t entry : entries)
    costs.insert(costs.end(), term.costs.begin() + entry * metrics,
                 term.costs.begin() + (entry + 1) * metrics);
  return costs;
}

void Narrowing::keep(const std::vector<std::vector<uint32_t>> &options) {
  for (Term &term : narrowed.terms)
    term.costs = costsOf(narrowed, term, options);
  for (auto [decision, mine, kept] :
       llvm::zip_equal(narrowed.decisions, left, options)) {
    std::vector<std::string> names;
    std::vector<uint32_t> numbers;
    for (uint32_t option : kept) {
      names.push_back(decision.options[option]);
      numbers.push_back(mine[option]);
    }
    decision.options = std::move(names);
    mine = std::move(numbers);
  }
}

void Narrowing::leaveOutLike(const Narrowing &other) {
  hopeless = hopeless || other.hopeless;
  std::vector<std::vector<uint32_t>> options;
  for (auto [decision, mine] : llvm::enumerate(left)) {
    std::vector<uint32_t> &kept = options.emplace_back();
    for (auto [index, option] : llvm::enumerate(mine))
      if (decision >= other.left.size() ||
          llvm::is_contained(other.left[decision], option))
        kept.push_back(index);
  }
  keep(options);
}

void Narrowing::decide(uint32_t decided, uint32_t chosen) {
  std::vector<std::vector<uint32_t>> options;
  for (auto [decision, mine] : llvm::enumerate(left)) {
    std::vector<uint32_t> &kept = options.emplace_back();
    for (uint32_t option = 0; option < mine.size(); ++option)
      if (decision != decided || option == chosen)
        kept.push_back(option);
  }
  keep(options);
}

std::vector<Narrowing::Excess> Narrowing::excesses() const {
  std::vector<Excess> result;
  for (const Limit &limit : narrowed.limits) {
    bool isSum = narrowed.metrics[limit.metric].combine == Combine::Sum;
    if (limit.atMost)
      result.push_back({limit.metric, false, *limit.atMost, isSum});
    if (limit.atLeast && isSum)
      result.push_back({limit.metric, true, *limit.atLeast, true});
  }
  for (auto [excess, price] : llvm::zip(result, prices))
    excess.price = price;
  return result;
}

void Narrowing::forbid(const Excess &limit,
                       std::vector<ValueTable> &tables) const {
  size_t metrics = narrowed.metrics.size();
  std::vector<double> least;
  for (const Term &term : narrowed.terms) {
    double one = std::numeric_limits<double>::infinity();
    for (size_t i = limit.metric; i < term.costs.size(); i += metrics)
      one = std::min(one, limit.of(term.costs[i]));
    least.push_back(one);
  }
  double all = std::accumulate(least.begin(), least.end(), 0.0);
  for (auto [term, table, own] : llvm::zip(narrowed.terms, tables, least)) {
    double others =
        limit.isSum ? all - own + limit.constant() : limit.constant();
    double slack = 0.5 + 1e-12 * (std::abs(others) + std::abs(all));
    for (size_t entry = 0; entry < table.values.size(); ++entry)
      if (limit.of(term.costs[entry * metrics + limit.metric]) + others > slack)
        table.values[entry] = kNever;
  }
}

std::vector<ValueTable> Narrowing::tables(uint32_t objective,
                                          llvm::ArrayRef<Excess> limits) const {
  size_t metrics = narrowed.metrics.size();
  double sign =
      narrowed.metrics[objective].sense == Sense::Maximize ? 1.0 : -1.0;
  std::vector<ValueTable> result;
  for (const Term &term : narrowed.terms) {
    ValueTable &table = result.emplace_back(ValueTable{term.scope, {}});
    for (size_t i = 0; i < term.costs.size(); i += metrics) {
      double value = sign * double(term.costs[i + objective]);
      for (const Excess &limit : limits)
        if (limit.price != 0)
          value -= limit.price * limit.of(term.costs[i + limit.metric]);
      table.values.push_back(value);
    }
  }
  for (const Excess &limit : limits)
    forbid(limit, result);
  return result;
}

/// How far each limit's metric reaches over all networks; 1 if less.
std::vector<double> Narrowing::rangesOf(llvm::ArrayRef<Excess> limits) const {
  std::vector<double> ranges;
  size_t metrics = narrowed.metrics.size();
  for (const Excess &limit : limits) {
    double range = 0;
    for (const Term &term : narrowed.terms) {
      Cost least = term.costs[limit.metric], most = least;
      for (size_t i = limit.metric; i < term.costs.size(); i += metrics) {
        least = std::min(least, term.costs[i]);
        most = std::max(most, term.costs[i]);
      }
      range += double(most) - double(least);
    }
    ranges.push_back(std::max(range, 1.0));
  }
  return ranges;
}

/// A step of the prices towards a bound that is less by `step`, by how far the
/// network that is best by them breaks the limits, in parts of their ranges.
void Narrowing::climb(const Marginals &marginals, double step,
                      std::vector<Excess> &limits) const {
  Assignment best;
  for (const auto &values : marginals.values)
    best.push_back(std::max_element(values.begin(), values.end()) -
                   values.begin());
  std::vector<Cost> costs = evaluate(narrowed, best);
  std::vector<double> slopes, ranges = rangesOf(limits);
  double length = 0;
  for (auto [limit, range] : llvm::zip_equal(limits, ranges)) {
    double slope = 0;
    if (limit.isSum)
      slope = (limit.of(costs[limit.metric]) + limit.constant()) / range;
    if (limit.price == 0)
      slope = std::max(slope, 0.0);
    slopes.push_back(slope);
    length += slope * slope;
  }
  if (length == 0)
    return;
  for (auto [limit, slope, range] : llvm::zip_equal(limits, slopes, ranges))
    limit.price = std::max(0.0, limit.price + step / length * slope / range);
}

void Narrowing::leaveOut(const Marginals &marginals, double least) {
  std::vector<std::vector<uint32_t>> options;
  bool fewer = false;
  for (const auto &values : marginals.values) {
    std::vector<uint32_t> &kept = options.emplace_back();
    for (auto [option, value] : llvm::enumerate(values))
      if (value >= least && value != kNever)
        kept.push_back(option);
    hopeless = hopeless || kept.empty();
    fewer = fewer || kept.size() < values.size();
  }
  if (!hopeless && fewer)
    keep(options);
}

double Narrowing::narrow(uint32_t objective, std::optional<double> known,
                         unsigned rounds, size_t tableLimit) {
  double least = known.value_or(kNever);
  double best = std::numeric_limits<double>::infinity(), reach = 0;
  std::vector<Excess> limits = excesses(), cheapest = limits;
  unsigned stalled = 0;
  if (order.empty()) {
    std::vector<FrontTable> scopes;
    for (const Term &term : narrowed.terms)
      scopes.emplace_back().scope = term.scope;
    order = chooseOrder(narrowed, scopes).decisions;
  }
  for (unsigned round = 0; round < rounds; ++round) {
    auto found =
        marginalsOf(narrowed, order, tables(objective, limits), tableLimit);
    if (!found)
      break;
    double constant = 0, magnitude = std::abs(found->best);
    for (const Excess &limit : limits) {
      constant -= limit.price * limit.constant();
      magnitude += std::abs(limit.price * limit.constant());
    }
    double bound = found->best + constant;
    if (round == 0)
      reach = known ? std::max(bound - least, 0.0) / 2 : std::abs(bound) / 100;
    if (bound < best) {
      best = bound;
      cheapest = limits;
      stalled = 0;
    } else if (++stalled == kPatience) {
      reach /= 2;
      limits = cheapest;
      stalled = 0;
    }
    if (bound > kNever)
      climb(*found, bound - best + reach, limits);
    leaveOut(*found, least - constant - 0.5 - 1e-11 * magnitude);
    if (hopeless || best - least < 1)
      break;
  }
  prices.clear();
  for (const Excess &limit : cheapest)
    prices.push_back(limit.price);
  return best;
}

} // namespace gnomon::search
