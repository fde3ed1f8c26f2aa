// SPDX-License-Identifier: Apache-2.0
// Networks of a space and accelerators for them, together.

#ifndef GNOMON_ACCELERATOR_HAO_H
#define GNOMON_ACCELERATOR_HAO_H

#include "gnomon/Accelerator/Mapping.h"

namespace gnomon {

/// The layers of a space's networks, by what its decisions choose.
struct LayeredSpace {
  /// Decisions, limits, and every metric that is no matter of the accelerator.
  search::Problem problem;
  /// Different ones, each running once.
  std::vector<AcceleratorLayer> layers;
  struct Use {
    size_t layer;
    int64_t runs;
  };
  /// What a few decisions bring in: by entry as the costs of a search::Term.
  struct Part {
    std::vector<uint32_t> scope;
    std::vector<std::vector<uint32_t>> classes;
    std::vector<std::vector<Use>> entries;
  };
  std::vector<Part> parts;

  /// The layers of a canonical network.
  std::vector<AcceleratorLayer>
  layersOf(llvm::ArrayRef<uint32_t> network) const;
};

/// Bits of weights and activations, and what they cost of the objective, in its
/// unit; none: nobody knows.
struct WordLength {
  int64_t bits = 8;
  std::optional<double> loss;
};

/// All numbers but the word lengths are ours.
struct HaoOptions {
  std::vector<WordLength> widths = {{4, {}}, {8, {}}};
  /// Metric to be as good as possible in, and its ticks in one of its unit.
  uint32_t objective = 0;
  double ticksPerUnit = 1;
  /// What judges networks instead of the metric, which then stands in for it.
  search::Evaluator *evaluator = nullptr;
  uint64_t seed = 0;
  /// Most integer programs, of all word lengths together.
  uint64_t programs = 100000;
  /// A word length: most stacks of one type of sub-graph, and random networks.
  uint32_t stacks = 256, random = 16;
  /// How often accelerators of the front get the best networks for them, and
  /// some of these accelerators of their own.
  uint32_t rounds = 2;
  uint32_t accelerators = 8, remapped = 48;
  /// Networks that the front on one accelerator adds at most.
  uint32_t added = 512;
};

/// A network on an accelerator.
struct HaoPoint {
  search::Solution solution;
  int64_t bits = 0;
  /// What the evaluator or the metric says less what the bits cost, in the
  /// objective's unit; more is better, minimised metrics are negated.
  double value = 0;
  Mapping mapping;
};

struct HaoResult {
  /// Fastest first. No point is beaten in cycles and value: by none of its word
  /// length, and where losses of all of them are known by none at all.
  std::vector<HaoPoint> points;
  /// Whether points of different word lengths were held against each other.
  bool isMerged = false;
  /// Whether every network was mapped, so that this is the front.
  bool isWhole = false;
  uint64_t programs = 0;   ///< integer programs solved
  uint64_t impossible = 0; ///< those without an answer
  /// Where there is no point: the least of each resource that had to be there
  /// for some network, each alone.
  std::optional<EngineResources> least;
  /// Where no network keeps the limits: how far each can be met.
  std::vector<search::Reach> reachable;
};

/// The outer loop of HAO. Refused: an unsound problem, no or equal word
/// lengths, what mapNetwork refuses.
llvm::Expected<HaoResult> searchAccelerators(const LayeredSpace &space,
                                             const Fpga &fpga,
                                             const HaoOptions &options);

} // namespace gnomon

#endif // GNOMON_ACCELERATOR_HAO_H
