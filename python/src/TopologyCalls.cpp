// SPDX-License-Identifier: Apache-2.0
// NN-Degree and NN-Mass of files and of networks of a space, without Python.

#include "TopologyCalls.h"
#include "Architectures.h"
#include "NamedSpace.h"
#include "gnomon/Analysis/NetworkCounts.h"
#include "gnomon/Analysis/Topology.h"
#include "gnomon/Support/Random.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

static std::string text(llvm::json::Object object) {
  return llvm::formatv("{0}", llvm::json::Value(std::move(object)));
}

Answer<std::string> python::fileTopology(const std::string &path,
                                         const Sizes &sizes) {
  Session session;
  session.size(sizes);
  session.importOptions.otherDims = 1;
  OwningOpRef<ModuleOp> module = session.open(path);
  if (!module)
    return {std::nullopt, session.takeProblem()};
  auto functions = llvm::to_vector(module->getOps<func::FuncOp>());
  if (functions.size() != 1)
    return {std::nullopt, path + ": expected one function, found " +
                              std::to_string(functions.size())};
  llvm::Expected<Topology> topology = TopologyAnalysis(functions.front())();
  if (!topology)
    return {std::nullopt, path + ": " + llvm::toString(topology.takeError())};
  return {text(topologyReport(*topology)), ""};
}

/// A network of the space, every option that is asked equally likely.
static Selection drawNetwork(llvm::ArrayRef<SpaceDecision> decisions,
                             Random &random) {
  Selection selection;
  for (const SpaceDecision &decision : decisions) {
    auto parent = selection.find(decision.parent);
    bool isAsked = decision.parent.empty() ||
                   (parent != selection.end() &&
                    llvm::is_contained(decision.parentOptions, parent->second));
    if (isAsked)
      selection[decision.name] =
          decision.options[random.below(decision.options.size())];
  }
  return selection;
}

namespace {
/// Networks of one supernet.
class Networks {
public:
  explicit Networks(ModuleOp supernet) : supernet(supernet) {}
  llvm::Expected<llvm::json::Object> describe(const Selection &selection);

private:
  ModuleOp supernet;
  std::map<Operation *, TopologyAnalysis> analyses;
};
} // namespace

llvm::Expected<llvm::json::Object>
Networks::describe(const Selection &selection) {
  auto function = selectedFunction(supernet, selection);
  if (!function)
    return function.takeError();
  auto counts = countNetwork(*function, selection);
  if (!counts)
    return counts.takeError();
  auto topology =
      analyses.try_emplace(*function, *function).first->second(selection);
  if (!topology)
    return topology.takeError();
  llvm::json::Object options;
  for (const auto &[decision, option] : selection)
    options[decision] = option;
  return llvm::json::Object{{"selection", std::move(options)},
                            {"nn_degree", topology->degree()},
                            {"nn_mass", topology->mass()},
                            {"macs", counts->macs},
                            {"params", counts->params}};
}

static llvm::Expected<llvm::json::Object>
topologies(const TopologiesRequest &request) {
  auto space = spaceNamed(request.space);
  if (!space)
    return space.takeError();
  auto selections = selectAll(**space, request.architectures);
  if (!selections)
    return selections.takeError();
  SpaceOptions options;
  options.resolutions.assign(request.resolutions.begin(),
                             request.resolutions.end());
  options.widthMult = request.widthMult;
  std::vector<SpaceDecision> decisions = (*space)->decisions(options);
  Random random(request.seed);
  for (size_t i = 0; i < request.draw; ++i)
    selections->push_back(drawNetwork(decisions, random));
  Session session;
  auto supernet = (*space)->build(session.context,
                                  optionsFor(*selections, request.widthMult));
  if (!supernet)
    return supernet.takeError();
  Networks networks(**supernet);
  llvm::json::Array described, known;
  for (const Selection &selection : *selections) {
    auto one = networks.describe(selection);
    if (!one)
      return one.takeError();
    described.push_back(std::move(*one));
  }
  for (const SpaceDecision &decision : decisions)
    known.push_back(
        llvm::json::Object{{"name", decision.name},
                           {"options", llvm::json::Array(decision.options)}});
  return llvm::json::Object{{"decisions", std::move(known)},
                            {"networks", std::move(described)}};
}

Answer<std::string> python::spaceTopologies(const TopologiesRequest &request) {
  llvm::Expected<llvm::json::Object> report = topologies(request);
  if (!report)
    return failure<std::string>(report.takeError());
  return {text(std::move(*report)), ""};
}
