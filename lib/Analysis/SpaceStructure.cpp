// SPDX-License-Identifier: Apache-2.0
// A supernet's decisions, and the regions that they switch on and off.

#include "gnomon/Analysis/SpaceStructure.h"
#include "Activity.h"
#include "gnomon/Features/LoadTime.h"
#include "mlir/IR/IRMapping.h"

using namespace gnomon;
using namespace mlir;
using search::Literal;

namespace {

class Reader {
public:
  explicit Reader(SpaceStructure &space) : space(space) {}

  void readDecisions(ModuleOp module) {
    for (auto op : module.getOps<DecisionOp>()) {
      space.numberOf[op.getSymNameAttr()] = space.decisions.size();
      search::Decision &decision = space.decisions.emplace_back();
      decision.name = op.getSymName();
      for (auto option : op.getOptions().getAsRange<StringAttr>())
        decision.options.push_back(option.str());
    }
    uses.resize(space.decisions.size());
  }

  void readFunction(func::FuncOp op) {
    SpaceFunction function;
    function.op = op;
    std::vector<Literal> path;
    if (auto alternative =
            op->getAttrOfType<AlternativeAttr>(alternativeAttrName)) {
      function.alternative = literal(alternative);
      uses[function.alternative->decision].push_back({});
      path.push_back(*function.alternative);
    }
    function.sites.push_back({ChoiceOp(), 0, path});
    for (Region &region : op->getRegions())
      readRegion(region, 0, path, function);
    bool partOfSpace = function.alternative || function.sites.size() > 1;
    (partOfSpace ? space.functions : others).push_back(std::move(function));
  }

  LogicalResult finish(ModuleOp module) {
    if (space.functions.empty())
      space.functions = std::move(others);
    for (auto [decision, conditions] : llvm::zip_equal(space.decisions, uses))
      decision.activeWhen = simplified(std::move(conditions), space.decisions);
    return verifyFunctions(module);
  }

private:
  Literal literal(AlternativeAttr alternative) const {
    uint32_t number =
        space.numberOf.lookup(alternative.getDecision().getAttr());
    const auto &options = space.decisions[number].options;
    auto place = llvm::find(options, alternative.getOption());
    return {number, uint32_t(place - options.begin())};
  }

  /// `path` is what switches the region on, `site` the one it belongs to.
  void readRegion(Region &region, unsigned site, std::vector<Literal> &path,
                  SpaceFunction &function) {
    function.siteOf[&region] = site;
    for (Block &block : region)
      for (Operation &op : block) {
        auto choice = dyn_cast<ChoiceOp>(op);
        if (choice)
          readChoice(choice, path, function);
        else
          for (Region &inner : op.getRegions())
            readRegion(inner, site, path, function);
      }
  }

  void readChoice(ChoiceOp choice, std::vector<Literal> &path,
                  SpaceFunction &function) {
    uint32_t decision = space.decisionOf(choice);
    uses[decision].push_back(path);
    for (auto [option, region] : llvm::enumerate(choice.getAlternatives())) {
      path.push_back({decision, uint32_t(option)});
      unsigned site = function.sites.size();
      function.sites.push_back({choice, unsigned(option), path});
      readRegion(region, site, path, function);
      path.pop_back();
    }
  }

  LogicalResult verifyFunctions(ModuleOp module) {
    if (space.functions.empty())
      return emitError(module.getLoc(), "expected a function with a body");
    for (SpaceFunction &function : llvm::drop_begin(space.functions)) {
      const auto &first = space.functions.front();
      if (function.alternative && first.alternative &&
          function.alternative->decision == first.alternative->decision)
        continue;
      InFlightDiagnostic diagnostic =
          function.op.emitError("expected a gnomon.alternative of the decision "
                                "that picks one of several functions");
      diagnostic.attachNote(func::FuncOp(first.op).getLoc())
          << "another function is here";
      return diagnostic;
    }
    return success();
  }

  SpaceStructure &space;
  std::vector<SpaceFunction> others;
  /// What switches on each use of a decision.
  std::vector<std::vector<std::vector<Literal>>> uses;
};

/// Copies the selected options of one function one after the other.
class Cloner {
public:
  Cloner(const SpaceStructure &space, const SpaceFunction &function,
         ArrayRef<uint32_t> assignment,
         llvm::DenseMap<Operation *, unsigned> &siteOf)
      : space(space), function(function), assignment(assignment),
        siteOf(siteOf) {}

