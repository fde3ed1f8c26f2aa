// SPDX-License-Identifier: Apache-2.0
// Networks for several devices with slots in common: against all networks.

#include "gnomon/Search/Sharing.h"
#include "Problems.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

SharingCurve share(const Problem &problem, const SharingQuery &query) {
  auto curve = shareSlots(problem, query);
  EXPECT_TRUE(bool(curve)) << llvm::toString(curve.takeError());
  return curve ? std::move(*curve) : SharingCurve();
}

/// What a network is in a slot: its decisions' options, none where it does not
/// matter.
std::vector<int> inSlot(const Problem &problem, llvm::ArrayRef<uint32_t> slot,
                        const Assignment &network) {
  llvm::BitVector active = activeDecisions(problem, network);
  std::vector<int> options;
  for (uint32_t decision : slot)
    options.push_back(active[decision] ? int(network[decision]) : -1);
  return options;
}

uint32_t differing(const Problem &problem, const SharingQuery &query,
                   llvm::ArrayRef<Assignment> networks) {
  return llvm::count_if(query.slots, [&](llvm::ArrayRef<uint32_t> slot) {
    return llvm::any_of(networks, [&](const Assignment &network) {
      return inSlot(problem, slot, network) !=
             inSlot(problem, slot, networks.front());
    });
  });
}

/// All networks and what they cost, within limits.
std::vector<Solution> within(Problem problem,
                             llvm::ArrayRef<Assignment> networks,
                             llvm::ArrayRef<Limit> limits) {
  llvm::append_range(problem.limits, limits);
  std::vector<Solution> result;
  for (const Assignment &network : networks) {
    std::vector<Cost> costs = evaluate(problem, network);
    if (withinLimits(problem, costs))
      result.push_back({network, std::move(costs)});
  }
  return result;
}

class BruteForce {
public:
  BruteForce(const Problem &problem, const SharingQuery &query)
      : problem(problem), query(query) {
    std::vector<Assignment> all = allAssignments(problem);
    for (const auto &limits : query.limits) {
      auto &fitting = networks.emplace_back(within(problem, all, limits));
      if (!query.maxLoss || fitting.empty())
        continue;
      Cost best = scoreOf(*llvm::max_element(
          fitting, [&](const Solution &a, const Solution &b) {
            return scoreOf(a) < scoreOf(b);
          }));
      llvm::erase_if(fitting, [&](const Solution &one) {
        return scoreOf(one) < best - *query.maxLoss;
      });
    }
    combine({}, 0);
  }

  /// By number of slots that may differ, the best sum.
  std::vector<std::optional<Cost>> best;

private:
  Cost scoreOf(const Solution &one) const {
    Cost cost = one.costs[query.objective];
    return problem.metrics[query.objective].sense == Sense::Maximize ? cost
                                                                     : -cost;
  }
  void combine(std::vector<Assignment> chosen, Cost sum) {
    best.resize(query.slots.size() + 1);
    if (chosen.size() < networks.size()) {
      for (const Solution &one : networks[chosen.size()]) {
        chosen.push_back(one.assignment);
        combine(chosen, sum + scoreOf(one));
        chosen.pop_back();
      }
      return;
    }
    for (size_t n = differing(problem, query, chosen); n < best.size(); ++n)
      best[n] = std::max(best[n].value_or(sum), sum);
  }

  const Problem &problem;
  const SharingQuery &query;
  std::vector<std::vector<Solution>> networks;
};

void expectSound(const Problem &problem, const SharingQuery &query,
                 const SharedNetworks &point) {
  Cost total = 0;
  std::vector<Assignment> assignments;
  for (auto [network, limits] : llvm::zip_equal(point.networks, query.limits)) {
    Problem limited = problem;
    llvm::append_range(limited.limits, limits);
    EXPECT_EQ(llvm::toString(verify(limited, network)), "");
    total += network.costs[query.objective];
    assignments.push_back(network.assignment);
  }
  EXPECT_EQ(point.total, total);
  EXPECT_EQ(point.differing, differing(problem, query, assignments));
  EXPECT_LE(point.shared + point.differing, query.slots.size());
  EXPECT_EQ(point.gap, 0);
}

/// Slots of one or two decisions; limits around networks that there are.
SharingQuery queryFor(const Problem &problem, size_t networks, uint64_t seed) {
  std::mt19937_64 random(seed);
  SharingQuery query;
  for (uint32_t d = 0; d < problem.decisions.size(); ++d)
    if (!query.slots.empty() && random() % 3 == 0)
      query.slots.back().push_back(d);
    else if (random() % 4 != 0)
      query.slots.push_back({d});
  std::vector<Assignment> all = allAssignments(problem);
  for (size_t k = 0; k < networks; ++k) {
    auto &limits = query.limits.emplace_back();
    uint32_t metric = random() % problem.metrics.size();
    Cost cost = evaluate(problem, all[random() % all.size()])[metric];
    if (problem.metrics[metric].sense == Sense::Minimize)
      limits.push_back({metric, cost, {}});
    else
      limits.push_back({metric, {}, cost});
  }
  if (random() % 2)
    query.maxLoss = random() % 4;
  return query;
}

