// SPDX-License-Identifier: Apache-2.0
// NetAdapt: Yang, Howard, Chen, Zhang, Go, Sandler, Sze, Adam, "NetAdapt:
// Platform-Aware Neural Network Adaptation for Mobile Applications", ECCV 2018,
// and NetAdaptV2: Yang, Liao, Sze, "NetAdaptV2: Efficient Neural Architecture
// Search with Fast Super-Network Training and Architecture Optimization", CVPR
// 2021.
//
// From the most expensive network the limited metric goes down by a schedule:
// by 0.025 of the start at first, by 0.96 of that in the next iteration, and so
// on. In the first form every decision alone is moved to the most expensive
// option that meets the iteration's target, and of these networks the one with
// the least (loss + 1e-6) / (saving + 1e-5) is the next. In the second, an
// iteration draws networks that move several random decisions each, by random
// shares, so that together they meet the target.
//
// Ours: the state is an assignment, a layer is a decision, and nothing is
// trained; the second form begins with 0.05, as joint moves are not capped by
// what one decision can save, and small reductions leave them nothing to move
// jointly; it draws what its share of the evaluations allows,
// moves 10 decisions, and chooses as the first; a schedule that would end above
// the limit takes off more each time; an iteration that no single decision can
// meet goes on with the next decision; several limits have a schedule each;
// where evaluations run out, one last iteration of joint moves goes all the
// way.

#include "Scorer.h"
#include "Shrinking.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace gnomon::search {

std::vector<Cost> reductionSchedule(Cost start, Cost bound,
                                    const NetAdaptOptions &options) {
  std::vector<Cost> targets;
  if (start <= bound)
    return targets;
  const double decay = options.decay, n = options.iterations;
  double steps = decay == 1 ? n : (1 - std::pow(decay, n)) / (1 - decay);
  double reduction = std::max(options.firstReduction * std::abs(double(start)),
                              (double(start) - double(bound)) / steps);
  double target = double(start);
  while (targets.size() + 1 < options.iterations) {
    target -= reduction;
    if (std::llround(target) <= bound)
      break;
    targets.push_back(std::llround(target));
    reduction *= decay;
  }
  targets.push_back(bound);
  return targets;
}

namespace {
class NetAdapt {
public:
  NetAdapt(const Problem &problem, const SearchOptions &options, bool isJoint,
           Compiled &compiled, Scorer &scorer, std::optional<Assignment> anchor)
      : problem(problem), options(options.netAdapt), isJoint(isJoint),
        compiled(compiled), scorer(scorer), anchor(std::move(anchor)),
        random(options.seed), shrinking(problem, compiled) {}

  void run();
  uint64_t drawn() const { return numDrawn; }

private:
  void start();
  void setTargets(size_t iteration);
  std::vector<Assignment> single();
  std::vector<Assignment> joint(uint64_t count, uint32_t decisions);
  /// Networks that an iteration of joint moves draws.
  uint64_t samples() const;
  /// Scores networks and takes the next state; false: there is none.
  bool advance(const std::vector<Assignment> &networks);
  /// What is lost for what is saved.
  double price(const Assignment &network, double networkScore) const;
  bool finish();
  bool meet();

  const Problem &problem;
  const NetAdaptOptions &options;
  const bool isJoint;
  Compiled &compiled;
  Scorer &scorer;
  const std::optional<Assignment> anchor;
  Random random;
  Shrinking shrinking;
  std::vector<std::vector<Cost>> schedules;
  Assignment state;
  double score = 0;
  uint64_t left = 0; ///< iterations
  uint64_t numDrawn = 0;
};
} // namespace

void NetAdapt::start() {
  // Without limits the start is the answer.
  state = problem.limits.empty()
              ? extreme(problem, compiled, 0, /*most=*/true)
              : extreme(problem, compiled, problem.limits[0].metric,
                        problem.limits[0].atMost.has_value());
  NetAdaptOptions schedule = options;
  if (isJoint)
    schedule.firstReduction = options.jointReduction;
  for (size_t i = 0; i < shrinking.bounds(); ++i) {
    Cost used = shrinking.used(i, state);
    shrinking.setScale(i, std::max(std::abs(double(used)), 1.0));
    schedules.push_back(reductionSchedule(used, shrinking.bound(i), schedule));
  }
}

void NetAdapt::setTargets(size_t iteration) {
  for (auto [i, schedule] : llvm::enumerate(schedules))
    shrinking.setTarget(i, iteration < schedule.size() ? schedule[iteration]
                                                       : shrinking.bound(i));
}

