// SPDX-License-Identifier: Apache-2.0
// Everything Gnomon adds to an MLIR host, for drivers and plugins.

#ifndef GNOMON_TRANSFORMS_INITALL_H
#define GNOMON_TRANSFORMS_INITALL_H

#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/FeatureOpInterface.h"
#include "gnomon/Transforms/Passes.h"

namespace gnomon {

inline void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<GnomonDialect>();
  registerONNXDialect(registry);
  registerFeatureModels(registry);
}

inline void registerAllPasses() { registerTransformsPasses(); }

} // namespace gnomon

#endif // GNOMON_TRANSFORMS_INITALL_H
