// SPDX-License-Identifier: Apache-2.0
// FeatureOpInterface for the unregistered operations of the open onnx dialect.

#include "gnomon/Features/FeatureOpInterface.h"
#include "OperatorTable.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/Extract.h"

#include "gnomon/Features/FeatureOpInterface.cpp.inc"

using namespace gnomon;

namespace {
struct OperatorTableModel
    : FeatureOpInterface::FallbackModel<OperatorTableModel> {
  std::optional<FeatureRow>
  getFeatureRow(mlir::Operation *op, const LoadTimeAnalysis *loadTime) const {
    return extractFromTable(op, loadTime);
  }
};
} // namespace

void gnomon::registerFeatureModels(mlir::DialectRegistry &registry) {
  registry.addExtension(+[](mlir::MLIRContext *, ONNXDialect *dialect) {
    static OperatorTableModel model;
    dialect->setInterfaceFallback(FeatureOpInterface::getInterfaceID(),
                                  [](mlir::OperationName name) -> void * {
                                    return operatorTable().knows(name)
                                               ? &model
                                               : nullptr;
                                  });
  });
}
