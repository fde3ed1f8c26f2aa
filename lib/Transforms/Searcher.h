// SPDX-License-Identifier: Apache-2.0
// Fronts and answers to budgets, once the problem and its objective are there.

#ifndef GNOMON_LIB_TRANSFORMS_SEARCHER_H
#define GNOMON_LIB_TRANSFORMS_SEARCHER_H

#include "LearnedLatency.h"
#include "gnomon/Transforms/ArchitectureSearch.h"

namespace gnomon {

/// Names of the metrics by which a weighted sum of devices counts.
constexpr llvm::StringLiteral kWeightedLatency = "weighted_us";
constexpr llvm::StringLiteral kWeightedBound = "weighted_high_us";

/// A latency of so many nanoseconds with its interval.
Latency latencyOf(search::Cost ns, const CostSetup &setup);

/// The greatest latency in ns whose bound keeps the budget.
search::Cost mostWithin(double budgetUs, const CostSetup &setup);

/// Holds what the problem says of a network against its annotation: the problem
/// was put together from networks of the space, of which this need not be one.
llvm::LogicalResult verifyLatencies(mlir::ModuleOp module,
                                    llvm::ArrayRef<const CostSetup *> setups,
                                    const SpaceProblem &space,
                                    const FoundArchitecture &found);

/// Fills a front whose problem and objective are there.
class Searcher {
public:
  Searcher(mlir::ModuleOp module, llvm::ArrayRef<const CostSetup *> setups,
           const ArchitectureQuery &query, search::Evaluator *evaluator,
           LearnedLatency *learned, ArchitectureFront &front)
      : module(module), setups(setups), query(query), evaluator(evaluator),
        learned(learned), front(front) {}

  /// The exact front of latencies and the objective's metric.
  llvm::LogicalResult findFront();
  /// Answers a budget; 0: no limit.
  llvm::FailureOr<BudgetAnswer> answer(double budgetUs);
  /// Whether some network keeps the query's limits; if not, the front says how
  /// far they can be met.
  llvm::FailureOr<bool> meetsLimits();
  /// Says what every decision of an answer is worth.
  llvm::LogicalResult explain(BudgetAnswer &answer);
  /// Makes the front of what was found under the budgets, or without.
  llvm::LogicalResult frontOfAnswers();
  /// A network with its latencies.
  FoundArchitecture describe(search::Solution solution) const;

private:
  llvm::FailureOr<search::Front> run(const search::Problem &problem,
                                     std::vector<uint32_t> metrics);
  bool isWithin(const FoundArchitecture &point, double budgetUs) const;
  /// How far beyond the budget it is, in microseconds; at most 0: within.
  double excessUs(const FoundArchitecture &point, double budgetUs) const;
  /// The best other option of a decision, all else fixed.
  Explanation explainDecision(const BudgetAnswer &answer, uint32_t decision);
  /// Whether `a` is better in the objective.
  bool isBetter(const FoundArchitecture &a, const FoundArchitecture &b) const;
  /// The best of the points, which are all there are.
  std::optional<FoundArchitecture> bestPoint(double budgetUs) const;
  /// The problem with a limit for each device.
  search::Problem limited(double budgetUs, search::Problem problem) const;
  /// The best of a problem with limits, exactly.
  llvm::FailureOr<std::optional<FoundArchitecture>>
  bestLimited(const search::Problem &limited);
  /// A better one by an algorithm that is not exact.
  llvm::LogicalResult improve(BudgetAnswer &answer,
                              const search::Problem &limited,
                              llvm::StringRef algorithm);
  /// The one that a trade-off found.
  llvm::LogicalResult takeWeighed(BudgetAnswer &answer,
                                  search::SearchResult &found);
  /// Ticks of the objective's metric in one of its unit.
  double objectiveTicks() const;
  /// Fills in the best of a problem with limits by the algorithms asked for.
  llvm::LogicalResult solve(BudgetAnswer &answer,
                            const search::Problem &limited);
  /// The best that keeps the budget with the probability asked for.
  llvm::LogicalResult solveSurely(BudgetAnswer &answer,
                                  const search::Problem &problem);
  /// The best of the problem within the budget, as it is to be kept.
  llvm::LogicalResult solveWithin(BudgetAnswer &answer,
                                  const search::Problem &problem) {
    if (query.sure > 0)
      return solveSurely(answer, problem);
    return solve(answer, limited(answer.budgetUs, problem));
  }
  llvm::LogicalResult findReachable(BudgetAnswer &answer);
  void sortPoints();
  /// Leaves the points that no other beats in the slowest device and objective.
  void keepBySlowest();
  /// The networks to begin with, as assignments.
  std::vector<search::Assignment> startNetworks() const;
  /// Metrics whose values are what is asked of several devices.
  size_t metricNamed(llvm::StringRef name) const;

  mlir::ModuleOp module;
  llvm::ArrayRef<const CostSetup *> setups;
  const ArchitectureQuery &query;
  search::Evaluator *evaluator; ///< null: the objective is additive
  LearnedLatency *learned;      ///< null: gradients are those of the parts
  ArchitectureFront &front;
};

} // namespace gnomon

#endif // GNOMON_LIB_TRANSFORMS_SEARCHER_H
