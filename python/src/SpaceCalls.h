// SPDX-License-Identifier: Apache-2.0
// What the Python package asks about spaces and their networks, without Python.

#ifndef GNOMON_PYTHON_SPACECALLS_H
#define GNOMON_PYTHON_SPACECALLS_H

#include "Calls.h"

namespace gnomon::python {

/// JSON: a list of {"name", "description", "networks": decimal digits, of one
/// resolution, "resolutions", "width_mults", the default first, "decisions"}.
Answer<std::string> listSpaces();

/// What the file of a search space describes, as JSON (checkSpace), after all
/// of it was built.
Answer<std::string> checkSpaceFile(const std::string &path);

/// One network of a space, as an ONNX file.
struct NetworkRequest {
  std::string space;
  /// "min", "max", "random", or an architecture as JSON text.
  std::string which;
  int64_t resolution = 0; ///< 0: the architecture's, or any
  double widthMult = 0;   ///< 0: the architecture's, or the space's default
  /// Of the random network, and of the weights.
  uint64_t seed = 0;
  std::string bundle; ///< empty: no estimates in the file
  std::string device;
  double confidence = 0; ///< 0: what the bundle says by itself
  std::string out;
};

/// Writes the file. JSON: {"space", "architecture", "width_mult" where the
/// space has several, "macs", "params", "layers", and with a bundle
/// "latency_us", "low_us", "high_us"}.
Answer<std::string> writeNetwork(const NetworkRequest &request);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_SPACECALLS_H
