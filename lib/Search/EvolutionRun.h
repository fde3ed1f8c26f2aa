// SPDX-License-Identifier: Apache-2.0
// A population that evolves, over all decisions or some of them.

#ifndef GNOMON_LIB_SEARCH_EVOLUTIONRUN_H
#define GNOMON_LIB_SEARCH_EVOLUTIONRUN_H

#include "Sampler.h"
#include "Scorer.h"

#include "llvm/ADT/BitVector.h"

namespace gnomon::search {

llvm::Error checkEvolution(const Problem &problem,
                           const EvolutionOptions &options);

/// The generations of `searchEvolution`. Decisions that are not open keep the
/// options of `base`.
class EvolutionRun {
public:
  /// All decisions are open.
  EvolutionRun(const Problem &problem, const EvolutionOptions &options,
               Sampler &sampler, Scorer &scorer);

  /// From here on only these may differ from the base, which is of the first
  /// population.
  void restrict(const llvm::BitVector &open, Assignment base);

  /// Takes networks, moved within the limits, into the first population.
  void begin(llvm::ArrayRef<Assignment> networks);
  /// A first population, scored.
  void populate();
  /// Lets it evolve until generations or evaluations end.
  void evolve();

private:
  struct Member {
    Assignment assignment;
    double score;
    /// Its place among all that there ever were.
    uint64_t birth;
  };

  void mutate(Assignment &child);
  void cross(Assignment &child);
  void freeze(Assignment &child) const;
  /// Adds networks within the limits from what `make` writes.
  void draw(size_t count, llvm::function_ref<void(Assignment &)> make,
            std::vector<Assignment> &networks);
  const Assignment &parent() {
    return population[sampler.random().below(numParents)].assignment;
  }
  /// Scores networks and takes them in.
  void add(std::vector<Assignment> networks);
  void select();

  const EvolutionOptions &options;
  Sampler &sampler;
  Scorer &scorer;
  std::vector<uint32_t> counts;
  std::vector<double> rates;
  llvm::BitVector open;
  Assignment base;
  uint32_t numParents = 1;
  std::vector<Member> population;
  uint64_t births = 0;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_EVOLUTIONRUN_H
