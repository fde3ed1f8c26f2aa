// SPDX-License-Identifier: Apache-2.0
// The operations of supernets: their text and their checks.

#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "Supernet.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

#define GET_OP_CLASSES
#include "gnomon/Dialect/Gnomon/GnomonOps.cpp.inc"

using namespace gnomon;
using namespace mlir;

bool gnomon::refines(Type exact, Type type) {
  if (exact == type)
    return true;
  auto ours = dyn_cast<RankedTensorType>(exact);
  auto theirs = dyn_cast<RankedTensorType>(type);
  if (!ours || !theirs || ours.getRank() != theirs.getRank() ||
      ours.getElementType() != theirs.getElementType() ||
      ours.getEncoding() != theirs.getEncoding())
    return false;
  return llvm::all_of(
      llvm::zip(ours.getShape(), theirs.getShape()), [](auto sizes) {
        auto [mine, expected] = sizes;
        return mine == expected || ShapedType::isDynamic(expected);
      });
}

//===- DecisionOp ---------------------------------------------------------===//

std::optional<unsigned> DecisionOp::findOption(StringRef name) {
  for (auto [index, option] :
       llvm::enumerate(getOptions().getAsRange<StringAttr>()))
    if (option.getValue() == name)
      return index;
  return std::nullopt;
}

LogicalResult DecisionOp::verify() {
  if (getOptions().empty())
    return emitOpError("expected at least one option");
  llvm::StringSet<> seen;
  for (auto option : getOptions().getAsRange<StringAttr>()) {
    if (option.empty())
      return emitOpError("expected options with names, found an empty one");
    if (!seen.insert(option).second)
      return emitOpError("has the option ") << option << " twice";
  }
  if (std::optional<StringRef> option = getSelected();
      option && !findOption(*option))
    return emitOpError("selected \"")
           << *option << "\", expected one of " << getOptions();
  // The first decision speaks for all: one walk is enough.
  auto module = (*this)->getParentOfType<ModuleOp>();
  if (*module.getOps<DecisionOp>().begin() != *this)
    return success();
  return verifySupernet(module);
}

//===- ChoiceOp -----------------------------------------------------------===//

void ChoiceOp::build(OpBuilder &builder, OperationState &state,
                     FlatSymbolRefAttr decision, ArrayAttr options,
                     ValueRange inputs, TypeRange results) {
  state.addOperands(inputs);
  state.addTypes(results);
  state.addAttribute(getDecisionAttrName(state.name), decision);
  state.addAttribute(getOptionsAttrName(state.name), options);
  for (size_t i = 0; i < options.size(); ++i)
    state.addRegion();
}

ValueRange ChoiceOp::yielded(unsigned option) {
  return getAlternatives()[option].front().getTerminator()->getOperands();
}

LogicalResult ChoiceOp::verifyGiven(unsigned option, unsigned operand,
                                    Value given) {
  Type expected = getAlternatives()[option].getArgument(operand).getType();
  if (refines(given.getType(), expected))
    return success();
  InFlightDiagnostic diagnostic = emitOpError("option \"")
                                  << getOption(option) << "\" of "
                                  << getDecisionAttr() << " expects "
                                  << expected << " as argument " << operand
                                  << ", but is given " << given.getType();
  diagnostic.attachNote(given.getLoc()) << "by the selected option here";
  return diagnostic;
}

/// `@decision (%0, %1 : type, type) -> type, type`, then the options.
ParseResult ChoiceOp::parse(OpAsmParser &parser, OperationState &result) {
  FlatSymbolRefAttr decision;
  SmallVector<OpAsmParser::UnresolvedOperand> inputs;
  SmallVector<Type> types;
  SMLoc where;
  if (parser.parseAttribute(decision, getDecisionAttrName(result.name),
                            result.attributes) ||
      parser.parseLParen() || parser.getCurrentLocation(&where) ||
      parser.parseOperandList(inputs) ||
      (!inputs.empty() && parser.parseColonTypeList(types)) ||
      parser.parseRParen() || parser.parseOptionalArrowTypeList(result.types) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.resolveOperands(inputs, types, where, result.operands))
    return failure();
  SmallVector<Attribute> options;
  std::string option;
  while (succeeded(parser.parseOptionalString(&option))) {
    options.push_back(parser.getBuilder().getStringAttr(option));
    SmallVector<OpAsmParser::Argument> arguments;
    if (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren,
                                 /*allowType=*/true) ||
        parser.parseRegion(*result.addRegion(), arguments))
      return failure();
  }
  result.addAttribute(getOptionsAttrName(result.name),
                      parser.getBuilder().getArrayAttr(options));
  return success();
}

void ChoiceOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getDecisionAttr() << " (";
  if (!getInputs().empty())
    printer << getInputs() << " : " << getInputs().getTypes();
  printer << ")";
  printer.printOptionalArrowTypeList(getResultTypes());
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {getDecisionAttrName().getValue(), getOptionsAttrName().getValue()});
  for (auto [option, region] :
       llvm::zip(getOptions().getAsRange<StringAttr>(), getAlternatives())) {
    printer.printNewline();
    printer.printString(option);
    printer << " (";
    llvm::interleaveComma(region.getArguments(), printer, [&](Value argument) {
      printer.printRegionArgument(cast<BlockArgument>(argument));
    });
    printer << ") ";
    printer.printRegion(region, /*printEntryBlockArgs=*/false);
  }
}

/// Types of an edge of control flow, one by one.
static LogicalResult
verifyTypes(TypeRange found, TypeRange expected, StringRef what,
            llvm::function_ref<InFlightDiagnostic()> emitError) {
  if (found.size() != expected.size())
    return emitError() << "has " << found.size() << " " << what
                       << "s, expected " << expected.size();
  for (auto [index, types] : llvm::enumerate(llvm::zip(found, expected))) {
    auto [ours, theirs] = types;
    if (!refines(ours, theirs))
      return emitError() << "has " << what << " " << index << " of type "
                         << ours << ", expected " << theirs;
  }
  return success();
}

/// Checked before the regions are: what they end with may be anything.
static LogicalResult verifyOption(ChoiceOp choice, StringAttr option,
                                  Region &region) {
  auto error = [&] { return choice.emitOpError("option ") << option << " "; };
  if (failed(verifyTypes(region.getArgumentTypes(),
                         choice.getInputs().getTypes(), "argument", error)))
    return failure();
  Block &body = region.front();
  auto yield = body.empty() ? YieldOp() : dyn_cast<YieldOp>(body.back());
  if (!yield)
    return error() << "expected to end with gnomon.yield";
  auto errorAtYield = [&] {
    InFlightDiagnostic diagnostic = error();
    diagnostic.attachNote(yield.getLoc()) << "yielded here";
    return diagnostic;
  };
  return verifyTypes(yield.getOperandTypes(), choice.getResultTypes(), "result",
                     errorAtYield);
}

LogicalResult ChoiceOp::verify() {
  if (getAlternatives().size() != getOptions().size())
    return emitOpError("has ")
           << getAlternatives().size() << " regions, expected one for each of "
           << "its " << getOptions().size() << " options";
  for (auto [option, region] :
       llvm::zip(getOptions().getAsRange<StringAttr>(), getAlternatives()))
    if (failed(verifyOption(*this, option, region)))
      return failure();
  return success();
}

LogicalResult ChoiceOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto decision =
      symbols.lookupNearestSymbolFrom<DecisionOp>(*this, getDecisionAttr());
  if (!decision)
    return emitOpError("names ")
           << getDecisionAttr()
           << ", which is no gnomon.decision of the module";
  if (decision.getOptions() != getOptions()) {
    InFlightDiagnostic diagnostic = emitOpError("has the options ")
                                    << getOptions() << ", expected "
                                    << decision.getOptions();
    diagnostic.attachNote(decision.getLoc()) << "decision declared here";
    return diagnostic;
  }
  for (auto outer = (*this)->getParentOfType<ChoiceOp>(); outer;
       outer = outer->getParentOfType<ChoiceOp>()) {
    if (outer.getDecision() != getDecision())
      continue;
    InFlightDiagnostic diagnostic = emitOpError("is inside an option of ")
                                    << getDecisionAttr() << " itself";
    diagnostic.attachNote(outer.getLoc()) << "which is decided here";
    return diagnostic;
  }
  return success();
}

OperandRange ChoiceOp::getEntrySuccessorOperands(RegionSuccessor) {
  return getInputs();
}

bool ChoiceOp::areTypesCompatible(Type lhs, Type rhs) {
  return refines(lhs, rhs) || refines(rhs, lhs);
}

void ChoiceOp::getSuccessorRegions(RegionBranchPoint point,
                                   SmallVectorImpl<RegionSuccessor> &regions) {
  if (!point.isParent()) {
    regions.emplace_back(getOperation(), getResults());
    return;
  }
  for (Region &region : getAlternatives())
    regions.emplace_back(&region, region.getArguments());
}
