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
  /// A block: where it is there, and its mean.
  struct Block {
    std::vector<search::Literal> path; ///< all must hold
    double us = 0;
  };

  /// Looks up the key (`gnomon.block`) of every block of a module with choices
  /// or without. Errors at the operation: a key without an entry; at the
  /// function: no key at all.
  static llvm::FailureOr<TableCost> create(mlir::ModuleOp module,
                                           const TableBundle &bundle);

  /// In program order.
  llvm::ArrayRef<Block> blocks() const { return all; }
  llvm::ArrayRef<search::Decision> decisions() const { return structure; }

  /// The sum over the blocks that are there, in program order, in
  /// microseconds.
  double latencyUs(llvm::ArrayRef<uint32_t> assignment) const;

  /// The same as a search: one metric, "latency" in ns, every block rounded to
  /// whole ones. Error: blocks that depend on so many decisions that their
  /// table would have more than a million entries.
  llvm::Expected<search::Problem> problem(llvm::StringRef name) const;

private:
  std::vector<search::Decision> structure;
  std::vector<Block> all;
};

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
