// SPDX-License-Identifier: Apache-2.0
// What must hold for all decisions of a module together.

#include "Supernet.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/MapVector.h"

using namespace gnomon;
using namespace mlir;

namespace {

/// Who refers to decisions, and which decision is nested in which.
class References {
public:
  explicit References(ModuleOp module) {
    module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (auto choice = dyn_cast<ChoiceOp>(op))
        addChoice(choice);
      else if (op->getParentOp() == module.getOperation())
        addFunction(op);
    });
  }

  LogicalResult verify(ModuleOp module) {
    for (auto decision : module.getOps<DecisionOp>())
      if (!used.contains(decision.getSymNameAttr()))
        return decision.emitOpError("@")
               << decision.getSymName()
               << " is used by no choice and no function; expected one";
    return failure(failed(verifyAlternatives()) || failed(verifyNesting()));
  }

private:
  /// Null if the operation is not what it should be, which others report.
  static StringAttr decisionOf(ChoiceOp choice) {
    auto symbol = choice->getAttrOfType<FlatSymbolRefAttr>("decision");
    return symbol ? symbol.getAttr() : StringAttr();
  }

  void addChoice(ChoiceOp choice) {
    StringAttr inner = decisionOf(choice);
    if (!inner)
      return;
    used.insert(inner);
    if (auto parent = choice->getParentOfType<ChoiceOp>())
      if (StringAttr outer = decisionOf(parent); outer && outer != inner)
        nested.try_emplace({outer, inner}, choice);
  }

  void addFunction(Operation *op) {
    auto alternative = op->getAttrOfType<AlternativeAttr>(alternativeAttrName);
    if (!alternative)
      return;
    used.insert(alternative.getDecision().getAttr());
    functions[alternative].push_back(op);
  }

  LogicalResult verifyAlternatives() {
    for (auto &[alternative, same] : functions)
      if (same.size() > 1) {
        InFlightDiagnostic diagnostic =
            same[1]->emitError("is a second function for ") << alternative;
        diagnostic.attachNote(same[0]->getLoc()) << "the first is here";
        return diagnostic;
      }
    return success();
  }

  /// Follows nesting from each decision; one that comes back is a cycle.
  LogicalResult verifyNesting() {
    llvm::MapVector<StringAttr, SmallVector<StringAttr>> inside;
    for (auto &[pair, choice] : nested)
      inside[pair.first].push_back(pair.second);
    for (auto &[pair, choice] : nested)
      if (reaches(pair.second, pair.first, inside)) {
        auto where = llvm::find_if(nested, [&, end = pair.first](auto &entry) {
          return entry.first.second == end;
        });
        InFlightDiagnostic diagnostic =
            ChoiceOp(choice).emitOpError("of @")
            << pair.second.getValue() << " is inside an option of @"
            << pair.first.getValue() << ", which is itself nested in @"
            << pair.second.getValue();
        diagnostic.attachNote(ChoiceOp(where->second).getLoc())
            << "@" << pair.first.getValue() << " is nested here";
        return diagnostic;
      }
    return success();
  }

  static bool
  reaches(StringAttr from, StringAttr to,
          const llvm::MapVector<StringAttr, SmallVector<StringAttr>> &inside) {
    SmallVector<StringAttr> open = {from};
    llvm::DenseSet<StringAttr> seen;
    while (!open.empty()) {
      StringAttr next = open.pop_back_val();
      if (next == to)
        return true;
      auto found = inside.find(next);
      if (seen.insert(next).second && found != inside.end())
        llvm::append_range(open, found->second);
    }
    return false;
  }

  llvm::DenseSet<StringAttr> used;
  /// (outer decision, inner decision) -> the first such inner choice.
  llvm::MapVector<std::pair<StringAttr, StringAttr>, ChoiceOp> nested;
  llvm::MapVector<AlternativeAttr, SmallVector<Operation *, 1>> functions;
};

} // namespace

LogicalResult gnomon::verifySupernet(ModuleOp module) {
  return References(module).verify(module);
}

LogicalResult gnomon::verifyAlternative(Operation *op, Attribute attribute) {
  auto alternative = dyn_cast<AlternativeAttr>(attribute);
  if (!alternative)
    return op->emitError() << "'" << alternativeAttrName
                           << "' expected a #gnomon.alternative, found "
                           << attribute;
  if (!isa<FunctionOpInterface>(op) ||
      !isa_and_nonnull<ModuleOp>(op->getParentOp()))
    return op->emitError() << "'" << alternativeAttrName
                           << "' belongs on a function of a module";
  Operation *symbol = SymbolTable::lookupSymbolIn(
      op->getParentOp(), alternative.getDecision().getAttr());
  auto decision = dyn_cast_or_null<DecisionOp>(symbol);
  if (!decision)
    return op->emitError() << "is an alternative of "
                           << alternative.getDecision()
                           << ", which is no gnomon.decision of the module";
  if (decision.findOption(alternative.getOption()))
    return success();
  InFlightDiagnostic diagnostic =
      op->emitError() << "is the alternative \"" << alternative.getOption()
                      << "\" of " << alternative.getDecision()
                      << ", expected one of " << decision.getOptions();
  diagnostic.attachNote(decision.getLoc()) << "decision declared here";
  return diagnostic;
}
