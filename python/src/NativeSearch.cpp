// SPDX-License-Identifier: Apache-2.0
// Spaces and searches in the Python module gnomon._native.

#include "Native.h"
#include "NetworkKernels.h"
#include "SampleCalls.h"
#include "SearchCalls.h"
#include "SpaceCalls.h"
#include "TopologyCalls.h"
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace nb::literals;
using namespace gnomon::python;

static std::string spaces() { return unwrap(listSpaces()); }

static std::string check(const std::string &path) {
  return unwrap(checkSpaceFile(path));
}

static std::string network(const std::string &space, const std::string &which,
                           const std::string &out, int64_t resolution,
                           double widthMult, uint64_t seed,
                           const std::string &bundle, const std::string &device,
                           double confidence) {
  return unwrap(writeNetwork({space, which, resolution, widthMult, seed, bundle,
                              device, confidence, out}));
}

static std::string
search(const std::string &space, const std::vector<std::string> &bundles,
       const std::vector<std::string> &devices,
       const std::vector<double> &budgetsUs, double confidence,
       const std::string &algorithm, const std::string &objective,
       const std::string &accuracy, const std::string &standIn,
       uint64_t evaluations, const std::vector<int64_t> &resolutions,
       double widthMult, uint64_t seed, unsigned jobs,
       const std::vector<std::string> &exports, bool hasProxy, double sure,
       bool peakMemory, bool reject, unsigned keep,
       const std::vector<std::string> &limited,
       const std::vector<double> &limits, const std::string &devicesObjective,
       const std::vector<double> &weights,
       const std::vector<std::string> &start, const std::string &energy,
       bool explain, bool fileSize, const std::string &latencyModel,
       const std::string &fpga, const std::string &fpgaName,
       const std::vector<int64_t> &bits,
       const std::map<int64_t, double> &losses, const std::string &perDevice) {
  return unwrap(searchSpace({
      .space = space,
      .resolutions = resolutions,
      .widthMult = widthMult,
      .bundles = bundles,
      .devices = devices,
      .budgetsUs = budgetsUs,
      .confidence = confidence,
      .algorithm = algorithm,
      .objective = objective,
      .accuracy = accuracy,
      .standIn = standIn,
      .latencyModel = latencyModel,
      .evaluations = evaluations,
      .seed = seed,
      .jobs = jobs,
      .exports = exports,
      .limited = limited,
      .limits = limits,
      .devicesObjective = devicesObjective,
      .weights = weights,
      .start = start,
      .energy = energy,
      .perDevice = perDevice,
      .explain = explain,
      .fileSize = fileSize,
      .hasProxy = hasProxy,
      .sure = sure,
      .peakMemory = peakMemory,
      .reject = reject,
      .fpgaJson = fpga,
      .fpgaName = fpgaName,
      .bits = bits,
      .losses = losses,
      .keep = keep,
  }));
}

static std::string
topology(const std::string &path,
         const std::map<std::string, std::vector<int64_t>> &shapes,
         const std::map<std::string, int64_t> &dims) {
  return unwrap(fileTopology(path, {shapes, dims}));
}

static std::string topologies(const std::string &space,
                              const std::vector<std::string> &architectures,
                              size_t draw,
                              const std::vector<int64_t> &resolutions,
                              double widthMult, uint64_t seed) {
  return unwrap(spaceTopologies(
      {space, architectures, draw, resolutions, widthMult, seed}));
}

static nb::tuple counts(const CountTable &table) {
  return nb::make_tuple(table.begin, table.item, table.count);
}

static nb::dict kernels(const std::string &space,
                        const std::vector<std::string> &architectures,
                        const std::string &rules, double widthMult,
                        unsigned jobs) {
  Answer<NetworkKernels> answer;
  {
    nb::gil_scoped_release release;
    answer = networkKernels({space, widthMult, rules, architectures, jobs});
  }
  NetworkKernels networks = unwrap(std::move(answer));
  nb::dict result;
  result["decisions"] = networks.decisions;
  result["options"] = networks.options;
  result["choices"] = networks.choices;
  result["resolutions"] = networks.resolutions;
  result["kind"] = networks.kinds;
  result["features"] = networks.features;
  result["kernels"] = counts(networks.kernels);
  result["block_keys"] = networks.blockKeys;
  result["blocks"] = counts(networks.blocks);
  result["block_kernels"] = counts(networks.blockKernels);
  return result;
}

