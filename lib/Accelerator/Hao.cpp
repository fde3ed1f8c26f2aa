// SPDX-License-Identifier: Apache-2.0
// Networks of a space and accelerators for them, together.
//
// Source: HAO (Dong et al., FCCM 2021): sub-graphs of every type are mapped at
// every word length by an integer program, scored, stacked to networks, and the
// front of latency and accuracy is kept. Our formulation:
// * a type of sub-graph is an option for all decisions that have the same
//   options; a network stacks one type of each such group. Random networks,
//   which mix types, are mapped beside them; of small spaces all networks are.
// * stacking: engines that are fixed make cycles a sum over a network's layers,
//   so accelerators of the front get the exact front of the networks on them
//   (search::paretoFront). Layers without an engine, or that alone need more
//   memories than it has and the FPGA has left, are out; a network whose
//   memories do not suffice in all is dropped.
// * some of these networks are then given accelerators of their own, by the
//   integer program again, whose accelerators are the next round's.

#include "gnomon/Accelerator/Hao.h"
#include "Stacks.h"

#include "gnomon/Support/Random.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

using namespace gnomon;
using search::Assignment;
using search::Cost;

/// More than any network takes; sums of a thousand of them stay in range.
constexpr Cost kForbidden = Cost(1) << 50;

std::vector<AcceleratorLayer>
LayeredSpace::layersOf(llvm::ArrayRef<uint32_t> network) const {
  std::vector<AcceleratorLayer> result;
  for (const Part &part : parts) {
    search::Term shape{part.scope, {}, part.classes};
    size_t entry = search::tableEntry(problem, shape, network);
    for (const Use &use : part.entries[entry]) {
      result.push_back(layers[use.layer]);
      result.back().runs *= use.runs;
    }
  }
  return result;
}

//===- One word length ----------------------------------------------------===//

namespace {
/// What is known of a network.
struct Known {
  std::vector<Cost> costs;
  double value = 0;
  int64_t cycles = 0;
  Accelerator accelerator;
  bool isOwn = false; ///< by an integer program for this network
};

using Entry = std::pair<const Assignment, Known>;

class WidthSearch {
public:
  WidthSearch(const LayeredSpace &space, const Fpga &fpga,
              const HaoOptions &options, const WordLength &width,
              HaoResult &result)
      : space(space), fpga(fpga), options(options), width(width),
        result(result) {}

  llvm::Error run() {
    Stacks stacks(space.problem);
    const bool isSmall = stacks.isSmall(options.stacks);
    for (const Assignment &network :
         isSmall ? stacks.everything() : begin(stacks))
      if (llvm::Error error = map(network))
        return error;
    if (isSmall)
      return llvm::Error::success();
    for (uint32_t round = 0; round < options.rounds; ++round)
      if (llvm::Error error = improve())
        return error;
    return llvm::Error::success();
  }

  void take() {
    for (const Entry *entry : front()) {
      const Known &known = entry->second;
      result.points.push_back({{entry->first, known.costs},
                               width.bits,
                               known.value,
                               mapOnto(space.layersOf(entry->first),
                                       known.accelerator, fpga, width.bits)});
    }
  }

private:
  std::vector<Assignment> begin(const Stacks &stacks) const {
    std::vector<Assignment> networks = stacks.take(options.stacks);
    Random random(options.seed);
    for (uint32_t i = 0; i < options.random; ++i) {
      Assignment network;
      for (const search::Decision &decision : space.problem.decisions)
        network.push_back(random.below(decision.options.size()));
      networks.push_back(search::canonical(space.problem, network));
    }
    return networks;
  }

  /// Makes an accelerator for a network.
  llvm::Error map(const Assignment &network) {
    auto known = pool.find(network);
    if (result.programs >= options.programs ||
        (known != pool.end() && known->second.isOwn))
      return llvm::Error::success();
    ++result.programs;
    auto mapping = mapNetwork(space.layersOf(network), fpga, {width.bits});
    if (!mapping)
      return mapping.takeError();
    if (mapping->engines.empty())
      note(mapping->least);
    else
      enter(network, mapping->latencyCycles, acceleratorOf(*mapping), true);
    return llvm::Error::success();
  }

  void note(const EngineResources &least) {
    ++result.impossible;
    EngineResources known = result.least.value_or(least);
    result.least = {std::min(known.dsp, least.dsp),
                    std::min(known.lut, least.lut),
                    std::min(known.bram, least.bram)};
  }

