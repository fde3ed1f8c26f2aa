// SPDX-License-Identifier: Apache-2.0
// Rows of operators, and what relates them to devices, for training.

#ifndef GNOMON_PYTHON_DEVICECALLS_H
#define GNOMON_PYTHON_DEVICECALLS_H

#include "Calls.h"

namespace gnomon::python {

/// Kernels with work, one a row.
struct OperatorRows {
  std::vector<std::string> functions, kinds, dtypes;
  std::vector<double> runs;
  /// Row after row, featureNames().size() numbers each; NaN: does not apply.
  std::vector<double> features;
};

/// The kernels of every function of a module given as text, under a runtime's
/// rules; a kernel that nobody can cost is a problem.
Answer<OperatorRows> operatorRows(const std::string &mlirText,
                                  const std::string &rulesJson);

std::vector<std::string> deviceRatioNames();

/// What the features of kernels (as in OperatorRows) say beside a device.
struct KernelsOnDevice {
  std::vector<std::string> dtypes;
  const double *features = nullptr; ///< dtypes.size() rows
};

/// Row after row, deviceRatioNames().size() numbers each.
Answer<std::vector<double>> deviceRatios(const KernelsOnDevice &kernels,
                                         const std::string &deviceJson);

/// max(flops / peak, bytes / bandwidth) in microseconds, a number a row.
Answer<std::vector<double>> workUs(const KernelsOnDevice &kernels,
                                   const std::string &deviceJson);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_DEVICECALLS_H
