// SPDX-License-Identifier: Apache-2.0
// NAS-Bench-201: cells of four nodes and six edges.

#ifndef GNOMON_LIB_SPACES_NASBENCH201_H
#define GNOMON_LIB_SPACES_NASBENCH201_H

#include "gnomon/Spaces/Space.h"

namespace gnomon {

/// All cells are the same: the six decisions `edge_<from>_<to>` are tied over
/// fifteen of them. A network leaves out edges that are none and edges into
/// nodes that nobody reads; a node that gets nothing is the cell's input times
/// zero, as in the benchmark.
class NasBench201Space : public Space {
public:
  llvm::StringRef name() const override { return "nasbench201"; }
  llvm::StringRef description() const override;
  std::vector<SpaceDecision>
  decisions(const SpaceOptions &options) const override;
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
  build(mlir::MLIRContext &context, const SpaceOptions &options) const override;

  /// {"arch": "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|", "r": 32}.
  llvm::Expected<Selection>
  select(const llvm::json::Object &architecture) const override;
  /// Edges that do not matter may be absent: they are none.
  llvm::Expected<llvm::json::Object>
  describe(const Selection &selection) const override;
  Selection maximum(const SpaceOptions &options) const override;
};

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_NASBENCH201_H
