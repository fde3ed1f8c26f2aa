// SPDX-License-Identifier: Apache-2.0
// NN-Degree as a judge of a supernet's networks.

#include "DegreeJudge.h"
#include "gnomon/Analysis/NetworkCounts.h"
#include "gnomon/Transforms/ArchitectureSearch.h"

#include <cmath>

using namespace gnomon;

llvm::Expected<double>
DegreeJudge::degreeOf(const search::Assignment &assignment) {
  std::map<std::string, std::string> selection =
      selectionOf(problem, assignment);
  llvm::Expected<mlir::func::FuncOp> function =
      selectedFunction(module, selection);
  if (!function)
    return function.takeError();
  TopologyAnalysis &analysis =
      analyses.try_emplace(*function, *function).first->second;
  llvm::Expected<Topology> topology = analysis(selection);
  if (!topology)
    return topology.takeError();
  return topology->degree();
}

llvm::Error DegreeJudge::check() {
  search::Assignment first(problem.decisions.size(), 0);
  return degreeOf(first).takeError();
}

std::vector<double>
DegreeJudge::evaluate(llvm::ArrayRef<search::Assignment> assignments) {
  const bool greater = model.metric.sense == search::Sense::Maximize;
  std::vector<double> scores;
  scores.reserve(assignments.size());
  for (const search::Assignment &assignment : assignments) {
    double score = std::nan("");
    if (llvm::Expected<double> degree = degreeOf(assignment))
      score = *degree > 0 ? model.at(*degree) : score;
    else
      llvm::consumeError(degree.takeError());
    scores.push_back(greater ? score : -score);
  }
  return scores;
}
