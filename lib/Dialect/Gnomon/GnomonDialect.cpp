// SPDX-License-Identifier: Apache-2.0
// The gnomon dialect: its attributes, their text and their checks.

#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "Supernet.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Dialect/Gnomon/LatencyGradient.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/Operation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"
#include <cmath>

#include "gnomon/Dialect/Gnomon/GnomonDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "gnomon/Dialect/Gnomon/GnomonAttributes.cpp.inc"

using namespace mlir;

namespace gnomon {

namespace {
/// Calls may be inlined into options, and functions with choices into others.
struct Inliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Operation *, bool) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void GnomonDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "gnomon/Dialect/Gnomon/GnomonAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "gnomon/Dialect/Gnomon/GnomonOps.cpp.inc"
      >();
  addInterfaces<Inliner>();
}

/// Attributes that hold a string.
static constexpr llvm::StringLiteral textAttrNames[] = {
    kernelAttrName, blockAttrName, initAttrName, spaceAttrName,
    architectureAttrName};

LogicalResult
GnomonDialect::verifyOperationAttribute(Operation *op,
                                        NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if (name == alternativeAttrName)
    return verifyAlternative(op, attribute.getValue());
  if (name == latencyGradientAttrName)
    return verifyLatencyGradient(op, attribute.getValue());
  if (name == estimateAttrName) {
    if (isa<EstimateAttr>(attribute.getValue()))
      return success();
    return op->emitError() << "'" << name
                           << "' expected a #gnomon.estimate, found "
                           << attribute.getValue();
  }
  if (llvm::is_contained(textAttrNames, name)) {
    if (isa<StringAttr>(attribute.getValue()))
      return success();
    return op->emitError() << "'" << name << "' expected a string, found "
                           << attribute.getValue();
  }
  InFlightDiagnostic diagnostic = op->emitError();
  diagnostic << "'" << name
             << "' is no attribute of the gnomon dialect; expected "
             << estimateAttrName << ", " << alternativeAttrName << ", "
             << latencyGradientAttrName;
  for (StringRef text : textAttrNames)
    diagnostic << (text == textAttrNames[std::size(textAttrNames) - 1] ? " or "
                                                                       : ", ")
               << text;
  return diagnostic;
}

//===- EstimateAttr -------------------------------------------------------===//

LogicalResult
EstimateAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                     EstimateNumbers numbers, Source, StringRef, StringRef) {
  for (double time : {numbers.latencyUs, numbers.lowUs, numbers.highUs})
    if (!std::isfinite(time) || time < 0)
      return emitError() << "expected finite times of at least 0";
  if (numbers.highUs < numbers.lowUs)
    return emitError() << "expected low_us <= high_us";
  if (!(numbers.confidence >= 0 && numbers.confidence < 1))
    return emitError() << "expected a confidence between 0 and 1";
  return success();
}

/// The shortest text that reads back as the same number and that MLIR's lexer
/// takes for a floating-point literal.
static std::string literal(double number) {
  std::string text;
  for (int digits : {6, 9, 17}) {
    char buffer[40];
    snprintf(buffer, sizeof(buffer), "%.*g", digits, number);
    text = buffer;
    if (strtod(buffer, nullptr) == number)
      break;
  }
  if (text.find('.') == std::string::npos)
    text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

void EstimateAttr::print(AsmPrinter &printer) const {
  printer << "<latency_us = " << literal(latencyUs())
          << ", low_us = " << literal(lowUs())
          << ", high_us = " << literal(highUs())
          << ", confidence = " << literal(confidence())
          << ", source = " << stringify(getSource()) << ", kind = ";
  printer.printString(getKind());
  printer << ", kernel = ";
  printer.printString(getKernel());
  printer << ">";
}

/// Parses `name = number`.
static ParseResult parseNumber(AsmParser &parser, StringRef name,
                               double &result) {
  return failure(parser.parseKeyword(name) || parser.parseEqual() ||
                 parser.parseFloat(result));
}

/// Parses `source = <one of the known sources>`.
static ParseResult parseSourceField(AsmParser &parser, Source &result) {
  StringRef name;
  if (parser.parseKeyword("source") || parser.parseEqual())
    return failure();
  llvm::SMLoc where = parser.getCurrentLocation();
  if (parser.parseKeyword(&name))
    return failure();
  if (std::optional<Source> source = parseSource(name)) {
    result = *source;
    return success();
  }
  return parser.emitError(where)
         << "expected predicted, extrapolated, roofline, free or unsupported, "
            "found "
         << name;
}

/// Parses `name = "text"`.
static ParseResult parseText(AsmParser &parser, StringRef name,
                             std::string &result) {
  return failure(parser.parseKeyword(name) || parser.parseEqual() ||
                 parser.parseString(&result));
}

Attribute EstimateAttr::parse(AsmParser &parser, Type) {
  EstimateNumbers numbers;
  Source source;
  std::string kind, kernel;
  if (parser.parseLess() ||
      parseNumber(parser, "latency_us", numbers.latencyUs) ||
      parser.parseComma() || parseNumber(parser, "low_us", numbers.lowUs) ||
      parser.parseComma() || parseNumber(parser, "high_us", numbers.highUs) ||
      parser.parseComma() ||
      parseNumber(parser, "confidence", numbers.confidence) ||
      parser.parseComma() || parseSourceField(parser, source) ||
      parser.parseComma() || parseText(parser, "kind", kind) ||
      parser.parseComma() || parseText(parser, "kernel", kernel) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<EstimateAttr>(parser.getContext(), numbers, source,
                                         kind, kernel);
}

} // namespace gnomon
