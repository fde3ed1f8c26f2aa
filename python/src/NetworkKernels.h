// SPDX-License-Identifier: Apache-2.0
// The kernels of many networks of a space, without Python.

#ifndef GNOMON_PYTHON_NETWORKKERNELS_H
#define GNOMON_PYTHON_NETWORKKERNELS_H

#include "Calls.h"

namespace gnomon::python {

/// Which networks, and who would run them.
struct KernelsRequest {
  std::string space;
  double widthMult = 0; ///< 0: the space's default
  std::string rulesJson;
  std::vector<std::string> architectures; ///< JSON objects
  unsigned jobs = 1;
};

/// How often each of n networks has each of K things: those of network i are
/// `item[begin[i]]` to `item[begin[i + 1] - 1]`, ascending.
struct CountTable {
  std::vector<int64_t> begin = {0}, item, count;
};

struct NetworkKernels {
  /// Decisions besides the resolution, and their options.
  std::vector<std::string> decisions;
  std::vector<std::vector<std::string>> options;
  /// Row by row: the option's index, -1 where the decision is not asked.
  std::vector<int64_t> choices;
  std::vector<int64_t> resolutions; ///< 0 where the space has one size
  /// The different kernels, in the order in which networks bring them up.
  std::vector<std::string> kinds;
  std::vector<std::vector<double>> features; ///< by featureNames(); NaN: none
  CountTable kernels;
  /// The same of the keys of blocks (`gnomon.block`), where the space has them.
  std::vector<std::string> blockKeys;
  CountTable blocks;
  /// The kernels of each block, in the first network that has it.
  CountTable blockKernels;
};

/// Forms every network; equal answers for any number of jobs. Errors: a space,
/// width or architecture that is none; options that do not fit one another.
Answer<NetworkKernels> networkKernels(const KernelsRequest &request);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_NETWORKKERNELS_H
