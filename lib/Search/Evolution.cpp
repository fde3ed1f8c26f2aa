// SPDX-License-Identifier: Apache-2.0
// The evolution of Once-for-All: Cai, Gan, Wang, Zhang, Han, "Once-for-All:
// Train One Network and Specialize it for Efficient Deployment", ICLR 2020.
//
// A population of 100 random networks; 500 times the best quarter has 100
// children, half of them mutated (every decision drawn anew with probability
// 0.1, the resolution with 0.5), half crossed (every decision from either
// parent), and parents and children are the next population. Children that
// break limits are drawn again. Ours: drawing ends after 50 tries and the child
// is repaired; equal networks are evaluated once.

#include "EvolutionRun.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

namespace gnomon::search {

EvolutionRun::EvolutionRun(const Problem &problem,
                           const EvolutionOptions &options, Sampler &sampler,
                           Scorer &scorer)
    : options(options), sampler(sampler), scorer(scorer), rates(options.rates),
      open(problem.decisions.size(), true) {
  for (const Decision &decision : problem.decisions) {
    counts.push_back(decision.options.size());
    if (options.rates.empty())
      rates.push_back(decision.name == "resolution" ? 0.5 : 0.1);
  }
}

void EvolutionRun::restrict(const llvm::BitVector &decisions,
                            Assignment network) {
  open = decisions;
  base = std::move(network);
}

void EvolutionRun::freeze(Assignment &child) const {
  if (!base.empty())
    for (uint32_t i = 0; i < child.size(); ++i)
      child[i] = open[i] ? child[i] : base[i];
}

void EvolutionRun::mutate(Assignment &child) {
  child = parent();
  for (uint32_t i = 0; i < child.size(); ++i)
    if (open[i] && sampler.random().chance(rates[i]))
      child[i] = sampler.random().below(counts[i]);
}

void EvolutionRun::cross(Assignment &child) {
  child = parent();
  const Assignment &other = parent();
  for (uint32_t i = 0; i < child.size(); ++i)
    if (sampler.random().next() >> 31)
      child[i] = other[i];
}

void EvolutionRun::draw(size_t count,
                        llvm::function_ref<void(Assignment &)> make,
                        std::vector<Assignment> &networks) {
  for (size_t i = 0; i < count; ++i)
    if (std::optional<Assignment> network = sampler.sample(make))
      networks.push_back(std::move(*network));
}

void EvolutionRun::add(std::vector<Assignment> networks) {
  std::vector<double> scores = scorer.score(networks);
  for (auto [network, score] : llvm::zip(networks, scores))
    population.push_back({std::move(network), score, births++});
}

/// The parents first, best first; the others go. Of equals the oldest stay, as
/// in the original: another order would prefer some latent options to others.
void EvolutionRun::select() {
  llvm::sort(population, [](const Member &a, const Member &b) {
    return a.score != b.score ? a.score > b.score : a.birth < b.birth;
  });
  size_t wanted = std::lround(options.parents * options.population);
  numParents = std::clamp<size_t>(wanted, 1, population.size());
  population.resize(numParents);
}

void EvolutionRun::begin(llvm::ArrayRef<Assignment> networks) {
  std::vector<Assignment> moved;
  for (const Assignment &network : networks)
    draw(1, [&](Assignment &child) { child = network; }, moved);
  add(std::move(moved));
}

void EvolutionRun::populate() {
  std::vector<Assignment> networks;
  if (!base.empty())
    networks.push_back(base);
  auto make = [&](Assignment &network) {
    sampler.uniform(network);
    freeze(network);
  };
  draw(options.population - networks.size(), make, networks);
  add(std::move(networks));
}

void EvolutionRun::evolve() {
  size_t mutants = std::lround(options.mutated * options.population);
  for (uint32_t i = 0; i < options.generations; ++i) {
    if (population.empty() || scorer.isDone())
      return;
    select();
    std::vector<Assignment> networks;
    draw(mutants, [&](Assignment &child) { mutate(child); }, networks);
    draw(
        options.population - mutants, [&](Assignment &child) { cross(child); },
        networks);
    add(std::move(networks));
  }
}

llvm::Error checkEvolution(const Problem &problem,
                           const EvolutionOptions &options) {
  auto isShare = [](double value) { return value >= 0 && value <= 1; };
  bool sound = options.population > 0 && options.population <= 1000000 &&
               options.tries > 0 && isShare(options.parents) &&
               isShare(options.mutated) && llvm::all_of(options.rates, isShare);
  if (!sound)
    return llvm::createStringError(
        "evolution: expected a population from 1 to 1,000,000, at least one "
        "try, and shares and rates from 0 to 1");
  if (!options.rates.empty() &&
      options.rates.size() != problem.decisions.size())
    return llvm::createStringError(
        "evolution: expected " + llvm::Twine(problem.decisions.size()) +
        " rates, found " + llvm::Twine(options.rates.size()));
  return llvm::Error::success();
}

llvm::Expected<SearchResult> searchEvolution(const Problem &problem,
                                             const Objective &objective,
                                             const SearchOptions &options) {
  if (llvm::Error error = checkObjective(problem, objective))
    return error;
  if (llvm::Error error = checkEvolution(problem, options.evolution))
    return error;
  Compiled compiled(problem);
  Sampler sampler(problem, compiled, options, options.evolution.tries);
  Scorer scorer(problem, compiled, objective, options);
  EvolutionRun run(problem, options.evolution, sampler, scorer);
  run.begin(options.start);
  run.populate();
  run.evolve();
  SearchResult result = scorer.result("evolution");
  result.drawn = sampler.drawn();
  result.reachable = std::move(sampler.reachable());
  fillGap(problem, objective, options, result);
  return result;
}

} // namespace gnomon::search
