// SPDX-License-Identifier: Apache-2.0
// What the Python package asks about look-up tables, without Python.

#include "TableCalls.h"
#include "Architectures.h"
#include "NamedSpace.h"
#include "gnomon/Analysis/TableCost.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

namespace {

std::vector<int64_t> allResolutions(const Space &space, double widthMult) {
  SpaceOptions options;
  options.widthMult = widthMult;
  const std::vector<SpaceDecision> decisions = space.decisions(options);
  std::vector<int64_t> result;
  for (llvm::StringRef option : decisions.front().options) {
    int64_t resolution = 0;
    option.getAsInteger(10, resolution);
    result.push_back(resolution);
  }
  return result;
}

/// Mean and spread of what a block was seen to cost.
struct Seen {
  int64_t count = 0;
  double sum = 0, squares = 0; ///< of nanoseconds

  void add(int64_t ns) {
    ++count;
    sum += double(ns);
    squares += double(ns) * double(ns);
  }
  TableEntry entry() const {
    double mean = sum / double(count);
    double variance = std::max(0.0, squares / double(count) - mean * mean);
    return {mean / 1000, std::sqrt(variance) / 1000, count};
  }
};

/// Draws networks of one resolution until every block was seen often enough.
class Tabulator {
public:
  Tabulator(Session &session, const Space &space, const TableRequest &request)
      : session(session), space(space), request(request) {}

  /// An error, or the diagnostics of the session.
  llvm::Expected<std::string> tabulate(int64_t resolution);

private:
  llvm::Error open(int64_t resolution);
  bool seenEnough() const;
  llvm::Error visit(uint64_t seed);
  llvm::Error said() { return llvm::createStringError(session.takeProblem()); }

  Session &session;
  const Space &space;
  const TableRequest &request;
  SpaceOptions options;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<CostSetup> setup;
  SpaceStructure structure;
  std::map<std::string, Seen> seen;
};
} // namespace

llvm::Error Tabulator::open(int64_t resolution) {
  options.resolutions = {resolution};
  options.widthMult = request.widthMult;
  auto built = space.build(session.context, options);
  if (!built)
    return built.takeError();
  module = std::move(*built);
  auto loaded = CostSetup::load(request.bundle, request.device, *module);
  if (!loaded)
    return loaded.takeError();
  setup = std::move(*loaded);
  if (auto kernels = requireKernels(*setup, "a table"); !kernels)
    return kernels.takeError();
  FailureOr<SpaceStructure> read = readSpaceStructure(*module);
  if (failed(read))
    return said();
  structure = std::move(*read);
  module->walk([&](Operation *op) {
    if (auto key = op->getAttrOfType<StringAttr>(blockAttrName))
      seen.try_emplace(key.str());
  });
  if (seen.empty())
    return llvm::createStringError("the space '" + space.name() +
                                   "' has no keys of blocks, so no tables");
  return llvm::Error::success();
}

bool Tabulator::seenEnough() const {
  return llvm::all_of(seen, [&](const auto &entry) {
    return entry.second.count >= int64_t(request.samples);
  });
}

llvm::Error Tabulator::visit(uint64_t seed) {
  search::Assignment assignment =
      assignmentOf(structure.decisions, space.random(seed, options));
  OwningOpRef<ModuleOp> network = ModuleOp::create(module->getLoc());
  llvm::DenseMap<Operation *, unsigned> siteOf;
  if (failed(cloneNetwork(structure, structure.functions.front(), assignment,
                          *network, siteOf)))
    return said();
  FailureOr<ModuleCost> cost = analyzeCost(*network, *setup);
  if (failed(cost))
    return said();
  for (const BlockCost &block : blockCosts(cost->functions.front()))
    seen[block.key].add(block.ns);
  return llvm::Error::success();
}

llvm::Expected<std::string> Tabulator::tabulate(int64_t resolution) {
  if (llvm::Error problem = open(resolution))
    return std::move(problem);
  const uint64_t most = 1000 * request.samples;
  for (uint64_t seed = 0; seed < most && !seenEnough(); ++seed)
    if (llvm::Error problem = visit(seed))
      return std::move(problem);
  LatencyTable table;
  for (const auto &[key, numbers] : seen) {
    if (numbers.count == 0)
      return llvm::createStringError("no network among " + llvm::Twine(most) +
                                     " has the block '" + key + "'");
    table[key] = numbers.entry();
  }
  return writeLatencyYaml(table);
}

Answer<std::vector<double>>
python::tableLatencies(const std::string &spaceName, const std::string &folder,
                       double widthMult,
                       const std::vector<std::string> &architectures) {
  llvm::Expected<std::shared_ptr<const Space>> space = spaceNamed(spaceName);
  if (!space)
    return failure<std::vector<double>>(space.takeError());
  auto bundle = TableBundle::load(folder);
  if (!bundle)
    return failure<std::vector<double>>(bundle.takeError());
  auto selections = selectAll(**space, architectures);
  if (!selections)
    return failure<std::vector<double>>(selections.takeError());
  if (selections->empty())
    return {std::vector<double>(), ""};
  Session session;
  auto module =
      (*space)->build(session.context, optionsFor(*selections, widthMult));
  if (!module)
    return failure<std::vector<double>>(module.takeError());
  FailureOr<SpaceStructure> structure = readSpaceStructure(**module);
  if (failed(structure))
    return {std::nullopt, session.takeProblem()};
  FailureOr<TableCost> cost = TableCost::create(*structure, **bundle);
  if (failed(cost))
    return {std::nullopt, session.takeProblem()};
  std::vector<double> result;
  for (const Selection &selection : *selections)
    result.push_back(
        cost->latencyUs(assignmentOf(structure->decisions, selection)) / 1000);
  return {std::move(result), ""};
}

Answer<std::map<int64_t, std::string>>
python::spaceTables(const TableRequest &request) {
  using Tables = std::map<int64_t, std::string>;
  llvm::Expected<std::shared_ptr<const Space>> space =
      spaceNamed(request.space);
  if (!space)
    return failure<Tables>(space.takeError());
  std::vector<int64_t> resolutions = request.resolutions;
  if (resolutions.empty())
    resolutions = allResolutions(**space, request.widthMult);
  Tables result;
  for (int64_t resolution : resolutions) {
    Session session;
    auto text = Tabulator(session, **space, request).tabulate(resolution);
    if (!text)
      return failure<Tables>(text.takeError());
    result[resolution] = std::move(*text);
  }
  return {std::move(result), ""};
}
