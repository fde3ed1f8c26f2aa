// SPDX-License-Identifier: Apache-2.0
// What the Python package asks the native library, without Python.

#ifndef GNOMON_PYTHON_CALLS_H
#define GNOMON_PYTHON_CALLS_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gnomon::python {

/// An answer, or the text of the diagnostics.
template <typename T>
struct Answer {
  std::optional<T> value;
  std::string problem;
};

/// Kernel rows of a model as columns of equal length.
struct KernelColumns {
  std::vector<std::string> names, kinds, runtimeOps;
  /// `tensors`: everything that the kernel's operations yield; `outputs`: what
  /// leaves the kernel.
  /// `inputs`: what it reads, constants included.
  std::vector<std::vector<std::string>> ops, outputs, tensors, inputs;
  std::vector<double> rooflineUs, runs;
  /// Feature by feature, in the order of featureNames(); NaN: does not apply.
  std::vector<std::vector<double>> features;
};

std::vector<std::string> featureNames();
std::string featureSchemaFingerprint();

/// Sizes of what is dynamic in an ONNX file: whole inputs and dimensions, by
/// name.
struct Sizes {
  std::map<std::string, std::vector<int64_t>> shapes;
  std::map<std::string, int64_t> dims;
};

/// MLIR text of an ONNX file; what has no size stays dynamic.
Answer<std::string> importOnnxText(const std::string &path, const Sizes &sizes);

/// Kernels of every function in an .onnx or .mlir file under a runtime's rules.
/// Dimensions without a size count as 1.
Answer<KernelColumns> kernelColumns(const std::string &path,
                                    const std::string &rulesJson,
                                    const std::string &deviceJson);

/// The JSON report of an .onnx or .mlir file. Dimensions of inputs without a
/// size count as 1, as where networks are measured.
Answer<std::string> predictReport(const std::string &path,
                                  const std::string &bundle,
                                  const std::string &device, double confidence,
                                  const Sizes &sizes);

/// What the dense network in an .onnx, .mlir or model file (.json) answers to
/// rows, row major; as many numbers as its inputs make a row.
Answer<std::vector<float>> denseNetwork(const std::string &path,
                                        const std::vector<float> &rows);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_CALLS_H