static nb::dict sample(const std::string &space, const std::string &bundle,
                       const std::string &device, size_t count,
                       const std::vector<int64_t> &resolutions,
                       double widthMult, uint64_t seed) {
  Answer<Samples> answer;
  {
    nb::gil_scoped_release release;
    answer = sampleSpace(
        {space, bundle, device, resolutions, widthMult, count, seed});
  }
  Samples samples = unwrap(std::move(answer));
  nb::dict result;
  result["space"] = samples.space;
  result["device"] = samples.device;
  result["width_mult"] = samples.widthMult;
  result["decisions"] = samples.decisions;
  result["options"] = samples.options;
  result["choices"] = samples.choices;
  result["resolutions"] = samples.resolutions;
  result["latency_ms"] = samples.latencyMs;
  return result;
}

void gnomon::python::addSearch(nb::module_ &module) {
  using Released = nb::call_guard<nb::gil_scoped_release>;
  module.def("spaces", &spaces, Released(), "JSON: the list of spaces.");
  module.def("check_space", &check, "path"_a, Released(),
             "JSON: what the file of a search space describes.");
  module.def(
      "network_kernels", &kernels, "space"_a, "architectures"_a, "rules_json"_a,
      "width_mult"_a = 0.0, "jobs"_a = 1,
      "Which kernels and blocks the networks of a space have: decisions, "
      "options, choices (row by row), resolutions; kind and features "
      "(column by column) of the different kernels; kernels, blocks and "
      "kernels of blocks as counts (begin, item, count).");
  module.def(
      "sample_space", &sample, "space"_a, "bundle"_a, "device"_a, "count"_a,
      "resolutions"_a = std::vector<int64_t>(), "width_mult"_a = 0.0,
      "seed"_a = 0,
      "Random networks of a space and what a bundle predicts for them: space, "
      "device, width_mult, decisions, options, choices (row by row), "
      "resolutions, latency_ms.");
  module.def(
      "network", &network, "space"_a, "which"_a, "out"_a, "resolution"_a = 0,
      "width_mult"_a = 0.0, "seed"_a = 0, "bundle"_a = "", "device"_a = "",
      "confidence"_a = 0.0, Released(),
      "Writes one network of a space as an ONNX file: \"min\", \"max\", "
      "\"random\" or an architecture as JSON. Returns JSON: what it is.");
  module.def("topology", &topology, "path"_a,
             "shapes"_a = std::map<std::string, std::vector<int64_t>>(),
             "dims"_a = std::map<std::string, int64_t>(), Released(),
             "JSON: NN-Degree and NN-Mass of an .onnx or .mlir file.");
  module.def("topologies", &topologies, "space"_a, "architectures"_a,
             "draw"_a = 0, "resolutions"_a = std::vector<int64_t>(),
             "width_mult"_a = 0.0, "seed"_a = 0, Released(),
             "JSON: NN-Degree, NN-Mass, MACs and parameters of networks of a "
             "space, given and drawn.");
  module.def("search_algorithms", &searchAlgorithms,
             "Names of the search algorithms.");
  module.def(
      "search", &search, "space"_a, "bundles"_a, "devices"_a, "budgets_us"_a,
      "confidence"_a = 0.0, "algorithm"_a = "exact", "objective"_a = "",
      "accuracy"_a = "", "stand_in"_a = "", "evaluations"_a = 100000,
      "resolutions"_a = std::vector<int64_t>(), "width_mult"_a = 0.0,
      "seed"_a = 0, "jobs"_a = 1, "exports"_a = std::vector<std::string>(),
      "has_proxy"_a = false, "sure"_a = 0.0, "peak_memory"_a = false,
      "reject"_a = false, "keep"_a = 0,
      "limited"_a = std::vector<std::string>(),
      "limits"_a = std::vector<double>(), "devices_objective"_a = "",
      "weights"_a = std::vector<double>(),
      "start"_a = std::vector<std::string>(), "energy"_a = "",
      "explain"_a = false, "file_size"_a = false, "latency_model"_a = "",
      "fpga_json"_a = "", "fpga_name"_a = "", "bits"_a = std::vector<int64_t>(),
      "losses"_a = std::map<int64_t, double>(), "per_device"_a = "", Released(),
      "JSON: the front of a space, and an answer to every budget. The "
      "networks found are written to the files in `exports`.");
}
