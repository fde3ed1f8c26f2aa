// SPDX-License-Identifier: Apache-2.0
// Building and counting networks of spaces in tests.

#ifndef GNOMON_TEST_UNIT_SPACES_SPACEMODULES_H
#define GNOMON_TEST_UNIT_SPACES_SPACEMODULES_H

#include "gnomon/Analysis/NetworkCounts.h"
#include "gnomon/Spaces/Space.h"
#include "mlir/IR/MLIRContext.h"

#include <string>

namespace gnomon::test {

/// A space by name; the test fails where there is none.
const Space &space(llvm::StringRef name);

/// Its module; null and a failed test where it cannot be built.
mlir::OwningOpRef<mlir::ModuleOp> build(mlir::MLIRContext &context,
                                        const Space &space,
                                        const SpaceOptions &options = {});

/// Counts of one network of a module.
NetworkCounts count(mlir::ModuleOp module, const Selection &selection);

/// "566.171 7.6648 90": millions of MACs, millions of parameters, layers.
std::string text(const NetworkCounts &counts);

/// The values of gnomon.block along a network.
std::vector<std::string> blockKeys(mlir::ModuleOp module,
                                   const Selection &selection);

/// JSON text of an architecture as an object.
llvm::json::Object parse(llvm::StringRef text);
std::string print(const llvm::json::Object &object);

} // namespace gnomon::test

#endif // GNOMON_TEST_UNIT_SPACES_SPACEMODULES_H
