// SPDX-License-Identifier: Apache-2.0
// The search for networks of a supernet, for callers without a pass manager.

#ifndef GNOMON_TRANSFORMS_ARCHITECTURESEARCH_H
#define GNOMON_TRANSFORMS_ARCHITECTURESEARCH_H

#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Search/Algorithms.h"
#include "gnomon/Search/Sharing.h"
#include "llvm/Support/JSON.h"

namespace gnomon {

class Space;

/// Makes a judge of networks that is no sum of values, for a problem.
using EvaluatorMaker =
    std::function<llvm::Expected<std::unique_ptr<search::Evaluator>>(
        const search::Problem &)>;

/// The most of a metric that networks may have, in its unit.
struct MetricLimit {
  std::string metric;
  double atMost = 0;
};

/// How several devices become one number.
enum class DevicesObjective {
  Each,     ///< they do not: a point may be better on any of them
  Max,      ///< the slowest device counts
  Weighted, ///< a weighted sum counts, in the front and against budgets
};

/// A network for each device instead of one for all.
struct PerDevice {
  /// How much worse than the best for its device alone each network may be, in
  /// the objective's unit.
  std::optional<double> maxLoss = std::nullopt;
  /// How many blocks the networks that are picked have in common at least.
  std::optional<unsigned> share = std::nullopt;
};

/// What to look for.
struct ArchitectureQuery {
  /// How budgets are answered: "exact" or another of search::algorithms();
  /// with an accuracy network "exact" means the better answer of "evolution"
  /// and "candidates".
  std::string algorithm = "exact";
  /// "[METRIC:]FORM", either alone, or empty. Metric to be as good as possible:
  /// "macs" or "params" (as many as possible), or that of `accuracy`; without
  /// one that of `accuracy` if it is there, else "macs". Form: "hard" (the
  /// default), which keeps budgets, or a trade-off (search::tradeoffNames())
  /// that weighs them.
  std::string objective;
  /// Give draws up that break limits, instead of repairing them; for
  /// "evolution", "two-stage" and "random".
  bool reject = false;
  /// File with an accuracy model of kind additive, mlp or nn-degree
  /// (docs/accuracy-models.md); empty: none.
  std::string accuracy;
  /// An accuracy network from elsewhere, instead of a file.
  EvaluatorMaker evaluator;
  /// With an accuracy network: the file with values for options (kind additive)
  /// that are near it.
  std::string standIn;
  /// File of kind mlp with a learned latency, whose gradients "la-dnas" follows
  /// instead of those of the parts' expectation; budgets are kept by the parts
  /// all the same. One device. Empty: none.
  std::string latencyModel;
  /// Most networks that an algorithm other than exact evaluates for a budget.
  uint64_t evaluations = 100000;
  uint64_t seed = 0;
  /// Budgets to answer, in microseconds, each for all devices.
  std::vector<double> budgetsUs = {};
  /// How likely a budget must be kept, on each device (0.5 and more); 0: it is
  /// kept by the bounds of intervals.
  double sure = 0;
  /// A network for each device: then budgets are one for each, or one for all.
  std::optional<PerDevice> perDevice = std::nullopt;
  /// What networks may have at most, besides latency.
  std::vector<MetricLimit> limits = {};
  DevicesObjective devices = DevicesObjective::Each;
  /// One for each device, where their sum counts.
  std::vector<double> weights = {};
  /// Say of every decision of an answer what other options would cost.
  bool explain = false;
  /// Networks to begin with, by decisions and options: algorithms that draw
  /// look at them first. Those that the space does not have are left out.
  std::vector<std::map<std::string, std::string>> start = {};
  /// Say how many bytes the weights in an exported file take (metric
  /// "file-size").
  bool fileSize = false;
  /// Tables of what blocks take of energy; null: nobody asks (metric "energy").
  const TableSetup *energy = nullptr;
  /// The last device is no one's target but a proxy for the first: "one-proxy"
  /// searches on it.
  bool hasProxy = false;
  /// Say how much memory activations take, too (metric "peak-memory").
  bool peakMemory = false;
  /// Says what architectures are; null: the space that the module names.
  const Space *space = nullptr;

