// SPDX-License-Identifier: Apache-2.0
// NN-Degree and NN-Mass of files and of networks of a space, without Python.

#ifndef GNOMON_PYTHON_TOPOLOGYCALLS_H
#define GNOMON_PYTHON_TOPOLOGYCALLS_H

#include "Calls.h"

namespace gnomon::python {

/// topologyReport() of an .onnx or .mlir file with one function. Dimensions
/// without a size count as 1.
Answer<std::string> fileTopology(const std::string &path, const Sizes &sizes);

/// Which networks of a space.
struct TopologiesRequest {
  std::string space;
  std::vector<std::string> architectures; ///< JSON objects
  size_t draw = 0;                        ///< random ones besides
  std::vector<int64_t> resolutions;       ///< of those; empty: the space's
  double widthMult = 0;                   ///< 0: the space's default
  uint64_t seed = 0;
};

/// JSON: {"decisions": [{"name", "options"}], "networks": [{"selection",
/// "nn_degree", "nn_mass", "macs", "params"}]}.
Answer<std::string> spaceTopologies(const TopologiesRequest &request);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_TOPOLOGYCALLS_H
