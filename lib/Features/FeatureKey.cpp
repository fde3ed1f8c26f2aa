// SPDX-License-Identifier: Apache-2.0
// What the feature row of an operation depends on, to recognise equal rows.

#include "OpView.h"
#include "gnomon/Features/Extract.h"

using namespace gnomon;

/// Attributes that say who an operation is, and not what it does.
static bool isLabel(llvm::StringRef name) {
  return name == "onnx_node_name" || name == "onnx.result_names" ||
         name.starts_with("gnomon.");
}

llvm::ArrayRef<mlir::NamedAttribute> gnomon::attributesOf(mlir::Operation *op) {
  bool inherent = op->getPropertiesStorageSize() != 0 &&
                  (op->isRegistered() || op->getPropertiesAsAttribute());
  return inherent ? op->getAttrs()
                  : op->getDiscardableAttrDictionary().getValue();
}

FeatureKeys::FeatureKeys(mlir::MLIRContext *context,
                         const LoadTimeAnalysis &loadTime)
    : loadTime(&loadTime) {
  for (llvm::StringRef name : integerContents)
    contents.push_back(mlir::StringAttr::get(context, name));
}

bool FeatureKeys::isLabel(mlir::StringAttr name) {
  auto [entry, inserted] = labels.try_emplace(name, false);
  if (inserted)
    entry->second = ::isLabel(name.getValue());
  return entry->second;
}

void FeatureKeys::appendConstant(mlir::Operation *constant, Key &key) {
  for (mlir::StringAttr name : contents) {
    mlir::Attribute content = constant->getAttr(name);
    key.push_back(content && readsAsIntegers(content)
                      ? content.getAsOpaquePointer()
                      : nullptr);
  }
}

void FeatureKeys::append(mlir::Value operand, Key &key) {
  key.push_back(operand.getType().getAsOpaquePointer());
  mlir::Operation *source = operand.getDefiningOp();
  bool known = source && loadTime->isLoadTime(source);
  key.push_back(known ? this : nullptr);
  if (known && isConstant(source))
    appendConstant(source, key);
}

bool FeatureKeys::append(mlir::Operation *op, Key &key) {
  if (op->getNumRegions() != 0)
    return false;
  key.push_back(op->getName().getAsOpaquePointer());
  for (mlir::NamedAttribute attribute : attributesOf(op))
    if (!isLabel(attribute.getName())) {
      key.push_back(attribute.getName().getAsOpaquePointer());
      key.push_back(attribute.getValue().getAsOpaquePointer());
    }
  key.push_back(nullptr);
  for (mlir::Value operand : op->getOperands())
    append(operand, key);
  key.push_back(nullptr);
  for (mlir::Type type : op->getResultTypes())
    key.push_back(type.getAsOpaquePointer());
  key.push_back(nullptr);
  return true;
}