  /// The devices that budgets are for.
  llvm::ArrayRef<const CostSetup *>
  targets(llvm::ArrayRef<const CostSetup *> setups) const {
    return setups.drop_back(hasProxy ? 1 : 0);
  }
};

/// A predicted latency with its interval, in microseconds.
struct Latency {
  double us = 0, lowUs = 0, highUs = 0;
  /// Standard deviation of truth / us - 1; 0: not known.
  double spread = 0;
};

/// A network and what it takes on every device.
struct FoundArchitecture {
  search::Solution solution;
  llvm::SmallVector<Latency, 1> latencies; ///< one for each setup
  std::optional<double>
      score; ///< what the accuracy network says; more is better
  std::optional<double> learnedUs; ///< what the learned latency says

  /// The device whose latency has the greatest bound.
  size_t slowestDevice() const;
  const Latency &slowest() const { return latencies[slowestDevice()]; }
};

/// What a decision of an answer is worth.
struct Explanation {
  uint32_t decision = 0;
  /// The best of its other options, all else as it is: of those that keep the
  /// budget, else the one nearest to it. Decisions that are asked then but were
  /// not before take their first option.
  FoundArchitecture fixed;
  bool keepsBudget = false;
  /// The best network within the budget that does not take the option; none:
  /// there is none, or nobody looked (algorithms that draw, networks that
  /// judge).
  std::optional<FoundArchitecture> reoptimised;
};

/// The best network within a budget on all devices.
struct BudgetAnswer {
  double budgetUs = 0;
  /// None: no network keeps the budget.
  std::optional<FoundArchitecture> best;
  /// No network is better than the best by more: in the objective's unit, as
  /// far as `assumedError` holds. None: not known, or budgets are kept by
  /// bounds and `exact` found it.
  std::optional<double> gap;
  uint64_t evaluations = 0; ///< networks judged for it, by algorithms that draw
  /// How far a proxy was trusted, if one was.
  std::optional<search::ProxyVerdict> proxy;
  uint64_t drawn = 0; ///< networks that these drew
  /// What a trade-off says of the best, which may pass the budget.
  std::optional<double> weighed;
  std::vector<Explanation> explanations; ///< one a decision that matters
  /// Without a best: for each setup the network that is fastest there.
  std::vector<FoundArchitecture> reachable;
};

/// A network for each device, from those that are best alone to those that have
/// most blocks in common.
struct DeviceNetworks {
  /// The decisions that stand for a block each: those whose options hold
  /// operations of their own, not other choices alone.
  std::vector<uint32_t> blocks;
  search::SharingCurve curve;
  /// By point of the curve the networks, each with the latency on its device.
  std::vector<std::vector<FoundArchitecture>> networks;
  /// By device, in the objective's ticks, the best alone.
  std::vector<search::Cost> best;
  /// The point that was asked for; none: none was, or there is none.
  std::optional<size_t> picked;
  /// Without points, by device the fastest network, where none keeps the
  /// budget.
  std::vector<std::optional<FoundArchitecture>> reachable;
};

struct ArchitectureFront {
  SpaceProblem space;
  /// If a network for each device was asked for: nothing else is filled in but
  /// the problem and its objective.
  std::optional<DeviceNetworks> perDevice;
  /// Networks that no other beats in latencies and objective, fastest first.
  std::vector<FoundArchitecture> points;
  std::vector<BudgetAnswer> answers; ///< one for each budget
  size_t numLatencies = 0;           ///< first metrics of `space.problem`
  size_t objective = 0;     ///< metric of `space.problem`; latencies come first
  uint64_t evaluations = 0; ///< networks or parts put together
  /// The algorithm that ran, or two joined by "+".
  std::string algorithm;
  /// Name of the learned latency; empty: none.
  std::string latencyModel;
  /// Name of the form that weighs budgets; empty: they are kept.
  std::string tradeoff;
  /// Distance of the answers to the exact optimum of the additive objective, in
  /// its unit; nothing: not known.
  std::optional<double> exactGap;

  /// Networks of the query's start that the space has.
  size_t started = 0;

  /// For each limit of the query, if no network keeps all: how far it can be
  /// met.
  std::vector<search::Reach> reachable;

  /// With an accuracy network: how far the stand-in was from it at most, over
  /// all networks judged, thousands of random ones among them.
  std::optional<double> assumedError;

