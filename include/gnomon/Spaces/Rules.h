// SPDX-License-Identifier: Apache-2.0
// Choices made from a plain network, by rules.

#ifndef GNOMON_SPACES_RULES_H
#define GNOMON_SPACES_RULES_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace gnomon {

/// What may change about a network, and where.
struct SpaceRule {
  enum class Kind {
    Kernel,    ///< of depthwise convolutions: the sizes in `values`
    Expansion, ///< of inverted bottlenecks: hidden channels per input channel
    DropResidual, ///< a residual block, or nothing in its place
    Channels      ///< multipliers of the widths inside of blocks
  };
  Kind kind;
  std::vector<double> values;
  std::string names = "*"; ///< pattern that the node's name must match

  /// As in the text that readSpaceRules reads: "kernel:depthwise".
  llvm::StringRef text() const;
};

/// Reads rules from the file of that name if it ends in .json, else from the
/// text itself:
/// "kernel:depthwise=3,5,7;expansion=3,4,6;drop-residual;channels=.5,.75,1".
/// docs/spaces-of-your-own.md describes both. Errors name the rule or field.
llvm::Expected<std::vector<SpaceRule>> readSpaceRules(llvm::StringRef text);

/// Turns the only function of `module` into a supernet, in place: a decision
/// for each match of each rule, choices nested where matches are. Weights whose
/// shape changes are constants without a source; the others stay as they are. A
/// remark for each rule lists its matches; a rule without one is a warning.
/// Errors are emitted where two rules decide the same.
llvm::LogicalResult buildSpaceByRules(mlir::ModuleOp module,
                                      llvm::ArrayRef<SpaceRule> rules);

} // namespace gnomon

#endif // GNOMON_SPACES_RULES_H
