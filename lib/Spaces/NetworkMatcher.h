// SPDX-License-Identifier: Apache-2.0
// Compares a plain network with all networks of a supernet.

#ifndef GNOMON_LIB_SPACES_NETWORKMATCHER_H
#define GNOMON_LIB_SPACES_NETWORKMATCHER_H

#include "NetworkView.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Spaces/Space.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <deque>

namespace gnomon {

/// Looks for options under which a supernet is the network.
///
/// From the results backwards, pairs of values are compared: each layer of the
/// supernet with the one of the network, then their operands. Where the
/// supernet's value is the result of a choice that is not settled, its options
/// are tried, those that skip a block first, so that the blocks that are there
/// come first in the network. A pair that differs takes back the last
/// thing that was tried. So a wrong option costs the few layers up to the first
/// difference. A limit on the number of pairs bounds what a network can cost
/// that differs only far from the output in a space full of symmetries.
class NetworkMatcher {
public:
  /// Decisions that `fixed` names take no other option than that.
  NetworkMatcher(mlir::func::FuncOp supernet, mlir::func::FuncOp network,
                 Selection fixed = {})
      : supernet(supernet), network(network), fixed(std::move(fixed)) {}

  bool match();

  /// After a match: options of the decisions that matter.
  Selection selection() const;
  /// Features of the last linear layer, which need not be the supernet's.
  int64_t classes() const { return lastFeatures; }

  /// The first difference of the comparison that came furthest.
  struct Difference {
    size_t matched = 0;
    mlir::Operation *op = nullptr; ///< null: the network's input
    std::string found;
    std::vector<std::string> expected;
  };
  const Difference &difference() const { return furthest; }

private:
  /// Pairs that are still to be compared.
  struct Goal {
    mlir::Value ours, theirs;
    const Goal *next;
  };
  /// Lengths of the logs, for going back.
  struct Mark {
    size_t options, values, owners;
  };

  bool solve(const Goal *goals);
  mlir::SmallVector<unsigned> orderOf(ChoiceOp choice, unsigned result) const;
  bool tryOptions(ChoiceOp choice, unsigned result, const Goal *rest,
                  mlir::Value theirs);
  bool tryOrders(const Layer &ours, const Layer &theirs, const Goal *rest);
  bool mayMatch(mlir::Value ours, mlir::Value theirs);
  bool bind(mlir::Value ours, mlir::Value theirs, const Layer &ourLayer,
            const Layer &theirLayer);
  bool isSame(const Layer &ours, const Layer &theirs);
  void differ(const Layer &ours, const Layer &theirs);

  /// Through what does not matter, options that are settled and arguments of
  /// regions, to a layer or a choice that is open.
  mlir::Value resolve(mlir::Value ours) const;
  const Goal *push(mlir::Value ours, mlir::Value theirs, const Goal *next);
  Mark mark() const;
  void undo(const Mark &mark);

  mlir::func::FuncOp supernet, network;
  Selection fixed;
  llvm::DenseMap<mlir::Attribute, unsigned> options;
  llvm::DenseMap<mlir::Value, mlir::Value> values;
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> owners;
  std::vector<mlir::Attribute> optionLog;
  std::vector<mlir::Value> valueLog;
  std::vector<mlir::Operation *> ownerLog;
  std::deque<Goal> goals;
  int64_t lastFeatures = 0; ///< 0: no linear layer was met
  size_t lastLinear = 0;    ///< values bound when it was
  size_t steps = 0;
  Difference furthest;
};

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_NETWORKMATCHER_H
