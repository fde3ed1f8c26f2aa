// SPDX-License-Identifier: Apache-2.0
// Reads the operations that onnx-mlir prints in a form of their own.

#include "gnomon/Dialect/ONNX/ONNXDialect.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;

namespace gnomon {

/// `onnx.Return %0, %1 : tensor<..>, tensor<..>`, and the same for Yield.
static ParseResult parseTerminator(OpAsmParser &parser,
                                   OperationState &result) {
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  SmallVector<Type> types;
  if (parser.parseOptionalAttrDict(result.attributes))
    return failure();
  SMLoc start = parser.getCurrentLocation();
  if (parser.parseOperandList(operands))
    return failure();
  if (!operands.empty() && parser.parseColonTypeList(types))
    return failure();
  return parser.resolveOperands(operands, types, start, result.operands);
}

/// `onnx.Constant dense<[2, 3]> : tensor<2xi64>`; where the value is no tensor
/// or its type is another, `onnx.Constant {value_int = 1 : si64} :
/// tensor<i64>`.
static ParseResult parseConstant(OpAsmParser &parser, OperationState &result) {
  if (parser.parseOptionalAttrDict(result.attributes))
    return failure();
  if (succeeded(parser.parseOptionalColon()))
    return parser.parseType(result.types.emplace_back());
  SMLoc start = parser.getCurrentLocation();
  Attribute value;
  if (parser.parseAttribute(value))
    return failure();
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements)
    return parser.emitError(start, "the elements of a tensor were expected");
  bool isSparse = isa<SparseElementsAttr>(value);
  result.addAttribute(isSparse ? "sparse_value" : "value", value);
  result.addTypes(elements.getShapedType());
  return success();
}

std::optional<Dialect::ParseOpHook>
ONNXDialect::getParseOperationHook(StringRef opName) const {
  if (opName == "onnx.Return" || opName == "onnx.Yield")
    return parseTerminator;
  if (opName == "onnx.Constant")
    return parseConstant;
  return std::nullopt;
}

} // namespace gnomon
