// SPDX-License-Identifier: Apache-2.0
// NN-Degree and NN-Mass: how the layers of a network are connected.

#ifndef GNOMON_ANALYSIS_TOPOLOGY_H
#define GNOMON_ANALYSIS_TOPOLOGY_H

#include "gnomon/Features/LoadTime.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <map>
#include <string>

namespace gnomon {

/// Layers in a row between two changes of resolution.
struct TopologyCell {
  /// Where a layer works: pixels of a feature map, or tokens.
  int64_t points = 0;
  /// Channels that come in, then those that each layer makes.
  std::vector<int64_t> widths;
  /// Operands of Add and Concat that pass layers by, and their channels.
  int64_t skips = 0, skipChannels = 0;
  /// Channels that pass layers by on their way to layer i, at place i of
  /// `widths`; of those that there are.
  std::vector<int64_t> joining;

  size_t layers() const { return widths.size() - 1; }
  /// The mean width of its layers.
  double width() const;
  /// Mean width + skipChannels / sum of widths.
  double degree() const;
  /// Channels that join over those that could: to layer i from all places up
  /// to i - 2. 0 where none could.
  double density() const;
  /// Density times the sum of what layers read.
  double mass() const;
};

struct Topology {
  std::vector<TopologyCell> cells;
  /// NN-Degree: the sum over the cells.
  double degree() const;
  /// NN-Mass: the sum over the cells.
  double mass() const;
};

/// NN-Degree and NN-Mass of a function's networks (Li, Mandal, Ogras,
/// Marculescu, "FLASH", ACM TECS 2021; Bhardwaj, Li, Marculescu, "How does
/// topology influence gradient propagation and model performance", CVPR 2021).
///
/// A layer is a convolution or a product with constant weights that works on
/// more than one point (where no layer does: any). The operand of an Add or a
/// Concat of channels that has most layers behind it is the way through the
/// network, every other one is a skip. A cell ends where a layer, a pooling or
/// a resize changes the number of points on the way.
///
/// Ours: what the papers say of spaces of cells is found from the graph. Layers
/// beside each other count one after the other; an Add joins the layer before
/// it, a Concat the one behind it.
class TopologyAnalysis {
public:
  explicit TopologyAnalysis(mlir::func::FuncOp function)
      : function(function), loadTime(function) {}

  /// Of the network that `selection` (decision -> option) takes; of a function
  /// without choices as it is. Errors: a decision without an option, a layer
  /// without sizes.
  llvm::Expected<Topology>
  operator()(const std::map<std::string, std::string> &selection = {}) const;

private:
  mlir::func::FuncOp function;
  LoadTimeAnalysis loadTime;
};

/// `{"nn_degree", "nn_mass", "cells": [{"points", "layers", "width", "skips",
/// "skip_channels", "degree", "density", "mass"}]}`.
llvm::json::Object topologyReport(const Topology &topology);

/// A line for the network, one for each cell.
void printTopology(llvm::StringRef name, const Topology &topology,
                   llvm::raw_ostream &os);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_TOPOLOGY_H
