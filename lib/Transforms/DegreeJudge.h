// SPDX-License-Identifier: Apache-2.0
// NN-Degree as a judge of a supernet's networks.

#ifndef GNOMON_LIB_TRANSFORMS_DEGREEJUDGE_H
#define GNOMON_LIB_TRANSFORMS_DEGREEJUDGE_H

#include "gnomon/Accuracy/DegreeModel.h"
#include "gnomon/Analysis/Topology.h"
#include "gnomon/Search/Algorithms.h"
#include "mlir/IR/BuiltinOps.h"

namespace gnomon {

/// Walks the network that an assignment takes from the supernet, finds its
/// NN-Degree and asks the model. More is better. Not a number where the network
/// has no degree.
class DegreeJudge : public search::Evaluator {
public:
  /// `module` and `problem` must outlive this.
  DegreeJudge(DegreeModel model, mlir::ModuleOp module,
              const search::Problem &problem)
      : model(std::move(model)), module(module), problem(problem) {}

  /// An error if the network of the first options has no degree.
  llvm::Error check();
  std::vector<double>
  evaluate(llvm::ArrayRef<search::Assignment> assignments) override;

private:
  llvm::Expected<double> degreeOf(const search::Assignment &assignment);

  DegreeModel model;
  mlir::ModuleOp module;
  const search::Problem &problem;
  std::map<mlir::Operation *, TopologyAnalysis> analyses; ///< by function
};

} // namespace gnomon

#endif // GNOMON_LIB_TRANSFORMS_DEGREEJUDGE_H
