// SPDX-License-Identifier: Apache-2.0
// Judges between networks: activity by shares, and latency-aware DNAS with
// derivatives, with estimates of them, and with a learned latency.

#include "Problems.h"
#include "gnomon/Search/Activity.h"
#include "gnomon/Search/Algorithms.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {

OptionValues randomShares(const Problem &problem, uint64_t seed) {
  std::mt19937_64 random(seed);
  OptionValues logits;
  for (const Decision &decision : problem.decisions)
    for (auto &row = logits.emplace_back();
         row.size() < decision.options.size();)
      row.push_back(double(random() % 4000) / 1000 - 2);
  return softmax(logits, 1);
}

OptionValues oneHot(const Problem &problem, const Assignment &network) {
  OptionValues shares;
  for (uint32_t i = 0; i < network.size(); ++i)
    shares.emplace_back(problem.decisions[i].options.size(), 0)[network[i]] = 1;
  return shares;
}

/// 1 - exp(-x) with x the share of their span that a metric's terms reach: not
/// additive, and its derivatives are known.
class Saturating : public DifferentiableEvaluator {
public:
  Saturating(const Problem &problem, uint32_t metric)
      : problem(problem), metric(metric), mean(problem, metric),
        sign(problem.metrics[metric].sense == Sense::Maximize ? 1 : -1) {
    for (const Term &term : problem.terms) {
      Cost low = term.costs[metric];
      for (size_t i = metric; i < term.costs.size();
           i += problem.metrics.size())
        low = std::min(low, term.costs[i]);
      least += double(low);
    }
  }

  double of(double sum) const {
    return 1 - std::exp(-sign * (sum - least) / mean.span());
  }
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> networks) override {
    std::vector<double> scores;
    for (const Assignment &network : networks)
      scores.push_back(
          of(double(gnomon::search::evaluate(problem, network)[metric])));
    asked += networks.size();
    return scores;
  }
  double atShares(const OptionValues &shares, double weight,
                  OptionValues &gradient) override {
    OptionValues unused = gradient;
    double sum = mean(shares, 0, unused);
    double slope = sign * (1 - of(sum)) / mean.span();
    mean(shares, weight * slope, gradient);
    return of(sum);
  }
  uint64_t asked = 0;

private:
  const Problem &problem;
  uint32_t metric;
  Expectation mean;
  int sign;
  double least = 0;
};

/// The same without derivatives.
class Closed : public Evaluator {
public:
  explicit Closed(Evaluator &judge) : judge(judge) {}
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> networks) override {
    return judge.evaluate(networks);
  }

private:
  Evaluator &judge;
};

TEST(Activity, IsThatOfNetworksWhereSharesAreWhole) {
  for (int seed = 0; seed < 60; ++seed) {
    Problem problem = randomProblem(seed);
    Activity activity(problem);
    for (const Assignment &network : allAssignments(problem)) {
      std::vector<double> shares = activity(oneHot(problem, network));
      llvm::BitVector active = activeDecisions(problem, network);
      for (uint32_t i = 0; i < network.size(); ++i)
        ASSERT_EQ(shares[i], active[i] ? 1 : 0) << seed;
    }
  }
}

TEST(Activity, DerivativesEqualFiniteDifferences) {
  constexpr double step = 1e-6;
  for (const Problem &problem : {stagesProblem(1, 4, 2), randomProblem(3),
                                 randomProblem(8), randomProblem(11)}) {
    Activity activity(problem);
    OptionValues shares = randomShares(problem, 5);
    auto value = [&](const OptionValues &at) {
      double sum = 0;
      for (auto [i, active] : llvm::enumerate(activity(at)))
        sum += double(i + 1) * active;
      return sum;
    };
    std::vector<double> slopes;
    for (uint32_t i = 0; i < shares.size(); ++i)
      slopes.push_back(i + 1);
    OptionValues gradient = shares;
    for (std::vector<double> &row : gradient)
      std::fill(row.begin(), row.end(), 0);
    activity.derive(shares, activity(shares), slopes, gradient);
    for (size_t i = 0; i < shares.size(); ++i)
      for (size_t o = 0; o < shares[i].size(); ++o) {
        OptionValues up = shares, down = shares;
        up[i][o] += step;
        down[i][o] -= step;
        EXPECT_NEAR(gradient[i][o], (value(up) - value(down)) / (2 * step),
                    1e-4)
            << problem.name << " " << i << " " << o;
      }
  }
}

/// Problems of OFA-MobileNetV3's shape at budgets that divide their front.
std::vector<Problem> limitedProblems() {
  std::vector<Problem> result;
  Problem problem = stagesProblem(1);
  Front front = llvm::cantFail(paretoFront(problem));
  Cost low = front.points.front().costs[0], high = front.points.back().costs[0];
  for (int i = 2; i < 10; i += 3) {
    problem.limits = {{0, low + (high - low) * i / 10, std::nullopt}};
    result.push_back(problem);
  }
  return result;
}

SearchResult find(const Problem &problem, const Objective &objective,
                  const SearchOptions &options = {}) {
  SearchResult found =
      llvm::cantFail(searchLaDnas(problem, objective, options));
  EXPECT_TRUE(found.best);
  if (found.best)
    EXPECT_EQ(llvm::toString(verify(problem, *found.best)), "");
  return found;
}

