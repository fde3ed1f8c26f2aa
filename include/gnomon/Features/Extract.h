// SPDX-License-Identifier: Apache-2.0
// From an operation to its feature row.

#ifndef GNOMON_FEATURES_EXTRACT_H
#define GNOMON_FEATURES_EXTRACT_H

#include "gnomon/Features/FeatureRow.h"
#include "gnomon/Features/LoadTime.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
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

/// All attributes of an operation. Operation::getAttrs() makes a dictionary for
/// each call on an unregistered one.
llvm::ArrayRef<mlir::NamedAttribute> attributesOf(mlir::Operation *op);

/// Everything of an operation that extractFeatures() looks at: operations of
/// one module with equal keys have equal rows. An extractor that comes to look
/// at more must have it added here.
class FeatureKeys {
public:
  using Key = llvm::SmallVector<const void *, 64>;

  /// Both must outlive this, or the analysis be changed for another one.
  FeatureKeys(mlir::MLIRContext *context, const LoadTimeAnalysis &loadTime);
  /// Of the function whose operations come next.
  void setLoadTime(const LoadTimeAnalysis &analysis) { loadTime = &analysis; }

  /// Appends name, attributes, types, which operands are known at load time and
  /// the integers of constants. False: there is no bound to what counts.
  bool append(mlir::Operation *op, Key &key);
  /// Appends what counts of an operand.
  void append(mlir::Value operand, Key &key);

private:
  bool isLabel(mlir::StringAttr name);
  void appendConstant(mlir::Operation *constant, Key &key);

  const LoadTimeAnalysis *loadTime;
  llvm::SmallVector<mlir::StringAttr, 3> contents;
  llvm::DenseMap<mlir::StringAttr, bool> labels;
};

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
