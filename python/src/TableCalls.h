// SPDX-License-Identifier: Apache-2.0
// What the Python package asks about look-up tables, without Python.

#ifndef GNOMON_PYTHON_TABLECALLS_H
#define GNOMON_PYTHON_TABLECALLS_H

#include "Calls.h"

namespace gnomon::python {

/// Latencies in milliseconds of networks of a space by a table bundle, block by
/// block in program order. Architectures are JSON objects as `gnomon network`
/// takes them.
Answer<std::vector<double>>
tableLatencies(const std::string &space, const std::string &bundle,
               double widthMult, const std::vector<std::string> &architectures);

/// What to tabulate.
struct TableRequest {
  std::string space;
  std::vector<int64_t> resolutions; ///< empty: those of the space
  double widthMult = 0;             ///< 0: the space's default
  std::string bundle, device;       ///< an empty device: the bundle's own
  size_t samples = 5;               ///< networks that each entry must come from
};

/// A table in Once-for-All's YAML by resolution. An entry is the mean over
/// random networks of what the block adds to the predicted latency of the whole
/// network, with standard deviation and count: kernels are formed in their
/// networks, so what neighbours fuse or reorder is in it on average.
Answer<std::map<int64_t, std::string>> spaceTables(const TableRequest &request);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_TABLECALLS_H
