// SPDX-License-Identifier: Apache-2.0
// Which extractor serves which operator; each family adds its own lines.

#ifndef GNOMON_LIB_FEATURES_OPERATORTABLE_H
#define GNOMON_LIB_FEATURES_OPERATORTABLE_H

#include "OpView.h"
#include "gnomon/Features/Extract.h"
#include "llvm/ADT/StringMap.h"
#include <initializer_list>

namespace gnomon {

/// Adds features to a row whose traffic is filled; returns the bytes of
/// intermediate results that the kernel keeps.
using Extractor = double (*)(const OpView &view, FeatureRow &row);

struct OperatorEntry {
  KernelKind kind;
  Extractor extract;
  /// For the extractor, e.g. the work of one element.
  double parameter;
  /// Feature::operation.
  double operation;
};

/// Operators by name; "com.microsoft:FusedConv" outside ONNX's own domains.
class OperatorTable {
public:
  OperatorTable();

  /// The entry of the operation; null if nobody knows it.
  const OperatorEntry *find(mlir::Operation *op) const;
  /// Whether operations of that name may have an entry; of onnx.Custom it
  /// depends on the operation.
  bool knows(mlir::OperationName name) const;
  const llvm::StringMap<OperatorEntry> &all() const { return entries; }

  void add(KernelKind kind, Extractor extract,
           std::initializer_list<llvm::StringRef> names, double parameter = 1) {
    for (llvm::StringRef name : names)
      entries.try_emplace(
          name, OperatorEntry{kind, extract, parameter, operationCode(name)});
  }

private:
  llvm::StringMap<OperatorEntry> entries;
};

const OperatorTable &operatorTable();

/// The row that the table's extractor makes; std::nullopt without an entry.
std::optional<FeatureRow> extractFromTable(mlir::Operation *op,
                                           const LoadTimeAnalysis *loadTime);

void addConvolutions(OperatorTable &table);
void addMatrixProducts(OperatorTable &table);
void addEinsum(OperatorTable &table);
void addElementwise(OperatorTable &table);
void addReductions(OperatorTable &table);
void addNormalizations(OperatorTable &table);
void addPooling(OperatorTable &table);
void addResizing(OperatorTable &table);
void addMovement(OperatorTable &table);
void addIndexing(OperatorTable &table);
void addRecurrent(OperatorTable &table);
void addAttention(OperatorTable &table);
void addPlain(OperatorTable &table);

} // namespace gnomon

#endif // GNOMON_LIB_FEATURES_OPERATORTABLE_H
