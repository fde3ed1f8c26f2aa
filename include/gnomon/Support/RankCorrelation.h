// SPDX-License-Identifier: Apache-2.0
// Whether two series have the same order.

#ifndef GNOMON_SUPPORT_RANKCORRELATION_H
#define GNOMON_SUPPORT_RANKCORRELATION_H

#include "llvm/ADT/ArrayRef.h"

namespace gnomon {

/// Spearman's rank correlation of two series of one length, in [-1, 1], with
/// shared ranks for ties; 0 where either has no order.
double rankCorrelation(llvm::ArrayRef<double> a, llvm::ArrayRef<double> b);

} // namespace gnomon

#endif // GNOMON_SUPPORT_RANKCORRELATION_H
