// SPDX-License-Identifier: Apache-2.0
// One-Proxy: when the gate opens, what it spends, and what is found.

#include "Problems.h"

#include "gnomon/Search/Algorithms.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {
constexpr uint32_t kProxy = 0, kAccuracy = 1, kTarget = 2;

/// A target whose entries are the proxy's times a factor of this spread that
/// depends on the entry; half of the points of its front are over the budget.
Problem withTarget(double spread) {
  Problem problem = twoDevices(stagesProblem(1, 5));
  uint32_t salt = 1;
  for (Term &term : problem.terms)
    for (size_t at = 0; at < term.costs.size(); at += 3) {
      salt = salt * 1664525 + 1013904223;
      const double factor = 1 + spread * (double(salt >> 16) / 65536 - 0.5);
      term.costs[at + kTarget] = Cost(double(term.costs[at]) * 3 * factor);
    }
  FrontOptions options;
  options.metrics = {kTarget, kAccuracy};
  Front front = llvm::cantFail(paretoFront(problem, options));
  const Cost budget = front.points[front.points.size() / 2].costs[kTarget];
  problem.limits = {{kTarget, budget, std::nullopt}};
  return problem;
}

SearchResult findByProxy(const Problem &problem, SearchOptions options = {}) {
  options.oneProxy.proxy = kProxy;
  return llvm::cantFail(searchOneProxy(problem, {kAccuracy, nullptr}, options));
}

TEST(OneProxy, SpendsItsProbeWhereRankIsKept) {
  Problem problem = withTarget(0.2);
  SearchResult found = findByProxy(problem);
  ASSERT_TRUE(found.best && found.proxy && found.gap);
  EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
  EXPECT_TRUE(found.proxy->opened);
  EXPECT_FALSE(found.proxy->adapted);
  EXPECT_EQ(found.proxy->samples, 25u);
  EXPECT_GE(found.proxy->raw, 0.9);
  // The probe, a bisection and the surroundings of the limit.
  EXPECT_LE(found.proxy->measured, 25u + 40 + 16);
  EXPECT_EQ(found.drawn, found.proxy->measured);
  // A point of accuracy is 1e7 ticks.
  EXPECT_LT(*found.gap, 0.5e7);
}

TEST(OneProxy, TheThresholdItselfOpens) {
  Problem problem = withTarget(1.5);
  SearchOptions options;
  options.oneProxy.threshold = findByProxy(problem).proxy->raw;
  ASSERT_LT(options.oneProxy.threshold, 0.9);
  SearchResult open = findByProxy(problem, options);
  EXPECT_TRUE(open.proxy->opened);
  EXPECT_FALSE(open.proxy->adapted);
  options.oneProxy.threshold = std::nextafter(options.oneProxy.threshold, 1.0);
  EXPECT_TRUE(findByProxy(problem, options).proxy->adapted);
}

TEST(OneProxy, AdaptsWhereRankIsLost) {
  Problem problem = withTarget(1.9);
  SearchResult found = findByProxy(problem);
  ASSERT_TRUE(found.best && found.proxy);
  EXPECT_LT(found.proxy->raw, 0.9);
  EXPECT_TRUE(found.proxy->adapted);
  EXPECT_GE(found.proxy->samples, 25u);
  EXPECT_LE(found.proxy->samples, 100u);
  SearchOptions deaf;
  deaf.oneProxy.threshold = 1e-3; // the proxy as it is
  EXPECT_LT(*found.gap, *findByProxy(problem, deaf).gap);
}

TEST(OneProxy, KeepsItsBudgetWhereNothingHelps) {
  Problem problem = withTarget(1.9);
  SearchOptions options;
  options.oneProxy.threshold = 1;
  options.oneProxy.budget = 50;
  SearchResult found = findByProxy(problem, options);
  ASSERT_TRUE(found.best && found.proxy);
  EXPECT_FALSE(found.proxy->opened);
  EXPECT_EQ(found.proxy->samples, 45u);
}

TEST(OneProxy, LooksOnlyAtWhatItMeasures) {
  Problem problem = withTarget(1.9);
  SearchOptions options;
  options.evaluations = 30;
  SearchResult found = findByProxy(problem, options);
  ASSERT_TRUE(found.proxy);
  EXPECT_LE(found.proxy->measured, 30u);
  EXPECT_LE(found.evaluations, 30u);
}

TEST(OneProxy, RepeatsWithTheSameSeed) {
  Problem problem = withTarget(1.5);
  SearchResult first = findByProxy(problem), second = findByProxy(problem);
  ASSERT_TRUE(first.best && second.best);
  EXPECT_EQ(first.best->assignment, second.best->assignment);
  EXPECT_EQ(first.proxy->tested, second.proxy->tested);
}

TEST(OneProxy, SaysWhatIsReachable) {
  Problem problem = withTarget(0.2);
  problem.limits[0].atMost = 1000;
  SearchResult found = findByProxy(problem);
  EXPECT_FALSE(found.best || found.proxy);
  EXPECT_EQ(found.reachable.size(), 1u);
}

TEST(OneProxy, HandlesRandomProblems) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Problem problem = randomProblem(seed);
    SearchOptions options;
    options.oneProxy.proxy = 1;
    options.oneProxy.probe = 3;
    llvm::Expected<SearchResult> found =
        searchOneProxy(problem, {0, nullptr}, options);
    if (!found) {
      llvm::consumeError(found.takeError()); // no limit, a metric not summed
      continue;
    }
    if (found->best)
      EXPECT_EQ(llvm::toString(verify(problem, *found->best)), "");
  }
}

TEST(OneProxy, RefusesWhatHasNoProxy) {
  Problem problem = withTarget(0.2);
  auto refusal = [&](const SearchOptions &options) {
    return llvm::toString(
        searchOneProxy(problem, {kAccuracy, nullptr}, options).takeError());
  };
  SearchOptions options;
  EXPECT_EQ(refusal(options),
            "one-proxy search of 'stages': expected a metric that is a proxy "
            "for the limited one");
  options.oneProxy.proxy = kProxy;
  options.oneProxy.probe = 2;
  EXPECT_EQ(refusal(options),
            "one-proxy search of 'stages': expected a threshold above 0 and at "
            "most 1, a step, and 3 <= probe <= budget <= 1000");
  options.oneProxy.probe = 25;
  problem.limits.clear();
  EXPECT_EQ(refusal(options),
            "one-proxy search of 'stages': expected a limit of the metric that "
            "is measured");
}
} // namespace