  FailureOr<func::FuncOp> run(ModuleOp into) {
    func::FuncOp original = function.op;
    auto copy = cast<func::FuncOp>(original->cloneWithoutRegions());
    copy->removeAttr(alternativeAttrName);
    into.push_back(copy);
    if (failed(cloneRegion(original.getBody(), copy.getBody(), 0))) {
      copy.erase();
      return failure();
    }
    auto results = copy.getBody().back().getTerminator()->getOperandTypes();
    if (results != copy.getResultTypes())
      copy.setType(FunctionType::get(copy.getContext(), copy.getArgumentTypes(),
                                     llvm::to_vector(results)));
    return copy;
  }

private:
  LogicalResult cloneRegion(Region &from, Region &to, unsigned site) {
    for (Block &block : from) {
      Block *copy = new Block;
      to.push_back(copy);
      map.map(&block, copy);
      entry = entry ? entry : copy;
      for (BlockArgument argument : block.getArguments())
        map.map(argument,
                copy->addArgument(argument.getType(), argument.getLoc()));
    }
    for (Block &block : from) {
      auto builder = OpBuilder::atBlockEnd(map.lookup(&block));
      for (Operation &op : block)
        if (failed(cloneOperation(op, builder, site)))
          return failure();
    }
    return success();
  }

  LogicalResult cloneOperation(Operation &op, OpBuilder &builder,
                               unsigned site) {
    if (auto choice = dyn_cast<ChoiceOp>(op))
      return cloneChoice(choice, builder);
    // Most constants are for options not taken: those that are read come along.
    if (isConstant(&op))
      return success();
    for (Value operand : op.getOperands())
      cloneConstant(operand);
    Operation *copy = builder.insert(op.cloneWithoutRegions(map));
    siteOf[copy] = site;
    for (auto [from, to] : llvm::zip(op.getRegions(), copy->getRegions()))
      if (failed(cloneRegion(from, to, site)))
        return failure();
    return success();
  }

  /// At the entry of the function, so that it is there for every reader.
  void cloneConstant(Value value) {
    if (map.contains(value))
      return;
    auto builder = OpBuilder::atBlockBegin(entry);
    builder.clone(*value.getDefiningOp(), map);
  }

  LogicalResult cloneChoice(ChoiceOp choice, OpBuilder &builder) {
    unsigned option = assignment[space.decisionOf(choice)];
    Region &region = choice.getAlternatives()[option];
    for (Value operand : choice.getInputs())
      cloneConstant(operand);
    for (auto [argument, operand] :
         llvm::zip(region.getArguments(), choice.getInputs())) {
      Value given = map.lookup(operand);
      if (failed(choice.verifyGiven(option, argument.getArgNumber(), given)))
        return failure();
      map.map(argument, given);
    }
    unsigned site = function.siteOf.lookup(&region);
    for (Operation &op : region.front().without_terminator())
      if (failed(cloneOperation(op, builder, site)))
        return failure();
    for (auto [result, value] :
         llvm::zip(choice.getResults(), choice.yielded(option))) {
      cloneConstant(value);
      map.map(result, map.lookup(value));
    }
    return success();
  }

  const SpaceStructure &space;
  const SpaceFunction &function;
  ArrayRef<uint32_t> assignment;
  llvm::DenseMap<Operation *, unsigned> &siteOf;
  IRMapping map;
  Block *entry = nullptr;
};

} // namespace

FailureOr<SpaceStructure> gnomon::readSpaceStructure(ModuleOp module) {
  SpaceStructure space;
  Reader reader(space);
  reader.readDecisions(module);
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      reader.readFunction(function);
  if (failed(reader.finish(module)))
    return failure();
  return space;
}

FailureOr<func::FuncOp>
gnomon::cloneNetwork(const SpaceStructure &space, const SpaceFunction &function,
                     ArrayRef<uint32_t> assignment, ModuleOp into,
                     llvm::DenseMap<Operation *, unsigned> &siteOf) {
  return Cloner(space, function, assignment, siteOf).run(into);
}
