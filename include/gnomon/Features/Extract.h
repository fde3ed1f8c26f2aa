// SPDX-License-Identifier: Apache-2.0
// From an operation to its feature row.

#ifndef GNOMON_FEATURES_EXTRACT_H
#define GNOMON_FEATURES_EXTRACT_H

#include "gnomon/Features/FeatureRow.h"
#include "gnomon/Features/LoadTime.h"
#include "mlir/IR/Operation.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gnomon {

/// Features of one operation, from its types and attributes only (weights are
/// never read). std::nullopt if no extractor knows the operation: generic
/// counts are not invented. Dimensions that are not known leave NaN in every
/// feature that needs them and a reason in FeatureRow::gap.
///
/// `loadTime` tells which operands are weights; without it only constants, and
/// values a few operations away from constants, count as weights.
std::optional<FeatureRow>
extractFeatures(mlir::Operation *op,
                const LoadTimeAnalysis *loadTime = nullptr);

/// Name of the operator an operation stands for, as the operator table spells
/// it: "Conv" for onnx.Conv and onnx.ConvV11, "com.microsoft:FusedConv" for an
/// onnx.Custom; empty for operations of other dialects.
std::string operatorName(mlir::Operation *op);

/// How often the body of a Loop or Scan runs; std::nullopt if only the run
/// itself tells: a trip count or a first condition that is no constant, a
/// scanned axis of unknown size. A body that ends its loop early is not seen.
std::optional<int64_t> tripCount(mlir::Operation *op);

/// Feature::operation for an operator's name, whatever its domain; NaN for
/// operators that Operations.def does not list.
double operationCode(llvm::StringRef name);

/// How an operator is classified.
struct OperatorClass {
  std::string name;
  KernelKind kind;
};

/// Every operator with an extractor, sorted by name. `kind` is the kind before
/// shapes are looked at (a depthwise convolution is a `conv` here).
std::vector<OperatorClass> knownOperators();

/// ONNX operators below `root` that no extractor knows, with how often they
/// occur. Constants and terminators are not operators.
std::map<std::string, unsigned>
operatorsWithoutExtractor(mlir::Operation *root);

} // namespace gnomon

#endif // GNOMON_FEATURES_EXTRACT_H
