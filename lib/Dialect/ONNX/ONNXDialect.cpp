// SPDX-License-Identifier: Apache-2.0
// The open onnx dialect: unknown operations, a handful of types.

#include "gnomon/Dialect/ONNX/ONNXDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"

#include "gnomon/Dialect/ONNX/ONNXDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "gnomon/Dialect/ONNX/ONNXTypes.cpp.inc"

using namespace mlir;

namespace gnomon {

namespace {
/// Operators mean the same wherever they stand.
struct Inliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void ONNXDialect::initialize() {
  addInterfaces<Inliner>();
  allowUnknownOperations();
  allowUnknownTypes();
  addTypes<
#define GET_TYPEDEF_LIST
#include "gnomon/Dialect/ONNX/ONNXTypes.cpp.inc"
      >();
}

void ONNXDialect::setInterfaceFallback(TypeID interfaceID,
                                       InterfaceFallback fallback) {
  fallbacks[interfaceID] = std::move(fallback);
}

void *ONNXDialect::getRegisteredInterfaceForOp(TypeID interfaceID,
                                               OperationName opName) {
  auto it = fallbacks.find(interfaceID);
  return it == fallbacks.end() ? nullptr : it->second(opName);
}

void registerONNXDialect(DialectRegistry &registry) {
  StringRef name = ONNXDialect::getDialectNamespace();
  if (!registry.getDialectAllocator(name))
    registry.insert<ONNXDialect>();
}

void loadONNXDialect(MLIRContext *context) {
  if (!context->getOrLoadDialect(ONNXDialect::getDialectNamespace()))
    context->loadDialect<ONNXDialect>();
}

} // namespace gnomon
