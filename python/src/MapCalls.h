// SPDX-License-Identifier: Apache-2.0
// Accelerators on FPGAs, without Python.

#ifndef GNOMON_PYTHON_MAPCALLS_H
#define GNOMON_PYTHON_MAPCALLS_H

#include "Calls.h"

namespace gnomon::python {

/// A network and where it is to run.
struct MapRequest {
  std::string fpgaJson;
  std::string fpgaName; ///< of the text, in messages
  std::vector<std::string> names;
  /// By layer: groups, channels of a group in and out, height and width of the
  /// result, of the input and of the kernel, runs.
  std::vector<std::vector<int64_t>> layers;
  int64_t bits = 8;
  bool pipelined = false;
  std::string algorithm;
};

/// JSON: engines with configuration, resources and cycles; what is used and
/// there; milliseconds.
Answer<std::string> mapReport(const MapRequest &request);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_MAPCALLS_H
