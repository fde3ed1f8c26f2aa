// SPDX-License-Identifier: Apache-2.0
// How far a whole network may be off: errors of its kernels, and how they go
// together.

#ifndef GNOMON_COST_ERRORMODEL_H
#define GNOMON_COST_ERRORMODEL_H

#include "gnomon/Cost/Intervals.h"
#include "gnomon/Features/FeatureRow.h"

namespace gnomon {

/// Standard deviations, relative to the time they are of, of what kernels of a
/// kind have in common in one network, and of what each has alone.
struct KindError {
  double together = 0, alone = 0;
};

/// The relative error of a network, truth / latency - 1, in units of its
/// standard deviation has these quantiles. With shares W of kinds and w of
/// kernels that deviation is
///   sqrt(common^2 + sum (together * W)^2 + sum (alone * w)^2).
struct ErrorModel {
  double common = 0;
  /// Kinds that are not there take the greatest of those that are.
  std::map<KernelKind, KindError> kinds;
  /// Probability -> quantile, both ascending; empty: nothing is known.
  std::map<double, double> quantiles;
  size_t networks = 0; ///< held out, that this rests on; 0: intervals alone

  bool isKnown() const { return !quantiles.empty(); }
  KindError of(KernelKind kind) const;
  /// The quantile, interpolated; `probability` is within those that are known.
  double quantile(double probability) const;
  /// How likely an error is at most `standardised`, interpolated; beyond the
  /// known quantiles the last probability.
  double probability(double standardised) const;
  /// Refuses probabilities below a half and beyond those that are known.
  llvm::Error check(llvm::StringRef bundle, double probability) const;
  /// Where this comes from, for people.
  std::string restsOn() const;

  /// What intervals say: all of a network errs alike.
  static ErrorModel ofIntervals(const LogIntervals &intervals);
  /// The member `error` of `network` {`common`, `kinds` {KIND: {`together`,
  /// `alone`}}, `quantiles` {PROBABILITY: number}, `networks`}; if it is absent
  /// what the intervals say.
  static ErrorModel read(const JsonFields &network,
                         const LogIntervals &intervals);
};

} // namespace gnomon

#endif // GNOMON_COST_ERRORMODEL_H