  void enter(const Assignment &network, int64_t cycles, Accelerator accelerator,
             bool isOwn) {
    auto [place, isNew] = pool.try_emplace(network);
    Known &known = place->second;
    if (isNew) {
      known.costs = search::evaluate(space.problem, network);
      known.value = valueOf(network, known.costs);
    }
    if (isNew || cycles < known.cycles || isOwn) {
      known.cycles = cycles;
      known.accelerator = std::move(accelerator);
    }
    known.isOwn |= isOwn;
  }

  double valueOf(const Assignment &network, llvm::ArrayRef<Cost> costs) const {
    double loss = width.loss.value_or(0);
    if (options.evaluator)
      return options.evaluator->evaluate({network}).front() - loss;
    double value = double(costs[options.objective]) / options.ticksPerUnit;
    bool more = space.problem.metrics[options.objective].sense ==
                search::Sense::Maximize;
    return (more ? value : -value) - loss;
  }

  /// Networks within the limits that no other beats, fastest first.
  std::vector<const Entry *> front() const {
    std::vector<const Entry *> sorted, kept;
    for (const Entry &entry : pool)
      if (search::withinLimits(space.problem, entry.second.costs))
        sorted.push_back(&entry);
    llvm::stable_sort(sorted, [](const Entry *a, const Entry *b) {
      return std::pair(a->second.cycles, -a->second.value) <
             std::pair(b->second.cycles, -b->second.value);
    });
    for (const Entry *entry : sorted)
      if (kept.empty() || entry->second.value > kept.back()->second.value)
        kept.push_back(entry);
    return kept;
  }

  /// A round: the best networks for accelerators, accelerators for these.
  llvm::Error improve() {
    for (const Accelerator &accelerator : chosenAccelerators())
      if (llvm::Error error = stackOn(accelerator))
        return error;
    std::vector<Assignment> networks;
    for (const Entry *entry : front())
      if (!entry->second.isOwn)
        networks.push_back(entry->first);
    for (size_t index : evenly(networks.size(), options.remapped))
      if (llvm::Error error = map(networks[index]))
        return error;
    return llvm::Error::success();
  }

  /// Of the front, or where no network keeps the limits yet of all; and those
  /// that have the most engines, on which types can mix.
  std::vector<Accelerator> chosenAccelerators() {
    std::vector<const Known *> all;
    for (const Entry *entry : front())
      if (entry->second.isOwn)
        all.push_back(&entry->second);
    if (all.empty())
      for (const Entry &entry : pool)
        all.push_back(&entry.second);
    std::vector<Accelerator> chosen;
    for (size_t index : evenly(all.size(), options.accelerators))
      chosen.push_back(all[index]->accelerator);
    for (const Known *known : widest())
      chosen.push_back(known->accelerator);
    return chosen;
  }

  /// Fastest of those that have the most engines.
  std::vector<const Known *> widest() const {
    std::vector<const Known *> all;
    for (const Entry &entry : pool)
      if (entry.second.isOwn)
        all.push_back(&entry.second);
    llvm::stable_sort(all, [](const Known *a, const Known *b) {
      size_t left = a->accelerator.engines.size();
      size_t right = b->accelerator.engines.size();
      return left != right ? left > right : a->cycles < b->cycles;
    });
    while (!all.empty() && all.back()->accelerator.engines.size() <
                               all.front()->accelerator.engines.size())
      all.pop_back();
    std::vector<const Known *> chosen;
    for (size_t index : evenly(all.size(), options.accelerators))
      chosen.push_back(all[index]);
    return chosen;
  }

  /// Enters the front of all networks on an accelerator.
  llvm::Error stackOn(const Accelerator &accelerator) {
    search::Problem problem = space.problem;
    search::addMetric(problem, {"cycles", "cycles"}, cyclesOn(accelerator));
    const uint32_t cycles = problem.metrics.size() - 1;
    problem.limits.push_back({cycles, kForbidden - 1, {}});
    if (llvm::Error error = problem.check())
      return error;
    search::FrontOptions asked;
    asked.metrics = {cycles, options.objective};
    auto found = search::paretoFront(problem, asked);
    if (!found)
      return found.takeError();
    for (size_t index : evenly(found->points.size(), options.added)) {
      const search::Solution &point = found->points[index];
      Mapping mapping = mapOnto(space.layersOf(point.assignment), accelerator,
                                fpga, width.bits);
      if (!mapping.engines.empty())
        enter(point.assignment, mapping.latencyCycles, accelerator, false);
    }
    return llvm::Error::success();
  }

