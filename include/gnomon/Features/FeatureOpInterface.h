// SPDX-License-Identifier: Apache-2.0
// The interface of operations that know their features, and who implements it.

#ifndef GNOMON_FEATURES_FEATUREOPINTERFACE_H
#define GNOMON_FEATURES_FEATUREOPINTERFACE_H

#include "gnomon/Features/FeatureRow.h"
#include "gnomon/Features/LoadTime.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OpDefinition.h"

#include "gnomon/Features/FeatureOpInterface.h.inc"

namespace gnomon {

/// Lets the operations of the open onnx dialect implement FeatureOpInterface,
/// as far as the operator table knows them. Where a host brings an onnx dialect
/// of its own, extractFeatures still finds them by name.
void registerFeatureModels(mlir::DialectRegistry &registry);

} // namespace gnomon

#endif // GNOMON_FEATURES_FEATUREOPINTERFACE_H
