// SPDX-License-Identifier: Apache-2.0
// Networks for each device, as JSON.

#include "gnomon/Transforms/ArchitectureSearch.h"
#include <cmath>

using namespace gnomon;
using namespace mlir;

namespace {
class PerDeviceReport {
public:
  PerDeviceReport(ModuleOp module, ArrayRef<const CostSetup *> setups,
                  const ArchitectureQuery &query,
                  const ArchitectureFront &front)
      : module(module), setups(setups), query(query), front(front),
        found(*front.perDevice), problem(front.space.problem) {}

  llvm::json::Object devices() const;
  llvm::json::Object point(size_t index) const;
  llvm::json::Object reachable() const;
  llvm::json::Array names(ArrayRef<uint32_t> decisions) const;

private:
  double budgetUs(size_t device) const {
    return query.budgetsUs[query.budgetsUs.size() == 1 ? 0 : device];
  }
  llvm::json::Object network(size_t device,
                             const FoundArchitecture &network) const;
  /// What is worse by how much, in the objective's unit.
  llvm::json::Value loss(search::Cost best, search::Cost value) const;

  ModuleOp module;
  ArrayRef<const CostSetup *> setups;
  const ArchitectureQuery &query;
  const ArchitectureFront &front;
  const DeviceNetworks &found;
  const search::Problem &problem;
};
} // namespace

llvm::json::Value PerDeviceReport::loss(search::Cost best,
                                        search::Cost value) const {
  const search::Metric &metric = problem.metrics[front.objective];
  search::Cost ticks =
      metric.sense == search::Sense::Maximize ? best - value : value - best;
  if (ticksPerUnit(metric) == 1)
    return ticks;
  return double(ticks) / ticksPerUnit(metric);
}

llvm::json::Array PerDeviceReport::names(ArrayRef<uint32_t> decisions) const {
  llvm::json::Array result;
  for (uint32_t decision : decisions)
    result.push_back(problem.decisions[decision].name);
  return result;
}

llvm::json::Object PerDeviceReport::devices() const {
  llvm::json::Object result;
  for (auto [index, setup] : llvm::enumerate(setups))
    result[setup->deviceName()] = llvm::json::Object{
        {"bundle", llvm::json::Object{{"name", setup->bundleName()},
                                      {"fingerprint", setup->fingerprint()}}},
        {"confidence", setup->confidence()},
        {"max_latency_us", budgetUs(index)}};
  return result;
}

llvm::json::Object
PerDeviceReport::network(size_t device,
                         const FoundArchitecture &network) const {
  llvm::json::Object entry = pointReport(module, setups.slice(device, 1), query,
                                         front, network, budgetUs(device));
  llvm::json::Object selection;
  for (const auto &[decision, option] :
       selectionOf(problem, network.solution.assignment))
    selection[decision] = option;
  entry["selection"] = std::move(selection);
  return entry;
}

llvm::json::Object PerDeviceReport::point(size_t index) const {
  const search::SharedNetworks &point = found.curve.points[index];
  llvm::json::Object networks;
  search::Cost best = 0;
  for (auto [device, setup] : llvm::enumerate(setups)) {
    const FoundArchitecture &one = found.networks[index][device];
    llvm::json::Object entry = network(device, one);
    entry["loss"] =
        loss(found.best[device], one.solution.costs[front.objective]);
    best += found.best[device];
    networks[setup->deviceName()] = std::move(entry);
  }
  std::vector<uint32_t> differing;
  for (uint32_t slot : point.differingSlots)
    differing.push_back(found.blocks[slot]);
  return llvm::json::Object{
      {"common", int64_t(found.blocks.size() - point.differing)},
      {"shared", int64_t(point.shared)},
      {"differing", names(differing)},
      {"loss", loss(best, point.total)},
      {"gap", point.gap / ticksPerUnit(problem.metrics[front.objective])},
      {"networks", std::move(networks)}};
}

llvm::json::Object PerDeviceReport::reachable() const {
  llvm::json::Object result;
  for (auto [device, least] : llvm::enumerate(found.reachable))
    if (least)
      result[setups[device]->deviceName()] = network(device, *least);
  return result;
}

llvm::json::Object gnomon::perDeviceReport(ModuleOp module,
                                           ArrayRef<const CostSetup *> setups,
                                           const ArchitectureQuery &query,
                                           const ArchitectureFront &front) {
  PerDeviceReport report(module, setups, query, front);
  const DeviceNetworks &found = *front.perDevice;
  auto name = module->getAttrOfType<StringAttr>(spaceAttrName);
  llvm::json::Array points;
  for (size_t index = 0; index < found.networks.size(); ++index)
    points.push_back(report.point(index));
  llvm::json::Object result{
      {"space", name ? llvm::json::Value(name.getValue()) : nullptr},
      {"objective", front.space.problem.metrics[front.objective].name},
      {"devices", report.devices()},
      {"blocks", report.names(found.blocks)},
      {"complete", found.curve.isComplete},
      {"picked", found.picked ? llvm::json::Value(int64_t(*found.picked))
                              : llvm::json::Value(nullptr)},
      {"points", std::move(points)}};
  if (query.perDevice->maxLoss)
    result["max_loss"] = *query.perDevice->maxLoss;
  if (query.perDevice->share)
    result["share"] = int64_t(*query.perDevice->share);
  if (found.networks.empty())
    result["reachable"] = report.reachable();
  return result;
}