  /// The point that is best in the objective.
  const FoundArchitecture &best() const;
};

/// Finds the front of the supernet in `module` for one device or several, and
/// answers budgets. Algorithms that draw make the front of their answers, or of
/// their best network without a budget. With an accuracy network the front is
/// that of its additive stand-in, judged by the network, without what is
/// dominated then; the answer to a budget comes from all networks whose
/// stand-in is near the best (search::searchCandidates). Errors are emitted at
/// the module: an unknown algorithm or objective, an accuracy model that does
/// not fit the space or has no stand-in.
llvm::FailureOr<ArchitectureFront>
searchArchitecture(mlir::ModuleOp module,
                   llvm::ArrayRef<const CostSetup *> setups,
                   const ArchitectureQuery &query);

/// Ticks of a metric in one of its unit: 1 for counts and bytes.
double ticksPerUnit(const search::Metric &metric);

/// Decision -> option of the decisions that matter.
std::map<std::string, std::string>
selectionOf(const search::Problem &problem,
            llvm::ArrayRef<uint32_t> assignment);

/// The front as programs read it: `schema` (1), `space`, `device`, `bundle`,
/// `confidence` (of the bounds; 0: a bundle knows none),
/// `algorithm`, `objective`, `seed`, `evaluations`, `exact_gap`, `points`. A
/// point has its `architecture` (the space's own JSON for a module with
/// gnomon.space, else {"selection": {DECISION: OPTION}}), `latency_us`,
/// `low_us`, `high_us`, with a learned latency `learned_us` (`latency_model` of
/// the front names it), `spread` and, if there are budgets, `probability` where
/// the bundle knows how far it is off (the one number of one budget, a list for
/// several; `probability_rests_on` of the front says by device where it is
/// from; `sure` is what was asked for, and then `sure_us` what the network
/// keeps with that probability), and every metric of the problem but latency,
/// in its unit; with an accuracy network the objective is what that says, and
/// NAME_stand_in the sum near it (`assumed_error`: how near). For several
/// devices, `device` lists them, `bundles` says by device what knows it, a
/// point's latency is that of its slowest device, and its `devices` says the
/// others.
llvm::json::Object frontReport(mlir::ModuleOp module,
                               llvm::ArrayRef<const CostSetup *> setups,
                               const ArchitectureQuery &query,
                               const ArchitectureFront &front);

/// A network as in the points of frontReport(), `probability` being of
/// `budgetsUs`.
llvm::json::Object
pointReport(mlir::ModuleOp module, llvm::ArrayRef<const CostSetup *> setups,
            const ArchitectureQuery &query, const ArchitectureFront &front,
            const FoundArchitecture &point, llvm::ArrayRef<double> budgetsUs);

/// The answers as programs read them: a list of {`max_latency_us`, `best`: a
/// point or null, `gap` and `evaluations` from algorithms that judge networks,
/// `drawn` from those that draw, `weighed` and `keeps_budget` from trade-offs,
/// and either `selection`: its {DECISION: OPTION}, or
/// `reachable`: {DEVICE: the fastest point there, with its latency there}}.
llvm::json::Array answersReport(mlir::ModuleOp module,
                                llvm::ArrayRef<const CostSetup *> setups,
                                const ArchitectureQuery &query,
                                const ArchitectureFront &front);

/// Networks for each device as programs read them: `space`, `objective`,
/// `seed`, `devices`: {DEVICE: its `bundle`, `max_latency_us` and
/// `confidence`}, `blocks` (names of the decisions), `max_loss` and `share` if
/// they were asked for, `complete` (no networks are known not to be there that
/// have more in common than the last), `picked` (index in `points` or null),
/// and `points`: {`common` (blocks in which the networks are alike), `shared`
/// (those of them that all networks have), `differing` (names of the others),
/// `loss` (of the sum against the best alone), `gap` (how much more the best
/// sum with as many in common may be), `networks`: {DEVICE: a point as in
/// frontReport() with `selection` and `loss`}}. Without points, `reachable`:
/// {DEVICE: the fastest network, where none keeps the budget}.
llvm::json::Object perDeviceReport(mlir::ModuleOp module,
                                   llvm::ArrayRef<const CostSetup *> setups,
                                   const ArchitectureQuery &query,
                                   const ArchitectureFront &front);

} // namespace gnomon

#endif // GNOMON_TRANSFORMS_ARCHITECTURESEARCH_H