/// Every decision alone: those that meet the target, or, if none does, those
/// that come nearer.
std::vector<Assignment> NetAdapt::single() {
  std::vector<Assignment> meeting, nearer;
  double now = shrinking.excess(state);
  for (uint32_t i = 0; i < state.size(); ++i) {
    Assignment network = state;
    ++numDrawn;
    if (shrinking.shrink(network, i, now))
      (shrinking.excess(network) == 0 ? meeting : nearer)
          .push_back(std::move(network));
  }
  return meeting.empty() ? nearer : meeting;
}

std::vector<Assignment> NetAdapt::joint(uint64_t count, uint32_t decisions) {
  std::vector<Assignment> networks;
  for (uint64_t i = 0; i < count; ++i) {
    Assignment network = state;
    ++numDrawn;
    shrinking.shrinkJointly(network, decisions, random,
                            anchor ? &*anchor : nullptr);
    if (shrinking.excess(network) == 0)
      networks.push_back(std::move(network));
  }
  return networks;
}

uint64_t NetAdapt::samples() const {
  constexpr uint64_t most = 10000;
  uint64_t share = options.samples;
  if (share == 0)
    share = (scorer.remaining() - 1) / std::max<uint64_t>(left, 1);
  return std::clamp<uint64_t>(share, 1, most);
}

double NetAdapt::price(const Assignment &network, double networkScore) const {
  double saving = shrinking.size(state) - shrinking.size(network);
  return (score - networkScore + 1e-6) / (saving + 1e-5);
}

bool NetAdapt::advance(const std::vector<Assignment> &networks) {
  std::vector<double> scores = scorer.score(networks);
  std::optional<size_t> best;
  double least = 0;
  for (size_t i = 0; i < networks.size(); ++i) {
    if (!std::isfinite(scores[i]))
      continue;
    double value = price(networks[i], scores[i]);
    if (best && value >= least)
      continue;
    best = i;
    least = value;
  }
  if (!best)
    return false;
  state = networks[*best];
  score = scores[*best];
  return true;
}

/// The rest of the way at once.
bool NetAdapt::finish() {
  setTargets(options.iterations);
  advance(joint(std::min(scorer.remaining(), samples()), state.size()));
  return false;
}

/// Goes down to the targets; false: the search is over.
bool NetAdapt::meet() {
  while (shrinking.excess(state) > 0) {
    std::vector<Assignment> networks =
        isJoint ? joint(samples(), options.decisions) : single();
    if (networks.empty())
      networks = joint(1, state.size());
    if (networks.size() >= scorer.remaining())
      return finish();
    if (networks.empty() || !advance(networks))
      return false;
  }
  return true;
}

void NetAdapt::run() {
  start();
  if (scorer.remaining() < 2 && shrinking.excess(state) > 0) {
    finish();
    return;
  }
  if (!advance({state}))
    return;
  size_t iterations = 0;
  for (const std::vector<Cost> &schedule : schedules)
    iterations = std::max(iterations, schedule.size());
  for (size_t i = 0; i < iterations && !scorer.isDone(); ++i) {
    setTargets(i);
    left = iterations - i;
    if (!meet())
      return;
  }
}

namespace {
llvm::Error checkOptions(const NetAdaptOptions &options) {
  auto isShare = [](double value) { return value > 0 && value <= 1; };
  bool sound = isShare(options.firstReduction) &&
               isShare(options.jointReduction) && isShare(options.decay) &&
               options.iterations > 0 && options.iterations <= 1000000 &&
               options.decisions > 0;
  if (sound)
    return llvm::Error::success();
  return llvm::createStringError(
      "netadapt: expected a first reduction and a decay above 0 and at most 1, "
      "from 1 to 1,000,000 iterations, and at least one decision");
}

llvm::Expected<SearchResult> search(const Problem &problem,
                                    const Objective &objective,
                                    const SearchOptions &options,
                                    llvm::StringRef name, bool isJoint) {
  if (llvm::Error error = checkOptions(options.netAdapt))
    return error;
  auto run = [&](Compiled &compiled, Scorer &scorer,
                 std::optional<Assignment> anchor) {
    NetAdapt descent(problem, options, isJoint, compiled, scorer,
                     std::move(anchor));
    descent.run();
    return descent.drawn();
  };
  return searchFromAnchor(name, problem, objective, options, run);
}
} // namespace

llvm::Expected<SearchResult> searchNetAdapt(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options) {
  return search(problem, objective, options, "netadapt", false);
}

llvm::Expected<SearchResult> searchNetAdaptV2(const Problem &problem,
                                              const Objective &objective,
                                              const SearchOptions &options) {
  return search(problem, objective, options, "netadapt-v2", true);
}

} // namespace gnomon::search
