// SPDX-License-Identifier: Apache-2.0
// How far the latency of a space's networks may be off, put together kernel by
// kernel.

#include "SpaceSpread.h"
#include <cmath>

using namespace gnomon;
using search::Cost;

/// Keeps sums over hostile input in range.
constexpr double kGreatestVariance = 1e15;

static size_t countParts(const ErrorModel &errors) {
  return errors.kinds.empty() ? 1 : 1 + kNumKernelKinds;
}

SpaceSpread::SpaceSpread(const std::vector<search::Decision> &decisions,
                         const ErrorModel &errors)
    : errors(errors), partOf(kNumKernelKinds, 0),
      terms(decisions, countParts(errors) + 1, false) {
  spread.common = errors.common;
  spread.parts.decisions = decisions;
  spread.weights.push_back(0);
  spread.parts.metrics.push_back({"network", "ns"});
  for (unsigned kind = 0; kind + 1 < countParts(errors); ++kind) {
    partOf[kind] = spread.weights.size();
    spread.weights.push_back(errors.of(KernelKind(kind)).together);
    spread.parts.metrics.push_back(
        {kernelKindName(KernelKind(kind)).str(), "ns"});
  }
  spread.parts.metrics.push_back({"alone", "1024 ns^2"});
}

void SpaceSpread::add(const std::vector<uint32_t> &scope,
                      const SpaceTerms::Classes &classes,
                      const std::vector<uint32_t> &key,
                      llvm::ArrayRef<KernelShare> shares) {
  for (const KernelShare &share : shares) {
    terms.add(scope, classes, key, partOf[unsigned(share.kind)], share.ns);
    double alone = errors.of(share.kind).alone * double(share.ns);
    double variance = alone * alone / search::Spread::kVarianceTicks;
    terms.add(scope, classes, key, spread.weights.size(),
              Cost(std::round(std::min(variance, kGreatestVariance))));
  }
}

search::Spread SpaceSpread::take() {
  std::vector<std::optional<uint32_t>> owners;
  spread.parts.terms = terms.take(owners);
  return std::move(spread);
}
