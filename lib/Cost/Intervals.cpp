// SPDX-License-Identifier: Apache-2.0
// How far truths lie from estimates, by confidence.

#include "gnomon/Cost/Intervals.h"

using namespace gnomon;
using llvm::StringRef;

std::pair<double, double> gnomon::logInterval(const LogIntervals &intervals,
                                              double confidence) {
  if (intervals.empty())
    return {0, 0};
  auto above = intervals.lower_bound(confidence);
  if (above == intervals.end())
    return intervals.rbegin()->second;
  if (above->first == confidence || above == intervals.begin())
    return above->second;
  auto below = std::prev(above);
  double t = (confidence - below->first) / (above->first - below->first);
  auto between = [t](double from, double to) { return from + t * (to - from); };
  return {between(below->second.first, above->second.first),
          between(below->second.second, above->second.second)};
}

LogIntervals gnomon::readIntervals(const JsonFields &fields) {
  LogIntervals result;
  std::vector<std::string> keys = fields.names("interval_log");
  if (keys.empty())
    return result;
  std::optional<JsonFields> entries = fields.object("interval_log");
  for (const std::string &key : keys) {
    double confidence = 0;
    if (StringRef(key).getAsDouble(confidence) ||
        !(confidence > 0 && confidence < 1))
      entries->fail(key, "expected a confidence between 0 and 1 as name");
    else
      result[confidence] = entries->interval(key);
  }
  return result;
}

llvm::Error gnomon::checkConfidence(StringRef bundle,
                                    const LogIntervals &intervals,
                                    double confidence) {
  if (!(confidence > 0 && confidence < 1))
    return llvm::createStringError("confidence: expected a number between 0 "
                                   "and 1, found " +
                                   std::to_string(confidence));
  if (intervals.empty())
    return llvm::Error::success();
  double low = intervals.begin()->first, high = intervals.rbegin()->first;
  if (confidence >= low && confidence <= high)
    return llvm::Error::success();
  return llvm::createStringError("confidence: bundle '" + bundle.str() +
                                 "' is calibrated from " + std::to_string(low) +
                                 " to " + std::to_string(high) + ", found " +
                                 std::to_string(confidence));
}
