// SPDX-License-Identifier: Apache-2.0
// Building and counting networks of spaces in tests.

#include "SpaceModules.h"

#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

namespace gnomon::test {

const Space &space(llvm::StringRef name) {
  const Space *found = findSpace(name);
  EXPECT_TRUE(found) << "no space " << name.str();
  return found ? *found : *allSpaces().front();
}

mlir::OwningOpRef<mlir::ModuleOp> build(mlir::MLIRContext &context,
                                        const Space &space,
                                        const SpaceOptions &options) {
  auto module = space.build(context, options);
  if (module)
    return std::move(*module);
  ADD_FAILURE() << llvm::toString(module.takeError());
  return {};
}

/// The body of the function that a selection picks.
static mlir::Block *body(mlir::ModuleOp module, const Selection &selection) {
  auto function = selectedFunction(module, selection);
  if (function)
    return &function->front();
  ADD_FAILURE() << llvm::toString(function.takeError());
  return nullptr;
}

NetworkCounts count(mlir::ModuleOp module, const Selection &selection) {
  auto function = selectedFunction(module, selection);
  if (!function) {
    ADD_FAILURE() << llvm::toString(function.takeError());
    return {};
  }
  auto counts = countNetwork(*function, selection);
  if (counts)
    return *counts;
  ADD_FAILURE() << llvm::toString(counts.takeError());
  return {};
}

std::string text(const NetworkCounts &counts) {
  return llvm::formatv("{0:f3} {1:f4} {2}", double(counts.macs) / 1e6,
                       double(counts.params) / 1e6, counts.layers);
}

std::vector<std::string> blockKeys(mlir::ModuleOp module,
                                   const Selection &selection) {
  std::vector<std::string> keys;
  mlir::Block *block = body(module, selection);
  if (!block)
    return keys;
  llvm::Error error = walkSelected(*block, selection, [&](auto *op) {
    if (auto key = op->template getAttrOfType<mlir::StringAttr>("gnomon.block"))
      keys.push_back(key.str());
  });
  EXPECT_FALSE(bool(error)) << llvm::toString(std::move(error));
  return keys;
}

llvm::json::Object parse(llvm::StringRef text) {
  auto value = llvm::json::parse(text);
  if (!value) {
    ADD_FAILURE() << llvm::toString(value.takeError());
    return {};
  }
  return *value->getAsObject();
}

std::string print(const llvm::json::Object &object) {
  return llvm::formatv("{0}", llvm::json::Value(llvm::json::Object(object)));
}

} // namespace gnomon::test
