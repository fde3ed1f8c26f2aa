// SPDX-License-Identifier: Apache-2.0
// Finds the extractor of an operation by its name.

#include "OperatorTable.h"
#include "gnomon/Features/Extract.h"
#include "llvm/ADT/SmallString.h"

using namespace gnomon;

OperatorTable::OperatorTable() {
  addConvolutions(*this);
  addMatrixProducts(*this);
  addEinsum(*this);
  addElementwise(*this);
  addReductions(*this);
  addNormalizations(*this);
  addPooling(*this);
  addResizing(*this);
  addMovement(*this);
  addIndexing(*this);
  addRecurrent(*this);
  addAttention(*this);
  addPlain(*this);
}

const OperatorTable &gnomon::operatorTable() {
  static const OperatorTable table;
  return table;
}

/// onnx-mlir spells older versions of an operator "SqueezeV11".
static llvm::StringRef withoutVersion(llvm::StringRef name) {
  llvm::StringRef stem = name.rtrim("0123456789");
  return stem.size() != name.size() && stem.consume_back("V") ? stem : name;
}

static llvm::StringRef stringAttr(mlir::Operation *op, llvm::StringRef name) {
  auto attr = mlir::dyn_cast_or_null<mlir::StringAttr>(op->getAttr(name));
  return attr ? attr.getValue() : llvm::StringRef();
}

/// The name to look up; `storage` holds it where it has to be put together.
static llvm::StringRef lookupName(mlir::Operation *op,
                                  llvm::SmallVectorImpl<char> &storage) {
  llvm::StringRef name = op->getName().getStringRef();
  if (!name.consume_front("onnx."))
    return {};
  if (name != "Custom")
    return name;
  llvm::StringRef domain = stringAttr(op, "domain_name");
  llvm::StringRef function = stringAttr(op, "function_name");
  if (domain.empty() || domain == "ai.onnx" || domain == "ai.onnx.ml")
    return function;
  return (domain + ":" + function).toStringRef(storage);
}

const OperatorEntry *OperatorTable::find(mlir::Operation *op) const {
  llvm::SmallString<64> storage;
  llvm::StringRef name = lookupName(op, storage);
  if (name.empty())
    return nullptr;
  auto it = entries.find(name);
  if (it == entries.end())
    it = entries.find(withoutVersion(name));
  return it == entries.end() ? nullptr : &it->second;
}

bool OperatorTable::knows(mlir::OperationName operation) const {
  llvm::StringRef name = operation.getStringRef();
  return name.consume_front("onnx.") &&
         (name == "Custom" || entries.contains(name) ||
          entries.contains(withoutVersion(name)));
}

std::string gnomon::operatorName(mlir::Operation *op) {
  llvm::SmallString<64> storage;
  llvm::StringRef name = lookupName(op, storage);
  return (operatorTable().all().contains(name) ? name : withoutVersion(name))
      .str();
}

double gnomon::operationCode(llvm::StringRef name) {
  static const llvm::StringMap<double> codes = [] {
    llvm::StringMap<double> result;
#define GNOMON_OPERATION(name) result.try_emplace(#name, result.size() + 1);
#include "gnomon/Features/Operations.def"
    return result;
  }();
  auto code = codes.find(name.substr(name.rfind(':') + 1));
  return code == codes.end() ? kUnknown : code->second;
}

std::vector<OperatorClass> gnomon::knownOperators() {
  std::vector<OperatorClass> result;
  for (const auto &entry : operatorTable().all())
    result.push_back({entry.getKey().str(), entry.getValue().kind});
  llvm::sort(result, [](const OperatorClass &a, const OperatorClass &b) {
    return a.name < b.name;
  });
  return result;
}

static bool isOperator(mlir::Operation *op) {
  llvm::StringRef name = op->getName().getStringRef();
  return name.consume_front("onnx.") && name != "Constant" &&
         name != "NoValue" && name != "Return" && name != "Yield" &&
         name != "EntryPoint";
}

std::map<std::string, unsigned>
gnomon::operatorsWithoutExtractor(mlir::Operation *root) {
  std::map<std::string, unsigned> missing;
  root->walk([&](mlir::Operation *op) {
    if (isOperator(op) && !operatorTable().find(op))
      ++missing[operatorName(op)];
  });
  return missing;
}
