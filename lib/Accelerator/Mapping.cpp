// SPDX-License-Identifier: Apache-2.0
// The fastest accelerator for a network on an FPGA.
//
// Source: HAO (Dong et al., FCCM 2021): min T so that T is at least the cycles
// of every engine and the resources suffice, one configuration an engine, by
// integer programming. Our formulation: costs of Engine.cpp; besides the
// slowest of engines that work at the same time also the sum of those that take
// turns; configurations that another beats in everything are left out.

#include "gnomon/Accelerator/Mapping.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <tuple>

using namespace gnomon;

namespace {
enum Metric : uint32_t { Cycles, Dsp, Lut, Bram };

/// A configuration with what it costs.
struct Candidate {
  EngineConfiguration configuration;
  EngineResources resources;
  int64_t cycles;

  auto key() const {
    return std::tie(cycles, resources.dsp, resources.lut, resources.bram);
  }
  bool beats(const Candidate &other) const {
    return cycles <= other.cycles && resources.dsp <= other.resources.dsp &&
           resources.lut <= other.resources.lut &&
           resources.bram <= other.resources.bram;
  }
};
} // namespace

static int64_t memoryCycles(const AcceleratorLayer &layer, const Fpga &fpga,
                            int64_t bits) {
  double bytes = double(layer.elements()) * double(bits) / 8;
  return layer.runs *
         int64_t(std::ceil(bytes * fpga.clockHz / fpga.bytesPerSecond));
}

int64_t gnomon::layerTime(const AcceleratorLayer &layer,
                          const EngineConfiguration &configuration,
                          const Fpga &fpga, int64_t bits) {
  return std::max(layerCycles(layer, configuration),
                  memoryCycles(layer, fpga, bits));
}

static int64_t memoryCycles(llvm::ArrayRef<EngineWork> work, const Fpga &fpga,
                            int64_t bits) {
  int64_t sum = 0;
  for (const EngineWork &engine : work)
    for (const AcceleratorLayer &layer : engine.layers)
      sum += memoryCycles(layer, fpga, bits);
  return sum;
}

static int64_t engineCycles(const EngineWork &work,
                            const EngineConfiguration &configuration,
                            const Fpga &fpga, const MappingOptions &options) {
  int64_t sum = 0;
  for (const AcceleratorLayer &layer : work.layers)
    sum += options.pipelined
               ? layerCycles(layer, configuration)
               : layerTime(layer, configuration, fpga, options.bits);
  return sum;
}

/// Fastest first, none beaten by another.
static std::vector<Candidate> choices(const EngineWork &work, const Fpga &fpga,
                                      const MappingOptions &options) {
  std::vector<Candidate> all, kept;
  for (const EngineConfiguration &configuration : candidates(work))
    all.push_back({configuration,
                   engineResources(work, configuration, options.bits),
                   engineCycles(work, configuration, fpga, options)});
  llvm::stable_sort(all, [](const Candidate &a, const Candidate &b) {
    return a.key() < b.key();
  });
  for (const Candidate &candidate : all)
    if (llvm::none_of(kept, [&](const Candidate &other) {
          return other.beats(candidate);
        }))
      kept.push_back(candidate);
  return kept;
}

static std::string nameOf(const EngineConfiguration &configuration) {
  return std::to_string(configuration.in) + "x" +
         std::to_string(configuration.out) + "x" +
         std::to_string(configuration.taps) +
         (configuration.inLut ? " lut" : " dsp");
}

static search::Problem problemOf(llvm::ArrayRef<EngineWork> work,
                                 llvm::ArrayRef<std::vector<Candidate>> choices,
                                 const Fpga &fpga,
                                 const MappingOptions &options) {
  search::Problem problem;
  problem.name = fpga.name;
  problem.metrics = {
      {"cycles", "cycles", search::Sense::Minimize,
       options.pipelined ? search::Combine::Max : search::Combine::Sum},
      {"dsp", ""},
      {"lut", ""},
      {"bram", ""}};
  if (options.pipelined)
    problem.terms.push_back(
        {{}, {memoryCycles(work, fpga, options.bits), 0, 0, 0}});
  for (auto [engine, candidates] : llvm::zip(work, choices)) {
    search::Decision decision{engine.name, {}, {}};
    search::Term term{{uint32_t(problem.decisions.size())}, {}};
    for (const Candidate &candidate : candidates) {
      decision.options.push_back(nameOf(candidate.configuration));
      const EngineResources &takes = candidate.resources;
      term.costs.insert(term.costs.end(),
                        {candidate.cycles, takes.dsp, takes.lut, takes.bram});
    }
    problem.decisions.push_back(std::move(decision));
    problem.terms.push_back(std::move(term));
  }
  problem.limits = {
      {Dsp, fpga.dsp, {}}, {Lut, fpga.lut, {}}, {Bram, fpga.bram, {}}};
  return problem;
}

static std::vector<std::vector<Candidate>>
allChoices(llvm::ArrayRef<EngineWork> work, const Fpga &fpga,
           const MappingOptions &options) {
  std::vector<std::vector<Candidate>> all;
  for (const EngineWork &engine : work)
    all.push_back(choices(engine, fpga, options));
  return all;
}

