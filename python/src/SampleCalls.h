// SPDX-License-Identifier: Apache-2.0
// Random networks of a space and what a bundle says that they take.

#ifndef GNOMON_PYTHON_SAMPLECALLS_H
#define GNOMON_PYTHON_SAMPLECALLS_H

#include "Calls.h"

namespace gnomon::python {

struct SampleRequest {
  std::string space;
  std::string bundle, device;       ///< an empty device: the bundle's own
  std::vector<int64_t> resolutions; ///< empty: those of the space
  double widthMult = 0;             ///< 0: the space's default
  size_t count = 0;
  uint64_t seed = 0;
};

struct Samples {
  std::string space, device; ///< their names
  double widthMult = 0;      ///< of the channels; 0: the space has one width
  std::vector<std::string> decisions; ///< but the resolution
  std::vector<std::vector<std::string>> options;
  /// Sample by sample, of each decision the option's index; -1: not asked.
  std::vector<int64_t> choices;
  std::vector<int64_t> resolutions; ///< 0: the space has one
  std::vector<double> latencyMs;
};

/// Networks whose every decision takes each of its options alike. Latencies are
/// predictions for whole networks, as sums over the space's search problem.
Answer<Samples> sampleSpace(const SampleRequest &request);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_SAMPLECALLS_H
