// SPDX-License-Identifier: Apache-2.0
// Where rules give a network choices.

#ifndef GNOMON_LIB_SPACES_RULEMATCHES_H
#define GNOMON_LIB_SPACES_RULEMATCHES_H

#include "ChannelClasses.h"
#include "gnomon/Spaces/Rules.h"

namespace gnomon::rules {

/// Operations that a choice takes the place of: `ops` in program order, what
/// they read from outside (constants left out), what is read outside.
struct Part {
  llvm::SmallVector<mlir::Operation *> ops;
  llvm::SmallVector<mlir::Value> inputs, outputs;
};

struct Match {
  const SpaceRule *rule;
  mlir::Operation *anchor; ///< names the decision
  Part part;
  std::string decision;
  std::vector<std::string> options;
  std::string current; ///< the option that the network has, if any
  /// Of Kernel: a size for each option. Of DropResidual: none.
  std::vector<int64_t> kernels;
  /// Of Expansion and Channels: channels of classes, for each option.
  std::vector<std::vector<std::pair<unsigned, int64_t>>> widths;
  /// The innermost match around this one.
  Match *parent = nullptr;
};

/// Every match of the rules, outer ones first, with parents and names set.
/// Remarks list the matches of each rule; a rule without any is a warning, and
/// so is a place that overlaps another. Two rules that decide the same are an
/// error.
llvm::FailureOr<std::vector<std::unique_ptr<Match>>>
findMatches(mlir::func::FuncOp function, const ChannelClasses &classes,
            llvm::ArrayRef<SpaceRule> rules);

/// The smallest part that holds `seeds` and everything between them. None if
/// something outside reads a result before the last of the operations.
std::optional<Part> closePart(llvm::ArrayRef<mlir::Operation *> seeds);

/// The residual block that ends with a sum of its input and what it makes of
/// it, a following activation included. None if the operation ends none.
std::optional<Part> residualBlock(mlir::Operation *sum);

} // namespace gnomon::rules

#endif // GNOMON_LIB_SPACES_RULEMATCHES_H