search::Problem gnomon::mappingProblem(llvm::ArrayRef<EngineWork> work,
                                       const Fpga &fpga,
                                       const MappingOptions &options) {
  return problemOf(work, allChoices(work, fpga, options), fpga, options);
}

static llvm::Error check(llvm::ArrayRef<AcceleratorLayer> layers,
                         const MappingOptions &options) {
  constexpr int64_t kMost = int64_t(1) << 20;
  if (layers.empty())
    return llvm::createStringError(
        "mapping: expected a convolution or a matrix product, found none");
  if (options.bits < 1 || options.bits > 32)
    return llvm::createStringError("mapping: expected 1 to 32 bits, found " +
                                   llvm::Twine(options.bits));
  for (const AcceleratorLayer &layer : layers) {
    for (int64_t size :
         {layer.groups, layer.channelsIn, layer.channelsOut, layer.height,
          layer.width, layer.heightIn, layer.widthIn, layer.kernelHeight,
          layer.kernelWidth, layer.runs})
      if (size < 1 || size > kMost)
        return llvm::createStringError("mapping: layer '" + layer.name +
                                       "': expected sizes from 1 to 2^20, "
                                       "found " +
                                       llvm::Twine(size));
    double work = double(layer.runs) * layer.groups * layer.channelsIn *
                  layer.channelsOut * layer.height * layer.width *
                  layer.kernelHeight * layer.kernelWidth;
    double moved = double(layer.runs) * layer.groups * layer.channelsIn *
                   layer.heightIn * layer.widthIn;
    if (std::max(work, moved) > 1e15)
      return llvm::createStringError("mapping: layer '" + layer.name +
                                     "': expected at most 1e15 multiply-adds "
                                     "and inputs");
  }
  return llvm::Error::success();
}

static void readReach(llvm::ArrayRef<search::Reach> reachable,
                      EngineResources &least) {
  for (const search::Reach &reach : reachable) {
    int64_t value = reach.alone.costs[reach.metric];
    (reach.metric == Dsp   ? least.dsp
     : reach.metric == Lut ? least.lut
                           : least.bram) = value;
  }
}

llvm::Expected<Mapping>
gnomon::mapNetwork(llvm::ArrayRef<AcceleratorLayer> layers, const Fpga &fpga,
                   const MappingOptions &options) {
  if (llvm::Error error = check(layers, options))
    return error;
  const search::Algorithm *algorithm = search::findAlgorithm(options.algorithm);
  if (!algorithm)
    return llvm::createStringError("mapping: no search '" + options.algorithm +
                                   "'");
  std::vector<EngineWork> work = engineWork(layers);
  auto choices = allChoices(work, fpga, options);
  search::Problem problem = problemOf(work, choices, fpga, options);
  if (llvm::Error error = problem.check())
    return error;
  auto found = algorithm->run(problem, {Cycles}, {});
  if (!found)
    return found.takeError();
  Mapping mapping;
  mapping.gap = found->gap;
  mapping.memoryCycles = memoryCycles(work, fpga, options.bits);
  for (const auto &candidates : choices)
    mapping.candidates += candidates.size();
  readReach(found->reachable, mapping.least);
  if (!found->best)
    return mapping;
  for (auto [engine, candidates, option] :
       llvm::zip(work, choices, found->best->assignment)) {
    const Candidate &chosen = candidates[option];
    mapping.latencyCycles += chosen.cycles;
    mapping.engines.push_back({std::move(engine), chosen.configuration,
                               chosen.resources, chosen.cycles});
  }
  const std::vector<search::Cost> &costs = found->best->costs;
  mapping.used = {costs[Dsp], costs[Lut], costs[Bram]};
  mapping.intervalCycles = costs[Cycles];
  mapping.latencyCycles = std::max(mapping.latencyCycles, costs[Cycles]);
  return mapping;
}

Accelerator gnomon::acceleratorOf(const Mapping &mapping) {
  Accelerator accelerator;
  for (const MappedEngine &engine : mapping.engines)
    accelerator.engines[engine.work.name] = {engine.configuration,
                                             engine.resources};
  return accelerator;
}

Mapping gnomon::mapOnto(llvm::ArrayRef<AcceleratorLayer> layers,
                        const Accelerator &accelerator, const Fpga &fpga,
                        int64_t bits) {
  Mapping mapping;
  std::vector<EngineWork> work = engineWork(layers);
  mapping.memoryCycles = memoryCycles(work, fpga, bits);
  for (EngineWork &own : work) {
    auto found = accelerator.engines.find(own.name);
    if (found == accelerator.engines.end())
      return Mapping();
    const EngineConfiguration &configuration = found->second.configuration;
    EngineResources takes = engineResources(own, configuration, bits);
    int64_t cycles = engineCycles(own, configuration, fpga, {bits});
    mapping.used.dsp += takes.dsp;
    mapping.used.lut += takes.lut;
    mapping.used.bram += takes.bram;
    mapping.latencyCycles += cycles;
    mapping.engines.push_back({std::move(own), configuration, takes, cycles});
  }
  mapping.intervalCycles = mapping.latencyCycles;
  bool fits = mapping.used.dsp <= fpga.dsp && mapping.used.lut <= fpga.lut &&
              mapping.used.bram <= fpga.bram;
  return fits ? mapping : Mapping();
}