  std::vector<search::Term> cyclesOn(const Accelerator &accelerator) const {
    std::vector<Cost> byLayer;
    for (const AcceleratorLayer &layer : space.layers)
      byLayer.push_back(cyclesOn(accelerator, layer));
    std::vector<search::Term> terms;
    for (const LayeredSpace::Part &part : space.parts) {
      search::Term &term =
          terms.emplace_back(search::Term{part.scope, {}, part.classes});
      for (const auto &uses : part.entries) {
        Cost &sum = term.costs.emplace_back(0);
        for (const LayeredSpace::Use &use : uses)
          sum = byLayer[use.layer] >= kForbidden / use.runs
                    ? kForbidden
                    : std::min(kForbidden, sum + byLayer[use.layer] * use.runs);
      }
    }
    return terms;
  }

  /// Of one layer; kForbidden: it cannot run there.
  Cost cyclesOn(const Accelerator &accelerator,
                const AcceleratorLayer &layer) const {
    auto found = accelerator.engines.find(engineName(layer));
    if (found == accelerator.engines.end())
      return kForbidden;
    int64_t left = fpga.bram;
    for (const auto &[name, engine] : accelerator.engines)
      left -= engine.resources.bram;
    const Accelerator::Engine &engine = found->second;
    if (layerMemories(layer, engine.configuration, width.bits) >
        engine.resources.bram + left)
      return kForbidden;
    return layerTime(layer, engine.configuration, fpga, width.bits);
  }

  const LayeredSpace &space;
  const Fpga &fpga;
  const HaoOptions &options;
  const WordLength &width;
  HaoResult &result;
  std::map<Assignment, Known> pool;
};
} // namespace

//===- All word lengths ---------------------------------------------------===//

static llvm::Error check(const LayeredSpace &space, const HaoOptions &options) {
  if (llvm::Error error = space.problem.check())
    return error;
  if (options.objective >= space.problem.metrics.size())
    return llvm::createStringError("hao: no metric " +
                                   llvm::Twine(options.objective));
  if (options.widths.empty())
    return llvm::createStringError("hao: expected a word length, found none");
  std::set<int64_t> seen;
  for (const WordLength &width : options.widths) {
    if (width.bits < 1 || width.bits > 32)
      return llvm::createStringError("bits: expected 1 to 32, found " +
                                     llvm::Twine(width.bits));
    if (!seen.insert(width.bits).second)
      return llvm::createStringError("bits: " + llvm::Twine(width.bits) +
                                     " is asked for twice");
  }
  return llvm::Error::success();
}

/// Fastest first; without those of other word lengths that are beaten, where
/// what each costs is known.
static void merge(HaoResult &result, const HaoOptions &options) {
  llvm::stable_sort(result.points, [](const HaoPoint &a, const HaoPoint &b) {
    return std::pair(a.mapping.latencyCycles, -a.value) <
           std::pair(b.mapping.latencyCycles, -b.value);
  });
  result.isMerged = options.widths.size() == 1 ||
                    llvm::all_of(options.widths, [](const WordLength &width) {
                      return width.loss.has_value();
                    });
  if (!result.isMerged)
    return;
  std::vector<HaoPoint> kept;
  for (HaoPoint &point : result.points)
    if (kept.empty() || point.value > kept.back().value)
      kept.push_back(std::move(point));
  result.points = std::move(kept);
}

llvm::Expected<HaoResult>
gnomon::searchAccelerators(const LayeredSpace &space, const Fpga &fpga,
                           const HaoOptions &options) {
  if (llvm::Error error = check(space, options))
    return std::move(error);
  HaoResult result;
  if (!space.problem.limits.empty()) {
    search::FrontOptions asked;
    asked.metrics = {options.objective};
    auto found = search::paretoFront(space.problem, asked);
    if (!found)
      return found.takeError();
    result.reachable = std::move(found->reachable);
    if (found->points.empty())
      return result;
  }
  for (const WordLength &width : options.widths) {
    WidthSearch search(space, fpga, options, width, result);
    if (llvm::Error error = search.run())
      return std::move(error);
    search.take();
  }
  result.isWhole = Stacks(space.problem).isSmall(options.stacks) &&
                   result.programs < options.programs;
  merge(result, options);
  return result;
}
