// SPDX-License-Identifier: Apache-2.0
// One network for each device, with as many parts in common as is worth it.
//
// Ours: no published search that Gnomon reproduces asks this. Every point of
// the curve is one integer program (Linearized.h) over the problem's copies
// (Joint.h). The curve is found from the networks that differ least up to those
// that are best alone: each point is known to be no worse than the one before.
// Its score is guessed, a little below what prices of the limits bound it by;
// what networks of the guessed score cannot take is left out (Narrowing.h), the
// decisions that most terms ask for (resolutions) are branched on, and integer
// programs solve what is left. If nothing is, the guess was too high, and the
// next is lower.

#include "gnomon/Search/Sharing.h"

#include "Joint.h"
#include "Narrowing.h"
#include "gnomon/Search/Algorithms.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace gnomon::search {

namespace {
constexpr uint32_t kTotal = Joint::kTotal;
constexpr size_t kMostEntries = size_t(1) << 20;
constexpr unsigned kRounds = 40;
/// How far below its bound a score is guessed at first, and how often.
constexpr double kFirstGuess = 2e-5;
constexpr unsigned kGuesses = 24;
constexpr double kWider = 1.5;

/// The best networks alone; where one is missing, what can be reached instead.
llvm::Expected<std::vector<Solution>> findAlone(const Problem &problem,
                                                const SharingQuery &query,
                                                SharingCurve &curve) {
  std::vector<Solution> alone;
  FrontOptions options;
  options.metrics = {query.objective};
  for (const std::vector<Limit> &limits : query.limits) {
    Problem limited = problem;
    llvm::append_range(limited.limits, limits);
    auto front = paretoFront(limited, options);
    if (!front)
      return front.takeError();
    if (!front->points.empty())
      alone.push_back(std::move(front->points.front()));
    curve.reachable.push_back(std::move(front->reachable));
  }
  return alone;
}

llvm::Error checkQuery(const Problem &problem, const SharingQuery &query) {
  auto refuse = [&](const llvm::Twine &message) {
    return llvm::createStringError("sharing in '" + problem.name +
                                   "': " + message);
  };
  if (problem.metrics[query.objective].combine != Combine::Sum)
    return refuse("expected an objective that is a sum, found '" +
                  problem.metrics[query.objective].name + "'");
  if (query.limits.empty())
    return refuse("expected limits for at least one network");
  for (llvm::ArrayRef<uint32_t> slot : query.slots) {
    llvm::BitVector seen(problem.decisions.size());
    for (uint32_t decision : slot) {
      if (seen[decision])
        return refuse("a slot names the decision '" +
                      problem.decisions[decision].name + "' twice");
      seen.set(decision);
    }
    if (slot.empty())
      return refuse("expected a decision for each slot");
  }
  return llvm::Error::success();
}

/// The points of a curve, from the networks that differ least on.
class Curve {
public:
  Curve(const Problem &problem, const SharingQuery &query, const Joint &joint,
        SharedNetworks alone)
      : problem(problem), query(query), joint(joint), alone(std::move(alone)),
        apart(joint.apart()) {
    options.ilp = {query.nodes, /*reach=*/false};
  }

