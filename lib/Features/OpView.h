// SPDX-License-Identifier: Apache-2.0
// What extractors see of an operation: shapes as doubles, attributes, weights.

#ifndef GNOMON_LIB_FEATURES_OPVIEW_H
#define GNOMON_LIB_FEATURES_OPVIEW_H

#include "gnomon/Features/FeatureRow.h"
#include "gnomon/Features/LoadTime.h"
#include "gnomon/Features/Rounding.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"

namespace gnomon {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// Integers of an attribute or a constant; short in practice.
using Ints = llvm::SmallVector<int64_t, 8>;

/// One operand or result. Every size is a double: unknown dimensions are NaN
/// and make NaN of all that depends on them; nothing overflows.
struct Tensor {
  llvm::ArrayRef<int64_t> shape;
  mlir::Type element;
  bool ranked = false;

  unsigned rank() const { return shape.size(); }
  /// Dimension i, counted from the end if negative; NaN if unknown or absent.
  double dim(int64_t i) const;
  /// Product of dimensions begin to end (default: all).
  double size(size_t begin = 0, size_t end = ~size_t(0)) const;
  double elementBytes() const;
  double bytes() const { return size() * elementBytes(); }
};

/// Bytes of one element as stored in memory: i1 takes one, i4 half of one, a
/// string 32 (its header); NaN for types that are not elements.
double elementBytes(mlir::Type type);

/// Whether extractors see integers in a constant's attribute. They see no other
/// contents of constants.
bool readsAsIntegers(mlir::Attribute attr);
/// The attributes of a constant that extractors look at.
inline constexpr llvm::StringLiteral integerContents[] = {"value", "value_ints",
                                                          "value_int"};

/// An operation as its extractor reads it.
class OpView {
public:
  OpView(mlir::Operation *op, KernelKind kind, double parameter,
         const LoadTimeAnalysis *loadTime)
      : op(op), kind(kind), parameter(parameter), loadTime(loadTime) {}

  mlir::Operation *const op;
  /// Classification by the operator table.
  const KernelKind kind;
  /// The table's number for this operator, e.g. its work weight.
  const double parameter;

  unsigned operandCount() const { return op->getNumOperands(); }
  /// Whether operand i exists and is not the absent operand.
  bool hasOperand(unsigned i) const;
  /// Operand or result i; a tensor without dimensions known if it is absent.
  Tensor operand(unsigned i) const;
  Tensor result(unsigned i = 0) const;
  /// Whether operand i is known when the model is loaded.
  bool isWeight(unsigned i) const;

  double attrInt(llvm::StringRef name, double otherwise) const;
  /// Attribute `axis` counted from the front, within 0 to `rank`.
  int64_t axis(int64_t otherwise, unsigned rank) const;
  llvm::StringRef attrString(llvm::StringRef name,
                             llvm::StringRef otherwise = "") const;
  /// Integers of a list attribute; empty if it is absent.
  Ints attrInts(llvm::StringRef name) const;
  /// Values of an operand that is a small integer constant; std::nullopt if
  /// it is absent, not constant or long.
  std::optional<Ints> constantInts(unsigned i) const;
  /// Attribute `name` or else operand `i`: older and newer operator sets.
  std::optional<Ints> intsOf(llvm::StringRef name, unsigned i) const;
  /// The operator set of the operation: from onnx-mlir's version suffix, or
  /// from the module; 0 if neither says.
  int64_t operatorSet() const;

private:
  const LoadTimeAnalysis *loadTime;
};

/// Fills traffic, type and counts from the types of operands and results.
void fillTraffic(const OpView &view, FeatureRow &row);

/// Derives bytes, intensity and working set and finds gaps. `scratch` is in
/// bytes.
void finishRow(FeatureRow &row, double scratch = 0);

} // namespace gnomon

#endif // GNOMON_LIB_FEATURES_OPVIEW_H
