// SPDX-License-Identifier: Apache-2.0
// Accuracy networks as judges of the networks found.

#ifndef GNOMON_LIB_TRANSFORMS_JUDGE_H
#define GNOMON_LIB_TRANSFORMS_JUDGE_H

#include "gnomon/Transforms/ArchitectureSearch.h"

namespace gnomon {

/// The accuracy network or the model of NN-Degree that the query names; null if
/// it names neither. `module` and `problem` must outlive it. Errors: a file
/// that cannot be read, a judge that does not fit the problem or has no
/// stand-in.
llvm::Expected<std::unique_ptr<search::Evaluator>>
makeJudge(mlir::ModuleOp module, const ArchitectureQuery &query,
          const search::Problem &problem);

/// A judge that notes in `front.assumedError` how far the objective's metric
/// was from it at most.
class ComparedJudge : public search::Evaluator {
public:
  ComparedJudge(search::Evaluator &judge, ArchitectureFront &front)
      : judge(judge), front(front) {}
  std::vector<double>
  evaluate(llvm::ArrayRef<search::Assignment> assignments) override;
  search::DifferentiableEvaluator *differentiable() override {
    return judge.differentiable();
  }
  std::optional<double> upperBound(const search::Box &box) override {
    return judge.upperBound(box);
  }

private:
  search::Evaluator &judge;
  ArchitectureFront &front;
};

/// Judges thousands of random networks and the points of the front, and drops
/// those of these that are dominated then.
void judgeFront(ComparedJudge &judge, uint64_t seed, ArchitectureFront &front);

} // namespace gnomon

#endif // GNOMON_LIB_TRANSFORMS_JUDGE_H