TEST(Sharing, EqualsAllNetworksOfSmallProblems) {
  int points = 0, empty = 0, partial = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed);
    size_t size = allAssignments(problem).size();
    if (problem.metrics[0].combine == Combine::Max || size > 100)
      continue;
    SharingQuery query = queryFor(problem, size < 20 ? 3 : 2, seed);
    BruteForce brute(problem, query);
    SharingCurve curve = share(problem, query);
    bool isMore = problem.metrics[0].sense == Sense::Maximize;
    ASSERT_EQ(curve.points.empty(), !brute.best.back());
    EXPECT_EQ(curve.reachable.empty(), !curve.points.empty());
    empty += curve.points.empty();
    EXPECT_TRUE(curve.isComplete);
    std::optional<Cost> expected;
    size_t next = curve.points.size();
    for (uint32_t n = 0; n < brute.best.size(); ++n) {
      if (brute.best[n] == expected)
        continue;
      expected = brute.best[n];
      ASSERT_GT(next, 0u);
      const SharedNetworks &point = curve.points[--next];
      EXPECT_EQ(point.differing, n);
      EXPECT_EQ(point.total, isMore ? *expected : -*expected);
      expectSound(problem, query, point);
      partial += n > 0;
      ++points;
    }
    EXPECT_EQ(next, 0u);
  }
  EXPECT_GT(points, 250);
  EXPECT_GT(partial, 20);
  EXPECT_GT(empty, 20);
}

/// Two devices with the shape of OFA-MobileNetV3; every block is a slot.
SharingQuery blocksOf(const Problem &problem) {
  SharingQuery query;
  query.objective = 1;
  for (uint32_t d = 0; d < problem.decisions.size(); ++d)
    if (problem.decisions[d].options.size() == 9)
      query.slots.push_back({d});
  return query;
}

TEST(Sharing, GivesUpLittleByLittleInTheShapeOfOnceForAll) {
  Problem problem = twoDevices(stagesProblem(1, 4, 2));
  SharingQuery query = blocksOf(problem);
  query.limits = {{{0, 6000000, {}}}, {{2, 4000000, {}}}};
  SharingCurve curve = share(problem, query);
  ASSERT_GE(curve.points.size(), 2u);
  EXPECT_EQ(curve.points.back().differing, 0u);
  for (auto [before, after] :
       llvm::zip(curve.points, llvm::drop_begin(curve.points))) {
    EXPECT_GT(before.differing, after.differing);
    EXPECT_GT(before.total, after.total);
    expectSound(problem, query, after);
  }
  SharingCurve again = share(problem, query);
  ASSERT_EQ(again.points.size(), curve.points.size());
  for (auto [a, b] : llvm::zip(again.points, curve.points))
    for (auto [one, other] : llvm::zip(a.networks, b.networks))
      EXPECT_EQ(one.assignment, other.assignment);

  // One point of it.
  query.differing = 2;
  SharingCurve one = share(problem, query);
  auto same = llvm::find_if(curve.points, [](const SharedNetworks &point) {
    return point.differing <= 2;
  });
  EXPECT_EQ(one.points.back().total, same->total);
  query.differing.reset();

  // What each may give up bounds what is shared.
  Cost alone = curve.points.front().total;
  query.maxLoss = (alone - curve.points.back().total) / 4;
  SharingCurve little = share(problem, query);
  ASSERT_FALSE(little.points.empty());
  EXPECT_EQ(little.points.front().total, alone);
  for (size_t k = 0; k < 2; ++k)
    EXPECT_GE(little.points.back().networks[k].costs[1],
              curve.points.front().networks[k].costs[1] - *query.maxLoss);
}

TEST(Sharing, SharesAllAtNoLossWhereDevicesAreTheSame) {
  Problem problem = stagesProblem(2, 3, 2);
  SharingQuery query = blocksOf(problem);
  query.limits.assign(3, {{0, 6000000, {}}});
  SharingCurve curve = share(problem, query);
  ASSERT_EQ(curve.points.size(), 1u);
  EXPECT_EQ(curve.points[0].differing, 0u);
  EXPECT_EQ(curve.points[0].networks[0].assignment,
            curve.points[0].networks[2].assignment);
  query.limits.resize(1);
  curve = share(problem, query);
  ASSERT_EQ(curve.points.size(), 1u);
  EXPECT_EQ(curve.points[0].differing, 0u);
}

TEST(Sharing, SaysWhichLimitsNothingKeeps) {
  Problem problem = stagesProblem(2, 3, 2);
  SharingQuery query = blocksOf(problem);
  query.limits = {{{0, 6000000, {}}}, {{0, 1, {}}}};
  SharingCurve curve = share(problem, query);
  EXPECT_TRUE(curve.points.empty());
  ASSERT_EQ(curve.reachable.size(), 2u);
  EXPECT_TRUE(curve.reachable[0].empty());
  ASSERT_EQ(curve.reachable[1].size(), 1u);
  EXPECT_GT(curve.reachable[1][0].alone.costs[0], 1);
}

TEST(Sharing, Refuses) {
  Problem problem = stagesProblem(2, 3, 2);
  auto refusal = [&](const SharingQuery &query) {
    auto curve = shareSlots(problem, query);
    return curve ? std::string() : llvm::toString(curve.takeError());
  };
  SharingQuery query = blocksOf(problem);
  EXPECT_NE(refusal(query).find("expected limits"), std::string::npos);
  query.limits = {{}};
  query.slots = {{1, 1}};
  EXPECT_NE(refusal(query).find("twice"), std::string::npos);
  query.slots = {{}};
  EXPECT_NE(refusal(query).find("expected a decision"), std::string::npos);
  query.slots = {{1}};
  problem.metrics[1].combine = Combine::Max;
  EXPECT_NE(refusal(query).find("is a sum"), std::string::npos);
}

} // namespace
