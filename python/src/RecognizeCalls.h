// SPDX-License-Identifier: Apache-2.0
// Which network of which space a file holds, without Python.

#ifndef GNOMON_PYTHON_RECOGNIZECALLS_H
#define GNOMON_PYTHON_RECOGNIZECALLS_H

#include "Calls.h"

namespace gnomon::python {

/// The JSON of gnomon/Spaces/Recognize.h for an .onnx or .mlir file. Dimensions
/// without a size count as 1. With the name of a space only that one is
/// compared.
///
/// `model`, if not empty, is a file of kind "mlp": its space alone is compared,
/// and "answer" is what it says of a network of the space: {"model", "metric",
/// "unit", "value"}.
Answer<std::string> recognizeFile(const std::string &path,
                                  const std::string &space, const Sizes &sizes,
                                  const std::string &model = "");

} // namespace gnomon::python

#endif // GNOMON_PYTHON_RECOGNIZECALLS_H