/// How far the best possible score is above one, in accuracy.
double behind(const Problem &problem, const SearchResult &found) {
  SearchResult exact = llvm::cantFail(searchExact(problem, {1}, {}));
  return double(exact.best->costs[1] - found.best->costs[1]) * 1e-9;
}

TEST(LaDnas, ComesNearTheOptimumThroughDerivatives) {
  for (const Problem &problem : limitedProblems())
    for (bool gumbel : {true, false}) {
      Saturating judge(problem, 1);
      SearchOptions options;
      options.laDnas.gumbel = gumbel;
      SearchResult found = find(problem, {std::nullopt, &judge}, options);
      EXPECT_LE(behind(problem, found), 0.007) << gumbel;
      EXPECT_EQ(judge.asked, found.evaluations);
      EXPECT_LE(behind(problem, find(problem, {1}, options)), 0.007);
    }
}

TEST(LaDnas, ClimbsByEstimatesWithoutDerivatives) {
  for (const Problem &problem : limitedProblems()) {
    Saturating judge(problem, 1);
    Closed closed(judge);
    SearchOptions options;
    options.evaluations = 60000;
    SearchResult found = find(problem, {std::nullopt, &closed}, options);
    SearchResult drawn =
        llvm::cantFail(searchRandom(problem, {std::nullopt, &judge}, options));
    EXPECT_LE(found.evaluations, 60000u);
    EXPECT_GT(found.score, drawn.score);
  }
}

TEST(LaDnas, FollowsALearnedLatency) {
  // Derivatives of another function of the same latencies: other steps, the
  // limits kept all the same.
  for (const Problem &problem : limitedProblems()) {
    class Scaled : public Saturating {
    public:
      using Saturating::Saturating;
      double atShares(const OptionValues &shares, double weight,
                      OptionValues &gradient) override {
        return 1e7 * Saturating::atShares(shares, 1e7 * weight, gradient);
      }
    } latency(problem, 0);
    SearchOptions options;
    options.laDnas.learned = &latency;
    EXPECT_LE(behind(problem, find(problem, {1}, options)), 0.008);
  }
}

/// Lambdas that a search tried, ascending, and what they lead to.
std::vector<std::pair<double, Cost>>
sweepOf(const Problem &problem, Evaluator &judge, SearchOptions options) {
  std::vector<std::pair<double, Cost>> sweep;
  options.laDnas.descent.found = [&](double lambda, const Assignment &network) {
    sweep.push_back({lambda, evaluate(problem, network)[0]});
  };
  find(problem, {std::nullopt, &judge}, options);
  std::sort(sweep.begin(), sweep.end());
  return sweep;
}

TEST(LaDnas, LatencyFallsAsItWeighsMore) {
  // With noise, without, and by estimates from draws.
  for (const Problem &problem : limitedProblems())
    for (int kind = 0; kind < 3; ++kind) {
      Saturating judge(problem, 1);
      Closed closed(judge);
      SearchOptions options;
      options.laDnas.gumbel = kind == 0;
      options.evaluations = kind == 2 ? 20000 : options.evaluations;
      auto sweep =
          sweepOf(problem, kind == 2 ? static_cast<Evaluator &>(closed) : judge,
                  options);
      ASSERT_GT(sweep.size(), 6u);
      for (size_t i = 1; i < sweep.size(); ++i)
        EXPECT_LE(sweep[i].second, sweep[i - 1].second)
            << kind << " " << sweep[i].first;
      EXPECT_LT(sweep.back().second, sweep.front().second);
    }
}

TEST(LaDnas, RepeatsWithTheSameSeed) {
  Problem problem = limitedProblems()[1];
  for (bool closes : {false, true}) {
    Saturating judge(problem, 1);
    Closed closed(judge);
    Evaluator *evaluator = closes ? static_cast<Evaluator *>(&closed) : &judge;
    SearchOptions options;
    options.seed = 7;
    options.evaluations = 20000;
    options.laDnas.rounds = 2;
    SearchResult first = find(problem, {1, evaluator}, options);
    SearchResult second = find(problem, {1, evaluator}, options);
    EXPECT_EQ(first.best->assignment, second.best->assignment);
    EXPECT_EQ(first.evaluations, second.evaluations);
    EXPECT_EQ(first.drawn, second.drawn);
  }
}

TEST(LaDnas, RefusesWhatItCannotUse) {
  auto message = [](const Problem &problem, const Objective &objective,
                    const SearchOptions &options) {
    auto found = searchLaDnas(problem, objective, options);
    return found ? "none" : llvm::toString(found.takeError());
  };
  Problem problem = stagesProblem(1, 2);
  Saturating judge(problem, 1);
  SearchOptions options;
  options.laDnas.draws = 1;
  EXPECT_NE(message(problem, {1}, options).find("draws a step"),
            std::string::npos);
  options.laDnas = {};
  options.laDnas.descent.steps = 0;
  EXPECT_NE(message(problem, {1}, options).find("at least one step"),
            std::string::npos);
  options.laDnas = {};
  options.laDnas.learned = &judge;
  options.laDnas.learnedMetric = 7;
  EXPECT_NE(message(problem, {1}, options).find("found 7"), std::string::npos);
  EXPECT_NE(message(problem, {}, {}).find("expected a metric"),
            std::string::npos);
}

} // namespace
