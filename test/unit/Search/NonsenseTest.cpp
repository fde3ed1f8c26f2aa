// SPDX-License-Identifier: Apache-2.0
// Every algorithm of the registry with judges and options that make no sense.

#include "Contracts.h"
#include "Judges.h"
#include "Problems.h"

#include <cmath>
#include <limits>

using namespace gnomon::search;
using namespace gnomon::search::test;

namespace {
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Answers nonsense about the share of networks that it is told, and fewer
/// numbers than it is asked for where that is wanted.
class Broken : public Deviating {
public:
  Broken(const Problem &problem, double nonsense, double share, bool isShort)
      : Deviating(problem, kAccuracy, 1e9, 1e-3), nonsense(nonsense),
        share(share), isShort(isShort) {}

  bool isBroken(const Assignment &network) const {
    return shareOf(network) < share;
  }
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> batch) override {
    std::vector<double> scores = Deviating::evaluate(batch);
    for (size_t i = 0; i < batch.size(); ++i)
      if (isBroken(batch[i]))
        scores[i] = nonsense;
    scores.resize(isShort ? scores.size() / 2 : scores.size());
    return scores;
  }

private:
  const double nonsense, share;
  const bool isShort;
};

TEST(EveryAlgorithm, TakesNonsenseForTheWorst) {
  Problem problem = withBudget(stagesProblem(1, 5), 0.3);
  Problem free = twoDevices(stagesProblem(1, 3, 2));
  for (const Problem &each : {problem, free})
    for (double nonsense : {kNothing, kInfinity, -kInfinity})
      for (double share : {0.5, 1.0})
        for (bool isShort : {false, true})
          for (const Algorithm &algorithm : algorithms()) {
            SCOPED_TRACE(llvm::formatv("{0}: {1} of {2}, short {3}",
                                       algorithm.name, nonsense, share, isShort)
                             .str());
            Broken judge(each, nonsense, share, isShort);
            SearchOptions options = usualOptions(each);
            options.evaluations = 300;
            auto result = run(algorithm, each, {kAccuracy, &judge}, options);
            EXPECT_LE(judge.asked, 300u);
            if (!result || !result->best)
              continue;
            EXPECT_FALSE(judge.isBroken(result->best->assignment));
            EXPECT_TRUE(std::isfinite(result->score));
          }
}

/// Judges well, but what it says between networks is no number.
class Slopeless : public DifferentiableEvaluator {
public:
  Slopeless(const Problem &problem, double nonsense)
      : judge(problem, kAccuracy, 1e9, 1e-3), nonsense(nonsense) {}
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> batch) override {
    return judge.evaluate(batch);
  }
  double atShares(const OptionValues &, double,
                  OptionValues &gradient) override {
    for (std::vector<double> &row : gradient)
      std::fill(row.begin(), row.end(), nonsense);
    return nonsense;
  }

private:
  Deviating judge;
  const double nonsense;
};

TEST(EveryAlgorithm, AnswersWhereDerivativesAreNonsense) {
  Problem problem = withBudget(stagesProblem(1, 5), 0.3);
  for (double nonsense : {kNothing, kInfinity, -kInfinity})
    for (const Algorithm &algorithm : algorithms()) {
      SCOPED_TRACE(llvm::formatv("{0}, {1}", algorithm.name, nonsense).str());
      Slopeless judge(problem, nonsense);
      SearchOptions options = usualOptions(problem);
      options.evaluations = 300;
      auto result = run(algorithm, problem, {kAccuracy, &judge}, options);
      if (result && !mayMiss(algorithm.name, options))
        EXPECT_TRUE(result->best);
    }
}

TEST(EveryAlgorithm, RefusesOptionsThatMeanNothing) {
  Problem problem = withBudget(stagesProblem(1, 3, 2), 0.5);
  Deviating judge(problem, kAccuracy, 1e9, 1e-3);
  auto expectRefused = [&](llvm::StringRef name, auto value, auto nonsense) {
    SCOPED_TRACE(llvm::formatv("{0}, {1}", name, nonsense).str());
    SearchOptions options = usualOptions(problem);
    value(options) = nonsense;
    auto result =
        findAlgorithm(name)->run(problem, {kAccuracy, &judge}, options);
    EXPECT_NE((result ? "answered" : llvm::toString(result.takeError()))
                  .find("expected"),
              std::string::npos);
  };
  using O = SearchOptions;
  for (double nonsense : {kNothing, kInfinity, -1.0}) {
    auto refuses = [&](llvm::StringRef name, auto value) {
      expectRefused(name, value, nonsense);
    };
    refuses("evolution", [](O &o) -> auto & { return o.evolution.parents; });
    refuses("evolution", [](O &o) -> auto & { return o.evolution.mutated; });
    refuses("two-stage",
            [](O &o) -> auto & { return o.twoStage.stage.parents; });
    refuses("two-stage", [](O &o) -> auto & { return o.twoStage.earlier; });
    refuses("netadapt",
            [](O &o) -> auto & { return o.netAdapt.firstReduction; });
    refuses("netadapt-v2", [](O &o) -> auto & { return o.netAdapt.decay; });
    refuses("fp-nas", [](O &o) -> auto & { return o.fpNas.perNat; });
    refuses("fp-nas", [](O &o) -> auto & { return o.fpNas.beta; });
    refuses("fp-nas", [](O &o) -> auto & { return o.fpNas.rate; });
    refuses("fp-nas", [](O &o) -> auto & { return o.fpNas.converged; });
    refuses("flash", [](O &o) -> auto & { return o.flash.coarse; });
    refuses("gradient", [](O &o) -> auto & { return o.gradient.rate; });
    refuses("gradient", [](O &o) -> auto & { return o.gradient.temperature; });
    refuses("la-dnas", [](O &o) -> auto & { return o.laDnas.descent.rate; });
    refuses("la-dnas", [](O &o) -> auto & { return o.laDnas.descent.decay; });
    refuses("one-proxy", [](O &o) -> auto & { return o.oneProxy.threshold; });
    refuses("candidates", [](O &o) -> auto & { return o.candidates.error; });
    refuses("candidates",
            [](O &o) -> auto & { return o.candidates.ticksPerUnit; });
  }
  expectRefused(
      "evolution", [](O &o) -> auto & { return o.evolution.tries; }, 0u);
  expectRefused(
      "netadapt", [](O &o) -> auto & { return o.netAdapt.iterations; }, 0u);
  expectRefused("flash", [](O &o) -> auto & { return o.flash.samples; }, 0u);
  expectRefused(
      "gradient", [](O &o) -> auto & { return o.gradient.steps; }, 0u);
  expectRefused("la-dnas", [](O &o) -> auto & { return o.laDnas.draws; }, 1u);
  expectRefused(
      "one-proxy", [](O &o) -> auto & { return o.oneProxy.step; }, 0u);
}

} // namespace
