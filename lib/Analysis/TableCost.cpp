// SPDX-License-Identifier: Apache-2.0
// Networks and spaces costed by look-up tables, and tables made from other
// bundles.

#include "gnomon/Analysis/TableCost.h"
#include <cmath>
#include <map>

using namespace mlir;

namespace gnomon {

constexpr size_t kMostEntries = 1000000;

static StringRef blockKey(Operation *op) {
  auto key = op->getAttrOfType<StringAttr>(blockAttrName);
  return key ? key.getValue() : StringRef();
}

FailureOr<int64_t> resolutionOf(func::FuncOp function) {
  for (Type type : function.getArgumentTypes())
    if (auto image = dyn_cast<RankedTensorType>(type);
        image && image.getRank() == 4 && !image.isDynamicDim(2))
      return image.getDimSize(2);
  return function.emitError("expected an image argument of type tensor<batch x "
                            "channels x height x width> to find the table of "
                            "its resolution");
}

//===- Costs --------------------------------------------------------------===//

FailureOr<TableCost> TableCost::create(ModuleOp module,
                                       const TableBundle &bundle) {
  FailureOr<SpaceStructure> space = readSpaceStructure(module);
  if (failed(space))
    return failure();
  TableCost result;
  result.structure = space->decisions;
  for (SpaceFunction &function : space->functions) {
    FailureOr<int64_t> resolution = resolutionOf(function.op);
    if (failed(resolution))
      return failure();
    const size_t before = result.all.size();
    WalkResult walk = function.op.walk([&](Operation *op) {
      StringRef key = blockKey(op);
      if (key.empty())
        return WalkResult::advance();
      llvm::Expected<const TableEntry *> entry = bundle.find(*resolution, key);
      if (!entry)
        return WalkResult(op->emitError(llvm::toString(entry.takeError())));
      Block block;
      block.us = (*entry)->meanUs;
      const Site &site =
          function.sites[function.siteOf.lookup(op->getParentRegion())];
      block.path = site.path;
      if (!site.choice && function.alternative)
        block.path = {*function.alternative};
      result.all.push_back(std::move(block));
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return failure();
    if (result.all.size() == before)
      return function.op.emitError("has no block with a key (gnomon.block) to "
                                   "look up");
  }
  return result;
}

static bool holds(ArrayRef<search::Literal> path,
                  ArrayRef<uint32_t> assignment) {
  return llvm::all_of(path, [&](const search::Literal &literal) {
    return assignment[literal.decision] == literal.option;
  });
}

double TableCost::latencyUs(ArrayRef<uint32_t> assignment) const {
  double sum = 0;
  for (const Block &block : all)
    if (holds(block.path, assignment))
      sum += block.us;
  return sum;
}

//===- Problem ------------------------------------------------------------===//

/// The decisions of a path, ascending.
static std::vector<uint32_t> scopeOf(ArrayRef<search::Literal> path) {
  std::vector<uint32_t> scope;
  for (const search::Literal &literal : path)
    scope.push_back(literal.decision);
  llvm::sort(scope);
  scope.erase(llvm::unique(scope), scope.end());
  return scope;
}

/// The entry of a term at which all literals of a path hold; nullopt: they
/// contradict each other.
static std::optional<size_t> entryOf(ArrayRef<search::Literal> path,
                                     ArrayRef<uint32_t> scope,
                                     ArrayRef<search::Decision> decisions) {
  size_t entry = 0;
  for (uint32_t decision : scope) {
    std::optional<uint32_t> option;
    for (const search::Literal &literal : path)
      if (literal.decision == decision) {
        if (option && *option != literal.option)
          return std::nullopt;
        option = literal.option;
      }
    entry = entry * decisions[decision].options.size() + *option;
  }
  return entry;
}

llvm::Expected<search::Problem> TableCost::problem(StringRef name) const {
  search::Problem problem;
  problem.name = name.str();
  problem.metrics = {{"latency", "ns"}};
  problem.decisions = structure;
  std::map<std::vector<uint32_t>, size_t> termOf;
  for (const Block &block : all) {
    std::vector<uint32_t> scope = scopeOf(block.path);
    auto [place, isNew] = termOf.try_emplace(scope, problem.terms.size());
    if (isNew) {
      size_t entries = 1;
      for (uint32_t decision : scope) {
        entries *= structure[decision].options.size();
        if (entries > kMostEntries)
          return llvm::createStringError(
              "a block depends on " + llvm::Twine(scope.size()) +
              " decisions together: their table would have more than " +
              llvm::Twine(kMostEntries) + " entries");
      }
      problem.terms.push_back({scope, std::vector<search::Cost>(entries)});
    }
    if (std::optional<size_t> entry = entryOf(block.path, scope, structure))
      problem.terms[place->second].costs[*entry] +=
          std::llround(block.us * 1000);
  }
  return problem;
}

//===- Tables from networks -----------------------------------------------===//

/// Number of the block of every operation outside of regions within.
static llvm::DenseMap<Operation *, size_t>
numberOperations(func::FuncOp function, std::vector<BlockCost> &blocks) {
  llvm::DenseMap<Operation *, size_t> blockOf;
  for (Operation &op : function.getBody().front()) {
    op.walk([&](Operation *inner) { blockOf[inner] = blocks.size(); });
    if (StringRef key = blockKey(&op); !key.empty())
      blocks.push_back({key.str()});
  }
  for (auto &[op, block] : blockOf)
    block = std::min(block, blocks.empty() ? 0 : blocks.size() - 1);
  return blockOf;
}

std::vector<BlockCost> blockCosts(const FunctionCost &cost) {
  std::vector<BlockCost> blocks;
  func::FuncOp function = cost.function;
  auto blockOf = numberOperations(function, blocks);
  if (blocks.empty())
    return blocks;
  int64_t rest = cost.latencyNs;
  size_t block = blocks.size() - 1;
  for (const KernelCost &kernel : llvm::reverse(cost.kernels)) {
    Operation *op = kernel.kernel.anchor;
    if (!op && !kernel.kernel.ops.empty())
      op = kernel.kernel.ops.front();
    if (op)
      block = blockOf.lookup(op);
    blocks[block].ns += kernel.shareNs;
    rest -= kernel.shareNs;
  }
  blocks.front().ns += rest;
  return blocks;
}

} // namespace gnomon
