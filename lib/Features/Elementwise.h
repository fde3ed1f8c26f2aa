// SPDX-License-Identifier: Apache-2.0
// Work of elementwise functions, also where another kernel has swallowed them.

#ifndef GNOMON_LIB_FEATURES_ELEMENTWISE_H
#define GNOMON_LIB_FEATURES_ELEMENTWISE_H

#include "OpView.h"

namespace gnomon {

/// Weighted operations per element of an ONNX elementwise operator or
/// activation function, e.g. 1 for "Relu", 12 for "Tanh"; 1 if unknown.
double elementwiseWork(llvm::StringRef name);

/// Sets elementwise_work, work_per_element and flops for a number of elements.
void fillWork(double elements, double workPerElement, FeatureRow &row);

} // namespace gnomon

#endif // GNOMON_LIB_FEATURES_ELEMENTWISE_H
