// SPDX-License-Identifier: Apache-2.0
// Gnomon's passes; Passes.td is their manual.

#ifndef GNOMON_TRANSFORMS_PASSES_H
#define GNOMON_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"
#include <memory>

namespace gnomon {

#define GEN_PASS_DECL
#include "gnomon/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "gnomon/Transforms/Passes.h.inc"

} // namespace gnomon

#endif // GNOMON_TRANSFORMS_PASSES_H
