// SPDX-License-Identifier: Apache-2.0
// Accelerators on FPGAs, without Python.

#ifndef GNOMON_PYTHON_MAPCALLS_H
#define GNOMON_PYTHON_MAPCALLS_H

#include "Calls.h"

namespace gnomon::python {

/// A network and where it is to run.
struct MapRequest {
  std::string path;      ///< .onnx or .mlir
  std::string rulesJson; ///< of the runtime whose kernels are layers
  std::string fpgaJson;
  std::string fpgaName; ///< of the text, in messages
  std::vector<int64_t> bits;
  bool pipelined = false;
  std::string algorithm;
};

/// JSON: {"mappings": at each of the bits engines with configuration, resources
/// and cycles, what is used and there, milliseconds; "others": {"kernels":
/// those that no engine does, by kind, "macs": the multiply-adds among them}}.
Answer<std::string> mapReport(const MapRequest &request);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_MAPCALLS_H
