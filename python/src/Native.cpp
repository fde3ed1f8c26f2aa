// SPDX-License-Identifier: Apache-2.0
// The Python module gnomon._native.

#include "Native.h"
#include "RecognizeCalls.h"
#include "TableCalls.h"
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace gnomon::python;

static nb::dict features(const std::string &path, const std::string &rules,
                         const std::string &device) {
  Answer<KernelColumns> answer;
  {
    nb::gil_scoped_release release;
    answer = kernelColumns(path, rules, device);
  }
  KernelColumns columns = unwrap(std::move(answer));
  nb::dict result;
  result["name"] = columns.names;
  result["kind"] = columns.kinds;
  result["op"] = columns.runtimeOps;
  result["ops"] = columns.ops;
  result["outputs"] = columns.outputs;
  result["tensors"] = columns.tensors;
  result["inputs"] = columns.inputs;
  result["runs"] = columns.runs;
  result["roofline_us"] = columns.rooflineUs;
  std::vector<std::string> names = featureNames();
  for (size_t i = 0; i < names.size(); ++i)
    result[names[i].c_str()] = columns.features[i];
  return result;
}

using Shapes = std::map<std::string, std::vector<int64_t>>;
using Dims = std::map<std::string, int64_t>;

static std::string importText(const std::string &path, const Shapes &shapes,
                              const Dims &dims) {
  return unwrap(importOnnxText(path, {shapes, dims}));
}

static std::string predict(const std::string &path, const std::string &bundle,
                           const std::optional<std::string> &device,
                           double confidence, const Shapes &shapes,
                           const Dims &dims) {
  return unwrap(predictReport(path, bundle, device.value_or(""), confidence,
                              {shapes, dims}));
}

static std::vector<float> denseNetworkAnswers(const std::string &path,
                                              const std::vector<float> &rows) {
  return unwrap(denseNetwork(path, rows));
}

static std::vector<double>
tableSums(const std::string &space, const std::string &bundle,
          const std::vector<std::string> &architectures, double widthMult) {
  return unwrap(tableLatencies(space, bundle, widthMult, architectures));
}

static std::map<int64_t, std::string>
tables(const std::string &space, const std::string &bundle,
       const std::optional<std::string> &device,
       const std::vector<int64_t> &resolutions, double widthMult,
       size_t samples) {
  return unwrap(spaceTables(
      {space, resolutions, widthMult, bundle, device.value_or(""), samples}));
}

static std::string recognize(const std::string &path,
                             const std::optional<std::string> &space,
                             const Shapes &shapes, const Dims &dims,
                             const std::optional<std::string> &model) {
  return unwrap(recognizeFile(path, space.value_or(""), {shapes, dims},
                              model.value_or("")));
}

NB_MODULE(_native, module) {
  module.doc() = "Gnomon's native library: import, features, predictions.";
  module.def("feature_names", &featureNames,
             "Names of all features, in their order.");
  module.def("feature_fingerprint", &featureSchemaFingerprint,
             "Fingerprint of the feature list.");
  module.def(
      "features", &features, nb::arg("path"), nb::arg("rules_json"),
      nb::arg("device_json"),
      "Kernels of an .onnx or .mlir file as columns: name, kind, op, "
      "ops, outputs, tensors, inputs, runs, roofline_us and every feature.");
  module.def("dense_network", &denseNetworkAnswers, nb::arg("path"),
             nb::arg("rows"), nb::call_guard<nb::gil_scoped_release>(),
             "What the dense network in an .onnx, .mlir or model file (.json) "
             "answers to rows, given and returned row after row.");
  module.def("table_latencies", &tableSums, nb::arg("space"), nb::arg("bundle"),
             nb::arg("architectures"), nb::arg("width_mult") = 0.0,
             nb::call_guard<nb::gil_scoped_release>(),
             "Latencies in ms of a space's architectures (JSON) by a bundle of "
             "tables.");
  module.def(
      "space_tables", &tables, nb::arg("space"), nb::arg("bundle"),
      nb::arg("device") = nb::none(),
      nb::arg("resolutions") = std::vector<int64_t>(),
      nb::arg("width_mult") = 0.0, nb::arg("samples") = 5,
      nb::call_guard<nb::gil_scoped_release>(),
      "Tables of block latencies as Once-for-All's YAML, by resolution.");
  module.def("import_onnx", &importText, nb::arg("path"),
             nb::arg("shapes") = Shapes(), nb::arg("dims") = Dims(),
             nb::call_guard<nb::gil_scoped_release>(),
             "MLIR text of an ONNX file.");
  module.def("predict", &predict, nb::arg("path"), nb::arg("bundle"),
             nb::arg("device") = nb::none(), nb::arg("confidence") = 0.0,
             nb::arg("shapes") = Shapes(), nb::arg("dims") = Dims(),
             nb::call_guard<nb::gil_scoped_release>(),
             "The JSON report of an .onnx or .mlir file; dimensions of inputs "
             "without a size count as 1.");
  addDevices(module);
  addSearch(module);
  module.def(
      "recognize", &recognize, nb::arg("path"), nb::arg("space") = nb::none(),
      nb::arg("shapes") = Shapes(), nb::arg("dims") = Dims(),
      nb::arg("model") = nb::none(), nb::call_guard<nb::gil_scoped_release>(),
      "JSON: which space and architecture an .onnx or .mlir file is, and "
      "what a model file of that space answers; dimensions of inputs "
      "without a size count as 1.");
}
