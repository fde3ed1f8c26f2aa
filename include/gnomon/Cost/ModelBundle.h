// SPDX-License-Identifier: Apache-2.0
// A model bundle: the folder that holds what was learned about one runtime.

#ifndef GNOMON_COST_MODELBUNDLE_H
#define GNOMON_COST_MODELBUNDLE_H

#include "gnomon/Cost/ErrorModel.h"
#include "gnomon/Cost/KindModel.h"
#include "llvm/Support/JSON.h"
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gnomon {

struct Estimate;

/// Rounded, halves to even; what is no time counts as none, and
/// NetworkModel::mostNs is the most.
int64_t wholeNs(double us);

/// From kernels to a network, in whole nanoseconds: the sum of the kernels'
/// shares and of a constant. Sums of shares are exact in any order, so that
/// parts of a network add up to the network.
struct NetworkModel {
  double scaleLog = 0, perKernelUs = 0, perViewUs = 0, constantUs = 0;
  LogIntervals intervals;
  ErrorModel errors;

  /// What a kernel adds to a network that runs it `runs` times; `estimate` is
  /// of all these runs. exp(scaleLog) * latency + perKernelUs * runs, but at
  /// least half of the first summand, since perKernelUs may be negative;
  /// perViewUs * runs for a view, which touches no data (Source::Free); 0 for
  /// what nobody can cost. Never negative, nor above mostNs.
  int64_t shareNs(const Estimate &estimate, int64_t runs) const;

  /// What a run of the network takes beside its kernels; likewise bounded.
  int64_t constantNs() const;

  /// Eleven days: a bound that keeps sums over hostile input in range.
  static constexpr int64_t mostNs = 1'000'000'000'000'000;
};

/// A folder with bundle.json and one XGBoost file a kind beside it.
///
/// bundle.json: `format` (1), `name`, `form` ("utilisation"; absent:
/// ModelForm::Roofline), `features` {`schema`, `fingerprint`, `names`},
/// `device` (a device specification), `devices` (names), `calibrated_for` (a
/// name), `launch_overhead_us`, `launch_overheads_us` {DEVICE: number},
/// `runtime` {`name`, `rules`}, `kinds` {KIND: {`model`, `features`,
/// `log_offset`, `scale_log`, `interval_log` {CONFIDENCE: [low, high]},
/// `ranges` {COLUMN: [low, high]}, and in the form of a utilisation
/// `launch_factor`, `launch_factors` {OPERATION: factor}, `launch_share`,
/// `roofline_gain`, `base` ("work" or "tiled")}}, `network` {`scale_log`,
/// `per_kernel_us`, `per_view_us`, `constant_us`, `interval_log`, `error`}.
/// Members that are not listed are for people and other programs.
struct ModelBundle {
  std::string folder, name, fingerprint;
  ModelForm form = ModelForm::Roofline;
  DeviceSpec device;                ///< where no other one is asked for
  std::vector<std::string> devices; ///< it learned from; empty: from `device`
  std::string calibratedFor;        ///< the only device it serves; empty: any
  /// Of devices whose specification does not say: those measured, the others.
  std::map<std::string, double> launchOverheadsUs;
  std::optional<double> launchOverheadUs;
  /// The rules by which the runtime forms kernels; there in a loaded bundle.
  std::optional<JsonView> runtimeRules;
  /// What bundle.json says, whole; runtimeRules points into it.
  std::optional<JsonDocument> description;
  std::map<KernelKind, KindModel> kinds;
  NetworkModel network;

  /// Reads a bundle but for its forests, which are read when they are first
  /// used. Everything wrong with bundle.json is an error that names the file
  /// and the field; a feature or kind this library does not know is refused by
  /// name.
  static llvm::Expected<std::unique_ptr<const ModelBundle>>
  load(llvm::StringRef folder);

  /// The device to estimate for: the bundle's own for an empty name or its own
  /// name, a JSON file for a path, else one of the folder `devices` inside the
  /// bundle or two levels above it (beside the shipped models).
  llvm::Expected<DeviceSpec> findDevice(llvm::StringRef nameOrPath) const;

  /// The device with what the bundle assumes where its specification is silent.
  /// Refuses a device of another kind than those that the bundle learned from,
  /// and every other one than it is calibrated for.
  llvm::Expected<DeviceSpec> admit(DeviceSpec spec) const;
};

} // namespace gnomon

#endif // GNOMON_COST_MODELBUNDLE_H
