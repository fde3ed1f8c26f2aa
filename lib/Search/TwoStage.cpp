// SPDX-License-Identifier: Apache-2.0
// The two-stage search of HURRICANE: Zhang, Yang, Jiang, Zhu, Liu, "Fast
// Hardware-Aware Neural Architecture Search", CVPR Workshops 2020
// (arXiv:1910.11609).
//
// Layers form an earlier and a later group, of which the later matters more for
// accuracy. In stage 1 the earlier group rests at a default and the later one
// evolves; in stage 2 the later one rests at what won, and the earlier one
// evolves. The evolution is that of SPOS (Guo et al., "Single Path One-Shot
// Neural Architecture Search with Uniform Sampling", ECCV 2020): population 50,
// 20 generations, parents the best 10, 25 children mutated with probability
// 0.1 and 25 crossed.
//
// Ours: nothing is trained. Decisions in their order stand for layers, and are
// parted near the middle, where the fewest are parted from a decision that they
// depend on. The default of the earlier group is what the best of one random
// population within the limits has there, so that what it leaves to the later
// group goes with the limit. Each stage gets half of the evaluations, the
// random population is of the first half, and a stage's first population holds
// what won before, towards which children are repaired.

#include "EvolutionRun.h"

#include <cmath>

namespace gnomon::search {

/// How many decisions from `cut` on depend on one before it.
static uint32_t partedAt(const Problem &problem, uint32_t cut) {
  uint32_t parted = 0;
  for (uint32_t i = cut; i < problem.decisions.size(); ++i)
    parted += llvm::any_of(problem.decisions[i].activeWhen, [&](auto &row) {
      return llvm::any_of(
          row, [&](const Literal &literal) { return literal.decision < cut; });
    });
  return parted;
}

uint32_t splitDecisions(const Problem &problem, double share) {
  const uint32_t count = problem.decisions.size();
  uint32_t choices = 0;
  for (const Decision &decision : problem.decisions)
    choices += decision.options.size() > 1;
  const double middle = share * choices, most = choices / 8.0;
  // The nearest cut, were it to part many.
  uint32_t cut = count, before = 0, parted = 0;
  double distance = HUGE_VAL;
  for (uint32_t i = 0; i <= count; ++i) {
    const double off = std::abs(before - middle);
    const uint32_t here = partedAt(problem, i);
    const bool isNear = off <= most, wasNear = distance <= most;
    if (isNear && wasNear ? std::tie(here, off) < std::tie(parted, distance)
                          : off < distance) {
      cut = i;
      parted = here;
      distance = off;
    }
    before += i < count && problem.decisions[i].options.size() > 1;
  }
  return cut;
}

static EvolutionOptions stageOptions(const Problem &problem,
                                     const TwoStageOptions &options) {
  EvolutionOptions stage = options.stage;
  if (stage.rates.empty())
    stage.rates.assign(problem.decisions.size(), 0.1);
  return stage;
}

/// Lets these decisions evolve from the best network so far.
static void runStage(const Problem &problem, const EvolutionOptions &options,
                     const llvm::BitVector &open, Sampler &sampler,
                     Scorer &scorer) {
  if (!scorer.found() || open.none())
    return;
  sampler.setAnchor(*scorer.found());
  EvolutionRun stage(problem, options, sampler, scorer);
  stage.restrict(open, *scorer.found());
  stage.populate();
  stage.evolve();
}

llvm::Expected<SearchResult> searchTwoStage(const Problem &problem,
                                            const Objective &objective,
                                            const SearchOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  const EvolutionOptions stage = stageOptions(problem, options.twoStage);
  if (llvm::Error error = checkEvolution(problem, stage))
    return error;
  const double earlier = options.twoStage.earlier;
  if (!(earlier >= 0 && earlier <= 1))
    return llvm::createStringError(
        "two-stage: expected a share of earlier decisions from 0 to 1");
  Compiled compiled(problem);
  Sampler sampler(problem, compiled, options, stage.tries);
  Scorer scorer(problem, compiled, objective, options);
  llvm::BitVector later(problem.decisions.size(), true);
  later.reset(0, splitDecisions(problem, earlier));
  scorer.setLimit(options.evaluations - options.evaluations / 2);
  scorer.score(options.start);
  EvolutionRun(problem, stage, sampler, scorer).populate();
  runStage(problem, stage, later, sampler, scorer);
  scorer.setLimit(options.evaluations);
  runStage(problem, stage, later.flip(), sampler, scorer);
  SearchResult result = scorer.result("two-stage");
  result.drawn = sampler.drawn();
  result.reachable = std::move(sampler.reachable());
  fillGap(problem, objective, options, result);
  return result;
}

} // namespace gnomon::search
