// SPDX-License-Identifier: Apache-2.0
// How much memory the activations of a network take while it runs.

#ifndef GNOMON_ANALYSIS_ACTIVATIONMEMORY_H
#define GNOMON_ANALYSIS_ACTIVATIONMEMORY_H

#include "gnomon/Analysis/Kernels.h"

namespace gnomon {

/// Bytes of the activations that are live while each kernel runs, kernels in
/// program order: its own inputs and outputs, and what kernels before it made
/// and kernels after it read. Inputs of the function are live up to their last
/// reader, its results to the end. Every output of a kernel is a buffer of its
/// own; views share that of what they look at. Weights, other load-time values
/// and tensors of unknown size count as 0.
std::vector<int64_t> liveActivationBytes(llvm::ArrayRef<Kernel> kernels,
                                         mlir::func::FuncOp function);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_ACTIVATIONMEMORY_H
