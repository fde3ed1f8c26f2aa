// SPDX-License-Identifier: Apache-2.0
// Networks and spaces costed by look-up tables, and tables made from other
// bundles.

#include "gnomon/Analysis/TableCost.h"
#include "gnomon/Features/LoadTime.h"
#include <cmath>

using namespace mlir;

namespace gnomon {

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

//===- Spaces -------------------------------------------------------------===//

/// The entry of the block that `op` ends; an error at it if there is none.
static FailureOr<const TableEntry *>
lookUp(Operation *op, const TableBundle &bundle, int64_t resolution) {
  llvm::Expected<const TableEntry *> entry =
      bundle.find(resolution, blockKey(op));
  if (!entry)
    return emitError(op->getLoc()) << llvm::toString(entry.takeError());
  return *entry;
}

static LogicalResult refuseWithoutKeys(func::FuncOp function) {
  return emitError(function.getLoc())
         << "function '" << function.getName()
         << "' has no block with a key (gnomon.block) to look up";
}

/// What an option does at run time must have a price: operations of its own,
/// and no key, would cost nothing unnoticed.
static LogicalResult requireKey(const Site &site) {
  Operation *first = nullptr;
  ChoiceOp choice = site.choice;
  for (Operation &op : choice.getAlternatives()[site.option].getOps()) {
    if (isConstant(&op) || isa<ChoiceOp, YieldOp>(op))
      continue;
    WalkResult keys = op.walk([](Operation *inner) {
      return blockKey(inner).empty() ? WalkResult::advance()
                                     : WalkResult::interrupt();
    });
    if (keys.wasInterrupted())
      return success();
    first = first ? first : &op;
  }
  if (!first)
    return success();
  return emitError(first->getLoc())
         << "'" << first->getName()
         << "' belongs to no block with a key (gnomon.block) to look up";
}

FailureOr<TableCost> TableCost::create(const SpaceStructure &space,
                                       const TableBundle &bundle) {
  TableCost result;
  for (const SpaceFunction &function : space.functions) {
    func::FuncOp op = function.op;
    FailureOr<int64_t> resolution = resolutionOf(op);
    if (failed(resolution))
      return failure();
    const size_t before = result.all.size();
    WalkResult walk = op.walk([&](Operation *inner) {
      if (blockKey(inner).empty())
        return WalkResult::advance();
      auto entry = lookUp(inner, bundle, *resolution);
      if (failed(entry))
        return WalkResult::interrupt();
      const Site &site =
          function.sites[function.siteOf.lookup(inner->getParentRegion())];
      result.all.push_back({site.path, space.ownerOf(site), *entry});
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return failure();
    if (result.all.size() == before)
      return refuseWithoutKeys(op);
    for (const Site &site : function.sites)
      if (site.choice && failed(requireKey(site)))
        return failure();
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
      sum += block.entry->meanUs;
  return sum;
}

//===- Networks -----------------------------------------------------------===//

/// The block that ends at `op`.
static KernelCost costOf(Operation *op, const TableEntry &entry,
                         const TableSetup &setup) {
  KernelCost cost;
  cost.kernel.nameAttr = op->getAttrOfType<StringAttr>(blockAttrName);
  cost.kernel.name = cost.kernel.nameAttr.str();
  cost.kernel.op = "Block";
  cost.kernel.anchor = op;
  cost.location = op->getLoc();
  cost.rooflineUs = std::numeric_limits<double>::quiet_NaN();
  auto [low, high] = setup.networkInterval();
  cost.estimate = {entry.meanUs, entry.meanUs * std::exp(low),
                   entry.meanUs * std::exp(high), Source::Predicted};
  cost.shareNs = entry.meanNs();
  return cost;
}

/// Fills the blocks of a function.
static LogicalResult costBlocks(FunctionCost &cost, const TableSetup &setup) {
  FailureOr<int64_t> resolution = resolutionOf(cost.function);
  if (failed(resolution))
    return failure();
  SmallVector<Operation *, 2> members;
  auto addTo = [&](KernelCost &block) {
    llvm::append_range(block.kernel.ops, members);
    members.clear();
  };
  WalkResult walk = cost.function.getBody().walk([&](Operation *op) {
    if (isa<ChoiceOp>(op)) {
      emitError(op->getLoc(), "expected a network without choices to look up; "
                              "gnomon-materialize-choices makes one");
      return WalkResult::interrupt();
    }
    if (isConstant(op) || op->hasTrait<OpTrait::IsTerminator>())
      return WalkResult::advance();
    members.push_back(op);
    if (blockKey(op).empty())
      return WalkResult::advance();
    auto entry = lookUp(op, setup.bundle(), *resolution);
    if (failed(entry))
      return WalkResult::interrupt();
    addTo(cost.kernels.emplace_back(costOf(op, **entry, setup)));
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  if (cost.kernels.empty())
    return refuseWithoutKeys(cost.function);
  addTo(cost.kernels.back());
  return success();
}

LogicalResult costBlocks(ModuleOp module, const TableSetup &setup,
                         std::vector<FunctionCost> &functions) {
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    FunctionCost &cost = functions.emplace_back();
    cost.function = function;
    if (failed(costBlocks(cost, setup)))
      return failure();
    cost.sumUp(0, setup);
  }
  return success();
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
