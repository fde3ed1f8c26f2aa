// SPDX-License-Identifier: Apache-2.0
// Which network of which space a file holds, without Python.

#ifndef GNOMON_PYTHON_RECOGNIZECALLS_H
#define GNOMON_PYTHON_RECOGNIZECALLS_H

#include "Calls.h"

namespace gnomon::python {

/// The JSON of gnomon/Spaces/Recognize.h for an .onnx or .mlir file. Dimensions
/// without a size count as 1. With the name of a space only that one is
/// compared.
Answer<std::string> recognizeFile(const std::string &path,
                                  const std::string &space, const Sizes &sizes);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_RECOGNIZECALLS_H
