// SPDX-License-Identifier: Apache-2.0
// Types of the operators that ONNX Runtime adds to the standard ones.
#include "ShapesWalker.h"

namespace gnomon::shapes {

/// The outputs have the type of the first input.
static bool likeFirstInput(NodeVisit &visit) {
  const onnx::TypeProto *type = visit.inputType(0);
  if (!type || visit.outputs.empty() || !visit.outputs[0])
    return false;
  *visit.outputs[0]->type = *type;
  return true;
}

TypeRule findContribRule(llvm::StringRef domain, llvm::StringRef opType) {
  if (!domain.starts_with("com.microsoft"))
    return nullptr;
  for (llvm::StringRef same :
       {"Gelu", "BiasGelu", "FastGelu", "QuickGelu", "BiasSoftmax",
        "SimplifiedLayerNormalization", "SkipLayerNormalization",
        "SkipSimplifiedLayerNormalization", "RotaryEmbedding"})
    if (opType == same)
      return likeFirstInput;
  return nullptr;
}

} // namespace gnomon::shapes
