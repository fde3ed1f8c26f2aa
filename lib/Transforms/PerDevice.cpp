// SPDX-License-Identifier: Apache-2.0
// A network for each device, with blocks in common.

#include "PerDevice.h"
#include "Searcher.h"
#include <cmath>

using namespace gnomon;
using namespace mlir;

static LogicalResult fail(ModuleOp module, const llvm::Twine &message) {
  return emitError(module.getLoc()) << message;
}

/// Whether some option holds operations besides other choices and its end.
static bool hasOperations(ChoiceOp choice) {
  return llvm::any_of(choice->getRegions(), [](Region &option) {
    return llvm::any_of(option.getOps(), [](Operation &op) {
      return !isa<ChoiceOp>(op) && !op.hasTrait<OpTrait::IsTerminator>();
    });
  });
}

static std::vector<uint32_t> blocksOf(const SpaceStructure &structure) {
  llvm::BitVector found(structure.decisions.size());
  for (const SpaceFunction &function : structure.functions)
    const_cast<func::FuncOp &>(function.op).walk([&](ChoiceOp choice) {
      if (hasOperations(choice))
        found.set(structure.decisionOf(choice));
    });
  return std::vector<uint32_t>(found.set_bits_begin(), found.set_bits_end());
}

static LogicalResult check(ModuleOp module, ArrayRef<const CostSetup *> setups,
                           const ArchitectureQuery &query, bool isJudged,
                           const ArchitectureFront &front) {
  auto refuse = [&](const llvm::Twine &message) {
    return fail(module, "per device: " + message);
  };
  if (isJudged)
    return refuse("expected an objective that is a sum, such as values per "
                  "option, found an accuracy network");
  if (!front.tradeoff.empty() || query.sure > 0)
    return refuse("expected budgets that are kept by bounds");
  if (query.algorithm != "exact")
    return refuse("expected the algorithm 'exact', found '" + query.algorithm +
                  "'");
  size_t budgets = query.budgetsUs.size();
  if (budgets != 1 && budgets != setups.size())
    return refuse("expected a budget for each of " +
                  llvm::Twine(setups.size()) +
                  " devices, or one for all; "
                  "found " +
                  llvm::Twine(budgets));
  return success();
}

static search::SharingQuery sharingQuery(ArrayRef<const CostSetup *> setups,
                                         const ArchitectureQuery &query,
                                         const ArchitectureFront &front) {
  search::SharingQuery asked;
  asked.objective = front.objective;
  for (uint32_t block : front.perDevice->blocks)
    asked.slots.push_back({block});
  for (auto [index, setup] : llvm::enumerate(setups)) {
    double budgetUs = query.budgetsUs[query.budgetsUs.size() == 1 ? 0 : index];
    asked.limits.push_back(
        {{uint32_t(index), mostWithin(budgetUs, *setup), std::nullopt}});
  }
  if (query.perDevice->maxLoss) {
    double ticks = *query.perDevice->maxLoss *
                   ticksPerUnit(front.space.problem.metrics[front.objective]);
    asked.maxLoss = search::Cost(std::min(std::floor(ticks + 1e-6), 1e15));
  }
  if (query.perDevice->share && !query.perDevice->maxLoss)
    asked.differing = asked.slots.size() - *query.perDevice->share;
  return asked;
}

/// The point that keeps what was asked for.
static std::optional<size_t> pick(const PerDevice &asked,
                                  const DeviceNetworks &found) {
  const auto &points = found.curve.points;
  if (points.empty() || (!asked.share && !asked.maxLoss))
    return std::nullopt;
  if (!asked.share)
    return points.size() - 1;
  for (auto [index, point] : llvm::enumerate(points))
    if (found.blocks.size() - point.differing >= *asked.share)
      return index;
  return std::nullopt;
}

LogicalResult gnomon::findPerDevice(ModuleOp module,
                                    ArrayRef<const CostSetup *> setups,
                                    const ArchitectureQuery &query,
                                    bool isJudged, ArchitectureFront &front) {
  if (failed(check(module, setups, query, isJudged, front)))
    return failure();
  DeviceNetworks &found = front.perDevice.emplace();
  found.blocks = blocksOf(front.space.structure);
  if (query.perDevice->share && *query.perDevice->share > found.blocks.size())
    return fail(module, "per device: expected to share at most " +
                            llvm::Twine(found.blocks.size()) +
                            " blocks, which the space has; found " +
                            llvm::Twine(*query.perDevice->share));
  auto curve = search::shareSlots(front.space.problem,
                                  sharingQuery(setups, query, front));
  if (!curve)
    return fail(module, llvm::toString(curve.takeError()));
  found.curve = std::move(*curve);
  Searcher searcher(module, setups, query, nullptr, nullptr, front);
  for (const search::SharedNetworks &point : found.curve.points) {
    auto &networks = found.networks.emplace_back();
    for (auto [index, solution] : llvm::enumerate(point.networks)) {
      networks.push_back(searcher.describe(solution));
      if (failed(verifyLatencies(module, setups, front.space, networks.back())))
        return failure();
      Latency own = networks.back().latencies[index];
      networks.back().latencies = {own};
    }
  }
  if (!found.curve.points.empty())
    for (const search::Solution &alone : found.curve.points.front().networks)
      found.best.push_back(alone.costs[front.objective]);
  found.picked = pick(*query.perDevice, found);
  for (auto [index, reaches] : llvm::enumerate(found.curve.reachable)) {
    auto &least = found.reachable.emplace_back();
    for (const search::Reach &reach : reaches)
      if (reach.metric == index) {
        least = searcher.describe(reach.besideOthers.value_or(reach.alone));
        Latency own = least->latencies[index];
        least->latencies = {own};
      }
  }
  return success();
}
