// SPDX-License-Identifier: Apache-2.0
// Plain networks of spaces, and what tests count in them.

#ifndef GNOMON_TEST_UNIT_SPACES_PLAINNETWORK_H
#define GNOMON_TEST_UNIT_SPACES_PLAINNETWORK_H

#include "gnomon/Spaces/Space.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace gnomon::test {

/// The network of a selection: its one function. Test failures where it cannot
/// be made; then it is null.
mlir::OwningOpRef<mlir::ModuleOp> plainNetwork(mlir::MLIRContext &context,
                                               const Space &space,
                                               const Selection &selection,
                                               SpaceOptions options = {});

struct Counts {
  int64_t macs = 0;   ///< of convolutions and linear layers
  int64_t params = 0; ///< with scale and shift of normalizations
  int64_t layers = 0; ///< convolutions and linear layers
  int64_t ops = 0;    ///< all but constants
  int64_t unread = 0; ///< of these, ones whose results nobody reads
  bool operator==(const Counts &) const = default;
};

Counts countNetwork(mlir::ModuleOp module);

} // namespace gnomon::test

#endif // GNOMON_TEST_UNIT_SPACES_PLAINNETWORK_H
