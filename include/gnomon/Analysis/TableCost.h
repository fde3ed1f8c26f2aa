// SPDX-License-Identifier: Apache-2.0
// Networks and spaces costed by look-up tables, and tables made from other
// bundles.

#ifndef GNOMON_ANALYSIS_TABLECOST_H
#define GNOMON_ANALYSIS_TABLECOST_H

#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Analysis/SpaceStructure.h"
#include "gnomon/Cost/TableBundle.h"

namespace gnomon {

/// The height of a function's first image argument (batch x channels x height x
/// width). Error at the function if there is none.
llvm::FailureOr<int64_t> resolutionOf(mlir::func::FuncOp function);

/// The blocks of a space or of one network, and what a table says about them.
class TableCost {
public:
  /// A block: where it is there, and its entry.
  struct Block {
    std::vector<search::Literal> path; ///< all must hold
    std::optional<uint32_t> owner;     ///< decision whose option it stands in
    const TableEntry *entry;           ///< of the bundle
  };

  /// Looks up the key (`gnomon.block`) of every block. `bundle` must outlive
  /// the result. Errors at the operation: a key without an entry, an option
  /// with operations but no key; at the function: no key at all.
  static mlir::FailureOr<TableCost> create(const SpaceStructure &space,
                                           const TableBundle &bundle);

  /// In program order.
  llvm::ArrayRef<Block> blocks() const { return all; }

  /// The sum over the blocks that are there, in program order, in
  /// microseconds.
  double latencyUs(llvm::ArrayRef<uint32_t> assignment) const;

private:
  std::vector<Block> all;
};

/// Costs every function of a module without choices by its blocks: each is a
/// KernelCost without a row, named by its key, of the operations up to the one
/// with the key; operations behind the last key belong to the last block.
/// Errors as TableCost has them, and at a choice.
mlir::LogicalResult costBlocks(mlir::ModuleOp module, const TableSetup &setup,
                               std::vector<FunctionCost> &functions);

/// What each block of a costed network adds to its latency.
struct BlockCost {
  std::string key;
  int64_t ns = 0;
};

/// Shares a network's latency out to its blocks, in program order: a kernel
/// belongs to the block of the operation that it is formed around, an inserted
/// one to the kernel after it, operations behind the last key to the last
/// block, the network's constant to the first. The sum is the latency of the
/// network, to the nanosecond. Empty if the network has no keys.
std::vector<BlockCost> blockCosts(const FunctionCost &cost);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_TABLECOST_H
