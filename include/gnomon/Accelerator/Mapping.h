// SPDX-License-Identifier: Apache-2.0
// The fastest accelerator for a network on an FPGA.

#ifndef GNOMON_ACCELERATOR_MAPPING_H
#define GNOMON_ACCELERATOR_MAPPING_H

#include "gnomon/Accelerator/Engine.h"
#include "gnomon/Accelerator/Fpga.h"
#include "gnomon/Search/Algorithms.h"

#include <map>

namespace gnomon {

struct MappingOptions {
  /// Of weights and activations.
  int64_t bits = 8;
  /// Engines work at the same time, each on its part of another image; else
  /// one after the other.
  bool pipelined = false;
  /// The search that chooses: "ilp", or another that takes metrics alone.
  std::string algorithm = "ilp";
};

struct MappedEngine {
  EngineWork work;
  EngineConfiguration configuration;
  EngineResources resources;
  int64_t cycles = 0;
};

struct Mapping {
  /// Empty: nothing fits.
  std::vector<MappedEngine> engines;
  EngineResources used;
  /// Between the beginnings of two images, and for one image.
  int64_t intervalCycles = 0, latencyCycles = 0;
  /// What moving inputs, weights and outputs takes.
  int64_t memoryCycles = 0;
  /// In cycles: no other choice is faster by more. None: not known.
  std::optional<double> gap;
  /// Configurations in the program.
  size_t candidates = 0;
  /// Without engines, the least of each resource that has to be there: alone.
  EngineResources least;
};

/// The problem: a decision for each engine, cycles to minimise ("cycles"),
/// limits on "dsp", "lut" and "bram". Engines that take turns wait for the
/// memory layer by layer; those that work at the same time share it.
search::Problem mappingProblem(llvm::ArrayRef<EngineWork> work,
                               const Fpga &fpga, const MappingOptions &options);

/// Cycles of a layer on an engine that takes turns with others: it waits for
/// whichever is slower, the engine or the external memory.
int64_t layerTime(const AcceleratorLayer &layer,
                  const EngineConfiguration &configuration, const Fpga &fpga,
                  int64_t bits);

/// Engines that are given, by name (engineName), with what each takes.
struct Accelerator {
  struct Engine {
    EngineConfiguration configuration;
    EngineResources resources;
  };
  std::map<std::string, Engine> engines;
};

/// The engines of a mapping.
Accelerator acceleratorOf(const Mapping &mapping);

/// The network on engines of these configurations, one after the other, their
/// memories as large as it needs; without engines where it needs one that is
/// not there, or more than the FPGA has. Only engines that it needs are built.
Mapping mapOnto(llvm::ArrayRef<AcceleratorLayer> layers,
                const Accelerator &accelerator, const Fpga &fpga, int64_t bits);

/// Chooses a configuration for every engine so that the cycles are fewest:
/// those of all engines, or with `pipelined` of the slowest. Refused: no
/// layers, sizes or word lengths out of range, a search that there is not.
llvm::Expected<Mapping> mapNetwork(llvm::ArrayRef<AcceleratorLayer> layers,
                                   const Fpga &fpga,
                                   const MappingOptions &options = {});

} // namespace gnomon

#endif // GNOMON_ACCELERATOR_MAPPING_H
