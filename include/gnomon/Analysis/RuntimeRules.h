// SPDX-License-Identifier: Apache-2.0
// What a runtime does to a graph before it runs it, as data read from a JSON
// file.

#ifndef GNOMON_ANALYSIS_RUNTIMERULES_H
#define GNOMON_ANALYSIS_RUNTIMERULES_H

#include "gnomon/Support/Json.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace gnomon {

/// A node of a sub-graph pattern. The text form, as it stands in a rules file:
///   ?x            any value; the same name must mean the same value everywhere
///   ?d=Sub(...)   the value of this operation, named for a second use
///   #  #0.5       any scalar constant; one of (nearly) this value
///   %             any constant
///   _             any value, unnamed
///   Op(a, b)      an operation with exactly these operands; a last "..." lets
///                 further operands be anything
///   Op[k=v, p](a) conditions: attribute k prints as v (list elements separated
///                 by blanks), or the predicate p holds (swaps_last,
///                 swaps_batch, last_axis)
struct Pattern {
  enum Kind { Any, Scalar, Constant, Operation };
  Kind kind = Any;
  std::string name;            ///< of the variable; empty: unnamed
  std::optional<double> value; ///< of a scalar
  std::string op;              ///< of an operation
  std::vector<std::pair<std::string, std::string>> conditions;
  std::vector<Pattern> operands;
  bool open = false; ///< "..." stood last
};

/// Reads the text form. The error says what was expected and at which column.
llvm::Expected<Pattern> parsePattern(llvm::StringRef text);

/// Operations that vanish: an operand stands for their result. `when` is
///   always      the first operand
///   same_type   the first operand, if it has the result's type
///   open_end    likewise, and its attribute or third operand `ends` says "all"
///   zero, one   the other operand of a scalar constant of that value
struct EliminateRule {
  std::string op;
  std::string when;
};

/// Operations that the runtime runs as several nodes.
struct ExpandRule {
  std::string op;
  std::vector<std::string> into; ///< the last one yields the result
};

/// A sub-graph that runs as one kernel.
struct PatternRule {
  std::string name;
  std::string op;                  ///< what the runtime calls the kernel
  std::vector<Pattern> match;      ///< alternatives, tried in order
  std::vector<std::string> inputs; ///< variables that become its operands
  /// Predicates over variables: [predicate, variable, variable ...].
  std::vector<std::vector<std::string>> where;
  int64_t sinceOpset = 0; ///< models of older operator sets are left alone
};

/// A producer and its only consumer that run as one kernel.
struct ChainRule {
  std::vector<std::string> producer, consumer;
  std::string op;    ///< name of the result; empty: the producer's
  std::string slot;  ///< what the consumer becomes: bias, scale, activation ...
  std::string other; ///< demand on the consumer's other operands
  std::vector<std::string> unless; ///< slots that must still be free
  /// Integer attributes that both must lack, or have as 0.
  std::vector<std::string> without;
  /// Operations of which the consumer's only reader must be one; empty: any.
  std::vector<std::string> before;
  bool folded = false;       ///< done when the model is loaded
  bool intoConsumer = false; ///< the consumer is the anchor
  bool flatten = false; ///< operands over rank 2 are reshaped before and after
};

/// Slices (and gathers of one index) that cover an axis run as one kernel.
struct SplitRule {
  std::string slice, gather; ///< what is merged
  std::string op, squeeze;   ///< what runs; the latter drops an axis afterwards
  int64_t sinceOpset = 0;    ///< models of older operator sets are left alone
};

/// Transposes move towards the results while that saves some of them: two that
/// meet become one, and one that meets its inverse is gone.
struct TransposeRule {
  std::string op;        ///< the transpose
  std::string unsqueeze; ///< gives broadcast operands the same rank
  /// Operations that transposes move through: what they demand of one, and
  /// which of their attributes change with it.
  enum Through {
    Same,      ///< one operand, shape for shape
    Broadcast, ///< all operands
    Concat,    ///< all operands, attribute axis
    Axis,      ///< first operand, attribute axis (default 0)
    Softmax,   ///< first operand, attribute axis (default -1)
    Reduce,    ///< first operand, axes, perhaps without keeping them
    Squeeze,   ///< first operand, axes
    Unsqueeze, ///< first operand, axes of the result
    Slice,     ///< first operand, axes
    Gather,    ///< first operand, attribute axis, one constant index
    Reshape,   ///< first operand, if each dimension stays whole or is split
  };
  llvm::StringMap<Through> through;
};

/// How convolutions are laid out in blocks of channels.
struct BlockRule {
  llvm::StringMap<int64_t> sizes; ///< SIMD width in bits -> channels in a block
  int64_t alignment = 1;          ///< channel counts must be multiples of this
  std::string toBlocked, toPlain; ///< names of the layout kernels
  std::string blockedConvolution; ///< name of a blocked convolution
  std::string blockedResize;      ///< name of a blocked resize
  llvm::StringSet<> convolutions, pools; ///< these ask for blocks
  llvm::StringSet<> globalPools;         ///< these take blocks if offered
  llvm::StringSet<> elementwise, binary; ///< likewise, shape for shape
  llvm::StringSet<> concat, normalization, resize, transpose;
  llvm::StringSet<> activations; ///< fused into a blocked convolution
};

/// All of a rules file. First operations are eliminated and identical ones
/// shared, then the stages run (patterns, chains, splits of each), then
/// operations are expanded, and last come the blocks.
struct RuntimeRules {
  std::string name, version;
  llvm::StringSet<> commutative;
  llvm::StringSet<> views;  ///< run, but move no data
  llvm::StringSet<> impure; ///< never shared, never done at load time
  std::vector<EliminateRule> eliminate;
  std::vector<ExpandRule> expand;
  struct Stage {
    std::vector<PatternRule> patterns;
    std::vector<ChainRule> chains;
    std::optional<SplitRule> splits;
    std::optional<TransposeRule> transposes; ///< after the splits
    std::vector<ExpandRule> expand;          ///< before everything else
  };
  std::vector<Stage> stages;
  std::optional<BlockRule> blocks;
  Stage afterBlocks; ///< leaves blocked kernels alone
};

/// Reads a rules file's JSON. Every error names the field by its path.
llvm::Expected<RuntimeRules> parseRuntimeRules(const JsonView &json);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_RUNTIMERULES_H
