// SPDX-License-Identifier: Apache-2.0
// What was learned about one kind of kernels.

#ifndef GNOMON_COST_KINDMODEL_H
#define GNOMON_COST_KINDMODEL_H

#include "gnomon/Cost/DeviceRatios.h"
#include "gnomon/Cost/ForestFile.h"
#include "gnomon/Cost/Intervals.h"
#include <map>
#include <vector>

namespace gnomon {

/// What a forest's answer is about.
enum class ModelForm {
  Roofline,    ///< log(latency / roofline), launch overhead included
  Utilisation, ///< log(kernel / base), bounded: see UtilisationForm
};

/// How a kind's latency follows from its forests in a bundle of the form
/// Utilisation; in microseconds:
///   kernel = max(work / rooflineGain, base * exp(offset + forest))
///   latency = max(launch, launchShare * launch + kernel)
/// work is the roofline without launch overhead; base is work, or where `tiled`
/// the time by the model of tiles (TiledProduct.h); launch is the device's
/// launch overhead times a factor, the kind's or an operation's own. Launches
/// hide behind long kernels in part. A gain above 1 is for algorithms with
/// fewer operations than are counted (Winograd's convolutions).
struct UtilisationForm {
  double launchFactor = 1, launchShare = 0.5, rooflineGain = 1;
  std::map<double, double> launchFactors; ///< by code of Feature::operation
  bool tiled = false;

  /// Latency in microseconds where offset and forest say `log`.
  double latencyUs(const KernelOnDevice &kernel, double log) const;
};

struct KindModel {
  /// Lowest and highest value of a column in training.
  struct Range {
    Column column;
    double low, high;
  };

  ForestFile forest;            ///< read when first used
  std::vector<Column> features; ///< the forest's columns
  double logOffset = 0;         ///< added to the forest's answer
  UtilisationForm utilisation;  ///< for ModelForm::Utilisation
  double scaleLog = 0;          ///< calibration of the latency as a whole
  LogIntervals intervals;
  std::vector<Range> ranges;

  /// A kernel of this kind, launched as the kind or its operation is. Both must
  /// outlive the answer.
  KernelOnDevice place(const FeatureRow &row, const DeviceSpec &device) const;

  /// offset + forest for kernels, in the order of `indices`, which are theirs
  /// among the rows.
  llvm::Expected<std::vector<double>>
  logs(llvm::ArrayRef<FeatureRow> rows, llvm::ArrayRef<unsigned> indices,
       llvm::ArrayRef<KernelOnDevice> kernels) const;

  /// Whether a value lies further outside its training range than
  /// `rangeTolerance` allows.
  bool extrapolates(const FeatureRow &row, const KernelOnDevice &kernel) const {
    return outsideRange(row, kernel);
  }
  /// The first range that is left so, or whose device ratio is not known; null
  /// if there is none.
  const Range *outsideRange(const FeatureRow &row,
                            const KernelOnDevice &kernel) const;
};

/// How far beyond the training range counts as inside still: a quarter.
inline constexpr double rangeTolerance = 1.25;

} // namespace gnomon

#endif // GNOMON_COST_KINDMODEL_H
