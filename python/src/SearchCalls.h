// SPDX-License-Identifier: Apache-2.0
// What the Python package asks the architecture search, without Python.

#ifndef GNOMON_PYTHON_SEARCHCALLS_H
#define GNOMON_PYTHON_SEARCHCALLS_H

#include "Calls.h"
#include <map>

namespace gnomon::python {

/// `accuracy` may be an ONNX file for spaces with the decisions of ofa-mbv3: a
/// dense network of OFA's 128 inputs or HELP's 145.
struct SearchRequest {
  std::string space;
  std::vector<int64_t> resolutions; ///< empty: those of the space
  double widthMult = 0;             ///< 0: the space's default
  std::vector<std::string> bundles; ///< at least one
  /// Empty: the bundles' own. One bundle is asked about all devices, of several
  /// each about its own one.
  std::vector<std::string> devices;
  std::vector<double> budgetsUs;
  double confidence = 0; ///< 0: what the bundles say by themselves
  std::string algorithm;
  /// [METRIC:]FORM as in ArchitectureQuery; METRIC "macs", "params", or empty:
  /// that of `accuracy`.
  std::string objective;
  std::string accuracy;          ///< a file with an accuracy model, or empty
  std::string standIn;           ///< values near it, where it is a network
  std::string latencyModel;      ///< a file for "la-dnas", or empty
  uint64_t evaluations = 100000; ///< most for a budget, if not exact
  uint64_t seed = 0;             ///< of algorithms that draw, and of weights
  unsigned jobs = 1;             ///< threads
  /// One ONNX file for each budget, or empty; budgets that no network keeps get
  /// none.
  std::vector<std::string> exports;
  /// Most of metrics by name; the names' order is that of the values.
  std::vector<std::string> limited;
  std::vector<double> limits;
  std::string devicesObjective;   ///< "", "max" or "weighted"
  std::vector<double> weights;    ///< of the devices, for "weighted"
  std::vector<std::string> start; ///< architectures to begin with, as JSON
  std::string energy;             ///< folder of tables of energy, or empty
  /// A network for each device: JSON with `max_loss` and `share`, either may be
  /// null; empty: one for all. Budgets are one for each device or one for all,
  /// and `exports` has at most one file, which the devices' names are added to.
  std::string perDevice;
  bool explain = false;    ///< say what other options would cost
  bool fileSize = false;   ///< report bytes of weights, too
  bool hasProxy = false;   ///< the last bundle is a proxy for the first
  double sure = 0;         ///< probability of keeping budgets; 0: bounds
  bool peakMemory = false; ///< report the memory of activations, too
  bool reject = false;     ///< draws that break limits, not repair them
  /// The FPGA for "hao" as JSON text, and its name in messages; empty: none.
  /// Then there are no bundles.
  std::string fpgaJson, fpgaName;
  std::vector<int64_t> bits; ///< word lengths
  /// What some of them cost of the objective.
  std::map<int64_t, double> losses;
  unsigned keep = 0; ///< prune to so many options a choice first; 0: do not
};

/// JSON: {"front": as frontReport(), "answers": as answersReport(), in which
/// `exported` says what was written to a file, "kernels": different ones that
/// were costed, "seconds": of building, costing and searching, and if pruned
/// "kept": {DECISION: its options}}. For an FPGA: fpgaFrontReport() and
/// fpgaAnswersReport(). For a network for
/// each device, "per_device": as perDeviceReport() instead of "front" and
/// "answers", in which networks of the point that was picked have `exported`.
Answer<std::string> searchSpace(const SearchRequest &request);

/// Names of the search algorithms.
std::vector<std::string> searchAlgorithms();

} // namespace gnomon::python

#endif // GNOMON_PYTHON_SEARCHCALLS_H
