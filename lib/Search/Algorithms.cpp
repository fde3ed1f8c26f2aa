// SPDX-License-Identifier: Apache-2.0
// The searches by name, and the exact one.

#include "gnomon/Search/Algorithms.h"

#include "Scorer.h"

#include "llvm/ADT/STLExtras.h"

namespace gnomon::search {

llvm::Expected<SearchResult> searchExact(const Problem &problem,
                                         const Objective &objective,
                                         const SearchOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  if (objective.evaluator)
    return llvm::createStringError(
        "exact search of '" + problem.name +
        "': expected an additive objective, found an evaluator; the search "
        "'candidates' takes one");
  llvm::Expected<Front> front = exactOptimum(problem, *objective.metric);
  if (!front)
    return front.takeError();
  SearchResult result;
  result.algorithm = "exact";
  result.seed = options.seed;
  result.reachable = std::move(front->reachable);
  if (front->points.empty())
    return result;
  result.best = front->points[0];
  result.score = double(scoreOf(problem, *objective.metric,
                                result.best->costs[*objective.metric]));
  if (front->epsilon == 0)
    result.gap = 0;
  return result;
}

llvm::ArrayRef<Algorithm> algorithms() {
  static constexpr Algorithm all[] = {
      {"exact", "the optimum of an additive objective, from the exact front",
       searchExact},
      {"ilp", "the optimum of an additive objective, by an integer program",
       searchInteger},
      {"candidates",
       "the best by an evaluator of the networks near the optimum of an "
       "additive stand-in, with a bound",
       searchCandidates},
      {"evolution", "the evolution of Once-for-All (ICLR 2020)",
       searchEvolution},
      {"two-stage",
       "HURRICANE (CVPRW 2020): later layers evolve first, then earlier ones",
       searchTwoStage},
      {"netadapt", "NetAdapt (ECCV 2018): one decision shrinks an iteration",
       searchNetAdapt},
      {"netadapt-v2",
       "NetAdaptV2 (CVPR 2021): several decisions shrink an iteration",
       searchNetAdaptV2},
      {"fp-nas", "FP-NAS (CVPR 2021): a distribution, sampled by its entropy",
       searchFpNas},
      {"parsec", "PARSEC (2019): FP-NAS with as many draws in every step",
       searchParsec},
      {"flash",
       "FLASH (TECS 2021): simplicial homology optimisation in two levels",
       searchFlash},
      {"gradient",
       "gradients of expected costs by the probabilities of options",
       searchGradient},
      {"one-proxy",
       "One-Proxy (SIGMETRICS 2022): the front of another device, measured "
       "again",
       searchOneProxy},
      {"la-dnas",
       "latency-aware DNAS (2020): gradients through networks that judge",
       searchLaDnas},
      {"random", "networks drawn at random", searchRandom},
      {"exhaustive", "all networks of a small space", searchExhaustive}};
  return all;
}

const Algorithm *findAlgorithm(llvm::StringRef name) {
  const auto *found = llvm::find_if(
      algorithms(), [&](const Algorithm &one) { return one.name == name; });
  return found == algorithms().end() ? nullptr : found;
}

} // namespace gnomon::search
