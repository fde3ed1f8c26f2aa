// SPDX-License-Identifier: Apache-2.0
// Puts selected options in the place of choices.

#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Transforms/Choices.h"

using namespace gnomon;
using namespace mlir;

LogicalResult
gnomon::recordSelection(ModuleOp module,
                        const std::map<std::string, std::string> &selection) {
  for (const auto &[name, option] : selection) {
    auto decision = module.lookupSymbol<DecisionOp>(name);
    if (!decision)
      return emitError(module.getLoc())
             << "selection: the module has no decision @" << name;
    std::optional<unsigned> index = decision.findOption(option);
    if (!index) {
      InFlightDiagnostic diagnostic =
          emitError(module.getLoc())
          << "selection: @" << name << " has no option \"" << option
          << "\", expected one of " << decision.getOptions();
      diagnostic.attachNote(decision.getLoc()) << "decision declared here";
      return diagnostic;
    }
    decision.select(*index);
  }
  return success();
}

void gnomon::eraseUnreadConstants(func::FuncOp function) {
  function.walk([](Operation *op) {
    if (op->getName().getStringRef() == "onnx.Constant" && op->use_empty())
      op->erase();
  });
}

namespace {

class Materializer {
public:
  explicit Materializer(ModuleOp module) : module(module), symbols(module) {}

  LogicalResult run() {
    if (failed(keepSelectedFunctions()))
      return failure();
    for (auto function : module.getOps<func::FuncOp>()) {
      for (Block &block : function.getBody())
        if (failed(resolveChoices(block)))
          return failure();
      adoptResultTypes(function);
      eraseUnreadConstants(function);
    }
    for (auto decision :
         llvm::make_early_inc_range(module.getOps<DecisionOp>()))
      decision.erase();
    return success();
  }

private:
  /// The option selected for a decision that matters at `user`.
  FailureOr<unsigned> selected(FlatSymbolRefAttr name, Operation *user) {
    auto decision = symbols.lookup<DecisionOp>(name.getAttr());
    if (std::optional<StringRef> option = decision.getSelected())
      return *decision.findOption(*option);
    InFlightDiagnostic diagnostic =
        decision.emitOpError("is not settled, expected one of ")
        << decision.getOptions() << " to be selected";
    diagnostic.attachNote(user->getLoc()) << "it matters here";
    return diagnostic;
  }

  LogicalResult keepSelectedFunctions() {
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      auto alternative =
          function->getAttrOfType<AlternativeAttr>(alternativeAttrName);
      if (!alternative)
        continue;
      FailureOr<unsigned> option =
          selected(alternative.getDecision(), function);
      if (failed(option))
        return failure();
      auto decision =
          symbols.lookup<DecisionOp>(alternative.getDecision().getAttr());
      if (decision.getOption(*option) == alternative.getOption())
        function->removeAttr(alternativeAttrName);
      else
        symbols.erase(function);
    }
    return success();
  }

  /// Options stand in one after the other, so that those inside are met next.
  LogicalResult resolveChoices(Block &block) {
    for (auto next = block.begin(); next != block.end();) {
      Operation *op = &*next;
      if (auto choice = dyn_cast<ChoiceOp>(op)) {
        FailureOr<Block::iterator> first = inlineOption(choice);
        if (failed(first))
          return failure();
        next = *first;
        continue;
      }
      for (Region &region : op->getRegions())
        for (Block &inner : region)
          if (failed(resolveChoices(inner)))
            return failure();
      ++next;
    }
    return success();
  }

  /// Returns the first operation of the option, or what follows the choice.
  FailureOr<Block::iterator> inlineOption(ChoiceOp choice) {
    FailureOr<unsigned> option = selected(choice.getDecisionAttr(), choice);
    if (failed(option))
      return failure();
    Block &body = choice.getAlternatives()[*option].front();
    for (auto [argument, operand] :
         llvm::zip(body.getArguments(), choice.getInputs())) {
      if (failed(choice.verifyGiven(*option, argument.getArgNumber(), operand)))
        return failure();
      argument.replaceAllUsesWith(operand);
    }
    Operation *yield = body.getTerminator();
    choice->replaceAllUsesWith(yield->getOperands());
    yield->erase();
    Block &outer = *choice->getBlock();
    auto after = std::next(choice->getIterator());
    Block::iterator first = body.empty() ? after : body.begin();
    outer.getOperations().splice(choice->getIterator(), body.getOperations());
    choice->erase();
    return first;
  }

  /// What the function returns may be known better now.
  static void adoptResultTypes(func::FuncOp function) {
    if (function.isExternal())
      return;
    auto types = function.getBody().back().getTerminator()->getOperandTypes();
    if (types != function.getResultTypes())
      function.setType(FunctionType::get(function.getContext(),
                                         function.getArgumentTypes(),
                                         llvm::to_vector(types)));
  }

  ModuleOp module;
  SymbolTable symbols;
};

} // namespace

LogicalResult gnomon::materializeChoices(ModuleOp module) {
  return Materializer(module).run();
}
