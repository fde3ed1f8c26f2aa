// SPDX-License-Identifier: Apache-2.0
// Parses a function around some operations, for the tests of feature
// extraction.

#ifndef GNOMON_TEST_UNIT_FEATURES_PARSEOPS_H
#define GNOMON_TEST_UNIT_FEATURES_PARSEOPS_H

#include "gnomon/Features/Extract.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/Twine.h"
#include <gtest/gtest.h>

namespace gnomon::test {

/// A function `@f(arguments)` with the given operations in its body.
struct Parsed {
  Parsed(const llvm::Twine &arguments, const llvm::Twine &body) {
    context.allowUnregisteredDialects();
    context.loadDialect<mlir::func::FuncDialect>();
    std::string text =
        ("func.func @f(" + arguments + ") {\n" + body + "\nreturn\n}").str();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  }

  /// The only operation of that name; null if there is none.
  mlir::Operation *find(llvm::StringRef name) {
    mlir::Operation *found = nullptr;
    if (module)
      module->walk([&](mlir::Operation *op) {
        if (op->getName().getStringRef() == name)
          found = op;
      });
    return found;
  }

  /// Row of the last operation of that name.
  FeatureRow row(llvm::StringRef name) {
    mlir::Operation *op = find(name);
    EXPECT_NE(op, nullptr) << "no " << name.str() << ", or it does not parse";
    std::optional<FeatureRow> row =
        op ? extractFeatures(op) : std::optional<FeatureRow>();
    EXPECT_TRUE(row.has_value());
    return row.value_or(FeatureRow());
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace gnomon::test

#endif // GNOMON_TEST_UNIT_FEATURES_PARSEOPS_H