  llvm::Error find(SharingCurve &curve);

private:
  bool isMore() const {
    return problem.metrics[query.objective].sense == Sense::Maximize;
  }
  double scoreOf(Cost total) const {
    return isMore() ? double(total) : -double(total);
  }
  /// A sum that the networks that differ nowhere reach at least.
  llvm::Error lookForOne();
  /// A search for what scores at least so much.
  struct Attempt {
    std::optional<double> least;
    std::optional<Assignment> found = std::nullopt;
    double score = 0;
    double bound = -std::numeric_limits<double>::infinity();
    bool isProven = true;
  };
  llvm::Expected<Attempt> search(uint32_t slots);
  llvm::Error branch(Narrowing node, unsigned depth, Attempt &attempt);
  llvm::Error solve(const Narrowing &node, Attempt &attempt) const;
  /// The best of networks that differ in at most so many slots.
  llvm::Expected<std::optional<SharedNetworks>> best(uint32_t slots);
  llvm::Error ascend(SharingCurve &curve);
  llvm::Error descend(SharingCurve &curve);
  const Problem &problem;
  const SharingQuery &query;
  const Joint &joint;
  SharedNetworks alone;
  Narrowing apart;
  std::optional<Narrowing> before; ///< of the point before
  SearchOptions options;
  /// A score that is reached, or that all networks within the limits reach.
  std::optional<double> known;
  bool isReached = false;
  /// Between the bound by prices and the last answer.
  double lastGap = 0;
  /// Whether the last answer is the best there is, or there is none.
  bool isProven = false;
};

llvm::Error Curve::lookForOne() {
  Problem one = problem;
  for (const std::vector<Limit> &limits : query.limits)
    llvm::append_range(one.limits, limits);
  for (const Solution &network : alone.networks)
    if (query.maxLoss) {
      Cost best = network.costs[query.objective];
      Limit &kept = one.limits.emplace_back(Limit{query.objective, {}, {}});
      (isMore() ? kept.atLeast : kept.atMost) =
          isMore() ? best - *query.maxLoss : best + *query.maxLoss;
    }
  FrontOptions options;
  options.metrics = {query.objective};
  auto front = paretoFront(one, options);
  if (!front)
    return front.takeError();
  isReached = !front->points.empty();
  const double networks = double(alone.networks.size());
  if (isReached)
    known = scoreOf(front->points.front().costs[query.objective]) * networks;
  else if (query.maxLoss)
    known = scoreOf(alone.total) - double(*query.maxLoss) * networks;
  return llvm::Error::success();
}

/// The decision that most terms ask for, of those that are open.
static std::optional<uint32_t> mostAsked(const Problem &problem) {
  std::vector<size_t> uses(problem.decisions.size(), 0);
  for (const Term &term : problem.terms)
    for (uint32_t decision : term.scope)
      uses[decision] += problem.decisions[decision].options.size() > 1;
  auto most = llvm::max_element(uses);
  if (most == uses.end() || *most == 0)
    return std::nullopt;
  return most - uses.begin();
}

/// Decisions that most terms ask for are decided one option after the other,
/// each with prices of its own; the rest is left to the integer program.
llvm::Error Curve::branch(Narrowing node, unsigned depth, Attempt &attempt) {
  node.narrow(kTotal, attempt.least, kRounds / 2, kMostEntries);
  if (node.isEmpty())
    return llvm::Error::success();
  std::optional<uint32_t> decision = mostAsked(node.problem());
  if (depth == 0 || !decision)
    return solve(node, attempt);
  for (uint32_t option = 0;
       option < node.problem().decisions[*decision].options.size(); ++option) {
    Narrowing child = node;
    child.decide(*decision, option);
    if (llvm::Error error = branch(std::move(child), depth - 1, attempt))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error Curve::solve(const Narrowing &node, Attempt &attempt) const {
  Problem left = node.problem();
  if (attempt.least && isMore())
    left.limits.push_back(
        {kTotal, std::nullopt, Cost(std::floor(*attempt.least))});
  else if (attempt.least)
    left.limits.push_back(
        {kTotal, Cost(std::ceil(-*attempt.least)), std::nullopt});
  auto result = searchInteger(left, {kTotal}, options);
  if (!result)
    return result.takeError();
  if (!result->gap)
    attempt.isProven = false;
  if (!result->best)
    return llvm::Error::success();
  attempt.bound = std::max(attempt.bound, result->score + *result->gap);
  attempt.found = node.restore(result->best->assignment);
  attempt.score = result->score;
  // From now on something better.
  attempt.least = result->score + 1;
  return llvm::Error::success();
}

/// The score is guessed, near the bound at first. What is not worse than the
/// guess is solved; if there is nothing, the guess was too high.
llvm::Expected<Curve::Attempt> Curve::search(uint32_t slots) {
  Narrowing all(joint.differingBy(slots));
  all.leaveOutLike(apart);
  all.beginLike(before ? *before : apart);
  double bound = all.narrow(kTotal, known, kRounds, kMostEntries);
  before = all;
  double step = std::max({1.0, std::abs(bound) * kFirstGuess, lastGap / 2});
  bool isProven = true;
  for (unsigned i = 0; !all.isEmpty(); ++i) {
    Attempt attempt{known};
    double guess = bound - step * std::pow(kWider, i);
    bool isLast =
        !std::isfinite(bound) || i == kGuesses || (known && guess <= *known);
    if (!isLast)
      attempt.least = guess;
    if (llvm::Error error = branch(all, query.limits.size(), attempt))
      return error;
    isProven &= attempt.isProven;
    if (!attempt.found && !isLast)
      continue;
    lastGap = attempt.found ? bound - attempt.score : 0.0;
    attempt.bound = std::min(attempt.isProven ? attempt.bound : bound, bound);
    attempt.isProven = isProven;
    return attempt;
  }
  return Attempt{known};
}

llvm::Expected<std::optional<SharedNetworks>> Curve::best(uint32_t slots) {
  auto attempt = search(slots);
  if (!attempt)
    return attempt.takeError();
  isProven = attempt->isProven;
  if (!attempt->found)
    return std::nullopt;
  SharedNetworks point = joint.split(*attempt->found);
  point.gap = std::max(0.0, attempt->bound - attempt->score);
  return point;
}

/// From networks that differ nowhere on: every point is at least as good as the
/// one before.
llvm::Error Curve::ascend(SharingCurve &curve) {
  uint32_t first = query.differing.value_or(0);
  uint32_t end = query.differing ? first + 1 : alone.differing;
  for (uint32_t slots = first; slots < std::min(end, alone.differing);
       ++slots) {
    auto point = best(slots);
    if (!point)
      return point.takeError();
    curve.isComplete &= isProven || *point;
    if (!*point ||
        (!curve.points.empty() && (*point)->total == curve.points.back().total))
      continue;
    known = scoreOf((*point)->total);
    curve.points.push_back(std::move(**point));
    if (known == scoreOf(alone.total))
      break;
  }
  if (curve.points.empty() || curve.points.back().total != alone.total)
    curve.points.push_back(alone);
  std::reverse(curve.points.begin(), curve.points.end());
  return llvm::Error::success();
}

/// From the best alone on, as long as there is something.
llvm::Error Curve::descend(SharingCurve &curve) {
  curve.points.push_back(alone);
  while (uint32_t slots = curve.points.back().differing) {
    if (query.differing && slots <= *query.differing)
      break;
    auto point = best(query.differing.value_or(slots - 1));
    if (!point)
      return point.takeError();
    curve.isComplete = isProven || *point;
    if (!*point)
      break;
    if ((*point)->total == curve.points.back().total)
      curve.points.pop_back();
    curve.points.push_back(std::move(**point));
  }
  return llvm::Error::success();
}

llvm::Error Curve::find(SharingCurve &curve) {
  if (llvm::Error error = lookForOne())
    return error;
  apart.narrow(kTotal, known, kRounds, kMostEntries);
  return isReached ? ascend(curve) : descend(curve);
}
} // namespace

llvm::Expected<SharingCurve> shareSlots(const Problem &problem,
                                        const SharingQuery &query) {
  if (llvm::Error error = checkQuery(problem, query))
    return error;
  SharingCurve curve;
  auto alone = findAlone(problem, query, curve);
  if (!alone)
    return alone.takeError();
  if (alone->size() < query.limits.size())
    return curve;
  curve.reachable.clear();
  Joint joint(problem, query);
  if (llvm::Error error = joint.build(*alone))
    return error;
  Curve search(problem, query, joint, joint.describe(std::move(*alone)));
  if (llvm::Error error = search.find(curve))
    return error;
  return curve;
}

} // namespace gnomon::search
