// SPDX-License-Identifier: Apache-2.0
// The interface of operations that know their features.

#ifndef GNOMON_FEATURES_FEATUREOPINTERFACE_TD
#define GNOMON_FEATURES_FEATUREOPINTERFACE_TD

include "mlir/IR/Interfaces.td"

def FeatureOpInterface : OpInterface<"FeatureOpInterface"> {
  let cppNamespace = "::gnomon";
  let description = [{
    Operations that can say what a latency model needs to know of them. Dialects
    other than onnx attach it as an external model; the operations of the open
    onnx dialect get it from the operator table.
  }];
  let methods = [
    InterfaceMethod<[{
        The row of this operation; std::nullopt if nothing is known of it.
        `loadTime` (may be null) tells which operands are weights.
      }],
      "std::optional<::gnomon::FeatureRow>", "getFeatureRow",
      (ins "const ::gnomon::LoadTimeAnalysis *":$loadTime)>
  ];
}

#endif // GNOMON_FEATURES_FEATUREOPINTERFACE_TD
