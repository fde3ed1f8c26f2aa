// SPDX-License-Identifier: Apache-2.0
// Searches for one best network under the limits, by name.

#ifndef GNOMON_SEARCH_ALGORITHMS_H
#define GNOMON_SEARCH_ALGORITHMS_H

#include "gnomon/Search/Evaluator.h"
#include "gnomon/Search/Front.h"

namespace gnomon::search {

/// What is to be as good as possible. The metric alone: its value in its sense.
/// With an evaluator: what that says, and the metric is a stand-in for it that
/// is additive.
struct Objective {
  std::optional<uint32_t> metric;
  Evaluator *evaluator = nullptr;
};

struct SearchProgress {
  uint64_t evaluations = 0;
  uint64_t limit = 0;
  /// Score of the best network so far.
  std::optional<double> best;
};

/// Constants of the evolution of Once-for-All (Cai et al., ICLR 2020).
struct EvolutionOptions {
  uint32_t population = 100;
  uint32_t generations = 500;
  /// Share of the population that has children.
  double parents = 0.25;
  /// Share of children that are mutated; the others are crossed.
  double mutated = 0.5;
  /// By decision, how likely a mutation draws it anew; empty: 0.5 for one named
  /// "resolution", 0.1 for all others.
  std::vector<double> rates;
  /// Children drawn before one that breaks limits is repaired.
  uint32_t tries = 50;
};

/// Constants of the two-stage search of HURRICANE (Zhang et al., CVPRW 2020);
/// those of each stage's evolution are SPOS's (Guo et al., ECCV 2020).
struct TwoStageOptions {
  EvolutionOptions stage = {50, 20, 0.2, 0.5, {}, 50};
  /// Share of the decisions that are the earlier ones, about. Ours.
  double earlier = 0.5;
};

/// Constants of NetAdapt (Yang et al., ECCV 2018) and NetAdaptV2 (Yang, Liao,
/// Sze, CVPR 2021).
struct NetAdaptOptions {
  /// What the first iteration takes off, as a share of the start.
  double firstReduction = 0.025;
  /// The same for NetAdaptV2, whose iterations move several decisions. Ours.
  double jointReduction = 0.05;
  /// How much less each iteration takes off than the one before.
  double decay = 0.96;
  /// Where the schedule would need more iterations, it takes off more.
  uint32_t iterations = 100;
  /// NetAdaptV2: networks that an iteration draws, at most 10,000; 0: its share
  /// of the evaluations that are left.
  uint32_t samples = 0;
  /// NetAdaptV2: decisions that each of them moves.
  uint32_t decisions = 10;
};

/// Constants of FP-NAS (Yan et al., CVPR 2021); all but `perNat` are ours.
struct FpNasOptions {
  /// Networks that a step draws per nat of entropy; at least 2 are drawn.
  double perNat = 0.25;
  /// Networks that every step draws instead; 0: as the entropy asks.
  uint32_t samples = 0;
  /// Weight of the limits beside the objective.
  double beta = 1;
  double rate = 0.1;
  /// Steps before the decisions of a block share a table.
  uint32_t factorised = 500;
  /// The share of the first entropy at which the search ends.
  double converged = 0.05;
  /// Called before every step with the entropy and the number of draws.
  std::function<void(double, uint64_t)> step = {};
};

/// Constants of FLASH (Li et al., ACM TECS 2021); all of them ours.
struct FlashOptions {
  /// Most decisions that a variable of the first level moves together.
  uint32_t cell = 4;
  /// The share of the evaluations that the first level may use.
  double coarse = 0.25;
  /// Ends of the first level around which the second one searches.
  uint32_t refined = 4;
  /// By how many places of its options the second level moves a decision.
  uint32_t radius = 2;
  /// Points of the first round of the second level.
  uint32_t samples = 32;
  /// How often all is done, from other points, while evaluations are left.
  uint32_t rounds = 8;
};

/// Constants of the gradient search; temperature and decay are FBNet's (Wu et
/// al., CVPR 2019), the others ours.
struct GradientOptions {
  uint32_t steps = 200;
  double rate = 0.1;
  double temperature = 5;
  double decay = 0.956;
  /// Weights of the limits that are tried between one too small and one that
  /// is not.
  uint32_t bisections = 12;
  /// Called at the end with every weight that was tried and the network that it
  /// leads to: of all descents' ends that of least loss. What limits add falls
  /// as the weight grows.
  std::function<void(double, const Assignment &)> found = {};
};

/// Constants of One-Proxy (Lu et al., SIGMETRICS 2022); the numbers of networks
/// are ours.
struct OneProxyOptions {
  /// The metric that is measured; none: the first limited one.
  std::optional<uint32_t> target;
  /// The metric that stands in for it.
  std::optional<uint32_t> proxy;
  /// The rank correlation from which on the proxy's front is used as it is.
  double threshold = 0.9;
  /// Networks measured at first, with every further step, and in all, before
  /// the front is.
  uint32_t probe = 25;
  uint32_t step = 10;
  uint32_t budget = 100;
  /// Networks of the front around the limit that are measured.
  uint32_t refilter = 40;
};

/// Constants of latency-aware DNAS (Xu, Xie, et al., 2020): those of the
/// descent and of what is drawn; all are ours but temperature and decay.
struct LaDnasOptions {
  GradientOptions descent = {};
  /// Shares of options are softmax((logits + noise of Gumbel's distribution) /
  /// temperature), drawn anew in every step; without noise where this is false
  /// or the objective's gradient is itself estimated from draws.
  bool gumbel = true;
  /// Whole descents with other noise, best answer of all.
  uint32_t rounds = 1;
  /// Networks that a step draws where an evaluator has no derivatives.
  uint32_t draws = 32;
  /// A learned model instead of the terms of a limited metric, for the descent
  /// only: what it says is the metric in ticks, negated where that is
  /// minimised. Limits are kept by the terms.
  DifferentiableEvaluator *learned = nullptr;
  uint32_t learnedMetric = 0;
};

/// What the integer program may use.
struct IlpOptions {
  /// Most nodes of the tree.
  uint64_t nodes = 1000000;
  /// Where nothing keeps the limits, say how far they can be met; else only
  /// that nothing does, by a gap of 0.
  bool reach = true;
};

/// What the search from candidates may use.
struct CandidateOptions {
  /// The greatest difference between evaluator and metric (in the metric's
  /// unit) on any network; without it nothing is proven.
  std::optional<double> error;
  /// Metric ticks that are worth 1 of the evaluator: 1e9 for an accuracy
  /// between 0 and 1 and a metric in 1e-9.
  double ticksPerUnit = 1;
  /// Most networks that the evaluator is asked about.
  size_t candidates = 20000;
};

/// What becomes of draws of "evolution", "two-stage" and "random" that break
/// limits: they are drawn again, and after so many tries moved within the
/// limits, or given up.
enum class Constraint { Repair, Reject };

struct SearchOptions {
  uint64_t seed = 0;
  /// Most networks to evaluate; equal ones count once.
  uint64_t evaluations = 100000;
  /// Most boxes of networks that are bounded to prove how good an answer by an
  /// evaluator is.
  uint64_t boxes = 64;
  /// Called after every batch; false ends the search with what it has.
  std::function<bool(const SearchProgress &)> progress = {};
  Constraint constraint = Constraint::Repair;
  EvolutionOptions evolution = {};
  TwoStageOptions twoStage = {};
  NetAdaptOptions netAdapt = {};
  FpNasOptions fpNas = {};
  FlashOptions flash = {};
  GradientOptions gradient = {};
  OneProxyOptions oneProxy = {};
  LaDnasOptions laDnas = {};
  IlpOptions ilp = {};
  CandidateOptions candidates = {};
  /// Networks to begin with, as from a front that was found before. Evolution
  /// takes them, moved within the limits, into its first population; other
  /// algorithms that draw look at them before anything else.
  std::vector<Assignment> start = {};
};

/// How far a proxy could be trusted.
struct ProxyVerdict {
  /// Rank correlation of proxy and limited metric on the probe.
  double raw = 0;
  /// That of the ranking that was used, on networks it was not fitted to.
  double tested = 0;
  /// Whether that reached the threshold.
  bool opened = false;
  bool adapted = false;
  /// Networks that were measured to find this out.
  uint32_t samples = 0;
  /// Networks that were measured in all: their limited metric was looked at.
  uint32_t measured = 0;
};

struct SearchResult {
  std::string algorithm;
  uint64_t seed = 0;
  /// The best network; none: no network keeps the limits, or (where
  /// `reachable` is empty) none was found.
  std::optional<Solution> best;
  /// What the objective says of it: the evaluator's number, or the metric's
  /// value, negated when it is minimised.
  double score = 0;
  /// Networks that were evaluated; equal ones count once.
  uint64_t evaluations = 0;
  /// Networks that were drawn, also those that broke limits.
  uint64_t drawn = 0;
  /// The best there is has a score at most this much higher; none: unproven.
  /// With a stand-in: as far as the error holds that is told of it.
  std::optional<double> gap;
  /// Of a search by proxy.
  std::optional<ProxyVerdict> proxy;
  /// How far the limits can be met when they cannot.
  std::vector<Reach> reachable;
};

/// A way to search. `run` expects a sound problem and refuses, saying why,
/// objectives it cannot handle, and options and spaces beyond its limits.
struct Algorithm {
  llvm::StringRef name;
  llvm::StringRef description;
  llvm::Expected<SearchResult> (*run)(const Problem &, const Objective &,
                                      const SearchOptions &);
};

/// "exact", "ilp", "candidates", "evolution", "two-stage", "netadapt",
/// "netadapt-v2", "fp-nas", "flash", "gradient", "one-proxy", "la-dnas",
/// "random", "exhaustive".
llvm::ArrayRef<Algorithm> algorithms();
/// Null: there is none of this name.
const Algorithm *findAlgorithm(llvm::StringRef name);

/// The optimum of an additive objective: one point of the exact front.
llvm::Expected<SearchResult> searchExact(const Problem &problem,
                                         const Objective &objective,
                                         const SearchOptions &options);

/// The same by an integer program: limits on many metrics cost it little. The
/// gap is 0 where floating point can tell every tick of the objective, else
/// what it cannot, and what the limit of nodes left open.
llvm::Expected<SearchResult> searchInteger(const Problem &problem,
                                           const Objective &objective,
                                           const SearchOptions &options);

/// The best by an evaluator of all networks whose additive stand-in comes near
/// its optimum under the limits. With S the best score found, P the stand-in's
/// optimum, all networks within a slack s of P evaluated and an error e known,
/// no network is better than P - s + e; what that is above S is the gap. A
/// slack of 2 e always suffices to prove the answer; a smaller one is taken
/// where that would be more networks than the options allow.
llvm::Expected<SearchResult> searchCandidates(const Problem &problem,
                                              const Objective &objective,
                                              const SearchOptions &options);

/// The evolution of Once-for-All, on canonical networks, each evaluated once.
llvm::Expected<SearchResult> searchEvolution(const Problem &problem,
                                             const Objective &objective,
                                             const SearchOptions &options);

/// The two stages of HURRICANE: later decisions evolve while the earlier ones
/// rest, then the earlier ones.
llvm::Expected<SearchResult> searchTwoStage(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options);

/// Where the earlier decisions end that `searchTwoStage` parts from the later
/// ones: the index of the first later one. Near `share` of those that have a
/// choice, where the fewest decisions are parted from one that they depend on.
uint32_t splitDecisions(const Problem &problem, double share);

/// NetAdapt: from the most expensive network down to the limits, one decision
/// an iteration.
llvm::Expected<SearchResult> searchNetAdapt(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options);

/// NetAdaptV2: the same, several decisions an iteration.
llvm::Expected<SearchResult> searchNetAdaptV2(const Problem &problem,
                                              const Objective &objective,
                                              const SearchOptions &options);

/// What each iteration of NetAdapt asks for on the way down from `start` to
/// `bound`; the last is `bound`. Empty: the start is no higher.
std::vector<Cost> reductionSchedule(Cost start, Cost bound,
                                    const NetAdaptOptions &options);

/// FP-NAS: a distribution over networks that climbs, with fewer draws the more
/// certain it is.
llvm::Expected<SearchResult> searchFpNas(const Problem &problem,
                                         const Objective &objective,
                                         const SearchOptions &options);

/// PARSEC: FP-NAS whose every step draws as many networks as its first.
llvm::Expected<SearchResult> searchParsec(const Problem &problem,
                                          const Objective &objective,
                                          const SearchOptions &options);

/// FLASH: simplicial homology global optimisation in two levels, of cells and
/// of everything near what that found.
llvm::Expected<SearchResult> searchFlash(const Problem &problem,
                                         const Objective &objective,
                                         const SearchOptions &options);

/// Gradients of the expected objective and limited metrics by the probabilities
/// of options. An evaluator needs a metric that stands in for it.
llvm::Expected<SearchResult> searchGradient(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options);

/// One-Proxy: the exact front of a proxy's metric, measured again around the
/// limit; adapted to a few measured networks where it does not rank alike.
/// Measured is the first limited metric. Expects `OneProxyOptions::proxy`,
/// sums, and for an evaluator a metric that stands in for it.
llvm::Expected<SearchResult> searchOneProxy(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options);

/// Latency-aware DNAS: the same descent, with the derivatives of an evaluator
/// that has them and an estimate from draws for one that has none.
llvm::Expected<SearchResult> searchLaDnas(const Problem &problem,
                                          const Objective &objective,
                                          const SearchOptions &options);

/// Networks drawn at random.
llvm::Expected<SearchResult> searchRandom(const Problem &problem,
                                          const Objective &objective,
                                          const SearchOptions &options);

/// All networks; refused where the options' product passes `evaluations`.
llvm::Expected<SearchResult> searchExhaustive(const Problem &problem,
                                              const Objective &objective,
                                              const SearchOptions &options);

} // namespace gnomon::search

#endif // GNOMON_SEARCH_ALGORITHMS_H
