// SPDX-License-Identifier: Apache-2.0
// From an operation to its feature row, by way of the operator table.

#include "gnomon/Features/Extract.h"
#include "OperatorTable.h"
#include "gnomon/Features/FeatureOpInterface.h"

using namespace gnomon;

std::optional<FeatureRow>
gnomon::extractFromTable(mlir::Operation *op,
                         const LoadTimeAnalysis *loadTime) {
  static const OperatorTable &table = operatorTable();
  const OperatorEntry *entry = table.find(op);
  if (!entry)
    return std::nullopt;
  OpView view(op, entry->kind, entry->parameter, loadTime);
  std::optional<FeatureRow> row(std::in_place, entry->kind);
  fillTraffic(view, *row);
  row->set(Feature::operation, entry->operation);
  finishRow(*row, entry->extract(view, *row));
  return row;
}

std::optional<FeatureRow>
gnomon::extractFeatures(mlir::Operation *op, const LoadTimeAnalysis *loadTime) {
  if (auto model = mlir::dyn_cast<FeatureOpInterface>(op))
    return model.getFeatureRow(loadTime);
  // An onnx dialect that is not ours, or none at all: the names say enough.
  return extractFromTable(op, loadTime);
}
