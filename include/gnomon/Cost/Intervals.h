// SPDX-License-Identifier: Apache-2.0
// How far truths lie from estimates, by confidence.

#ifndef GNOMON_COST_INTERVALS_H
#define GNOMON_COST_INTERVALS_H

#include "gnomon/Support/JsonFields.h"
#include <map>

namespace gnomon {

/// Intervals of log(truth / estimate) by confidence.
using LogIntervals = std::map<double, std::pair<double, double>>;

/// The interval for a confidence, interpolated between calibrated ones; [0, 0]
/// if there are none.
std::pair<double, double> logInterval(const LogIntervals &intervals,
                                      double confidence);

/// The member `interval_log` {CONFIDENCE: [low, high]}; empty if it is absent.
LogIntervals readIntervals(const JsonFields &fields);

/// Refuses what is no confidence, and confidences beyond those that the
/// intervals of a bundle were calibrated for. Any will do if there are none.
llvm::Error checkConfidence(llvm::StringRef bundle,
                            const LogIntervals &intervals, double confidence);

} // namespace gnomon

#endif // GNOMON_COST_INTERVALS_H
