// SPDX-License-Identifier: Apache-2.0
// ONNX files as parts of networks.

#ifndef GNOMON_TARGET_ONNX_SUBNETWORK_H
#define GNOMON_TARGET_ONNX_SUBNETWORK_H

#include "mlir/IR/DialectRegistry.h"

namespace gnomon {

/// Lets the gnomon dialect import ONNX files (SubnetworkImporter).
void registerSubnetworkImporter(mlir::DialectRegistry &registry);

} // namespace gnomon

#endif // GNOMON_TARGET_ONNX_SUBNETWORK_H
