// SPDX-License-Identifier: Apache-2.0
// The part of gnomon._native for operators and devices.

#include "DeviceCalls.h"
#include "MapCalls.h"
#include "Native.h"
#include <memory>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace gnomon::python;

using Matrix =
    nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

/// A numpy array that owns its numbers; `columns` 0 makes a vector.
static nb::object array(std::vector<double> numbers, size_t columns = 0) {
  auto owned = std::make_unique<std::vector<double>>(std::move(numbers));
  size_t shape[] = {columns ? owned->size() / columns : owned->size(), columns};
  double *data = owned->data();
  nb::capsule owner(owned.release(), [](void *vector) noexcept {
    delete static_cast<std::vector<double> *>(vector);
  });
  return nb::cast(
      nb::ndarray<nb::numpy, double>(data, columns ? 2 : 1, shape, owner));
}

static nb::dict rows(const std::string &text, const std::string &rules) {
  Answer<OperatorRows> answer;
  {
    nb::gil_scoped_release release;
    answer = operatorRows(text, rules);
  }
  OperatorRows found = unwrap(std::move(answer));
  nb::dict result;
  result["function"] = found.functions;
  result["kind"] = found.kinds;
  result["dtype"] = found.dtypes;
  result["runs"] = array(std::move(found.runs));
  result["features"] = array(std::move(found.features), featureNames().size());
  return result;
}

static KernelsOnDevice kernelsOf(std::vector<std::string> dtypes,
                                 const Matrix &features) {
  const size_t columns = featureNames().size();
  if (features.shape(1) != columns || features.shape(0) != dtypes.size())
    throw std::invalid_argument("features: expected " +
                                std::to_string(dtypes.size()) + " rows of " +
                                std::to_string(columns) + " numbers, found " +
                                std::to_string(features.shape(0)) + " of " +
                                std::to_string(features.shape(1)));
  return {std::move(dtypes), features.data()};
}

static nb::object ratios(std::vector<std::string> dtypes,
                         const Matrix &features, const std::string &device) {
  KernelsOnDevice kernels = kernelsOf(std::move(dtypes), features);
  return array(unwrap(deviceRatios(kernels, device)),
               deviceRatioNames().size());
}

static nb::object work(std::vector<std::string> dtypes, const Matrix &features,
                       const std::string &device) {
  KernelsOnDevice kernels = kernelsOf(std::move(dtypes), features);
  return array(unwrap(workUs(kernels, device)));
}

static std::string mapFpga(const std::string &path, const std::string &rules,
                           const std::string &fpga, const std::string &name,
                           const std::vector<int64_t> &bits, bool pipelined,
                           const std::string &algorithm) {
  Answer<std::string> answer;
  {
    nb::gil_scoped_release release;
    answer = mapReport({path, rules, fpga, name, bits, pipelined, algorithm});
  }
  return unwrap(std::move(answer));
}

void gnomon::python::addDevices(nb::module_ &module) {
  module.def("operator_rows", &rows, nb::arg("mlir_text"),
             nb::arg("rules_json"),
             "Kernels with work of every function of a module: function, kind, "
             "dtype, runs and features (n, features).");
  module.def("device_ratio_names", &deviceRatioNames,
             "Names of the numbers that relate a kernel to a device.");
  module.def(
      "device_ratios", &ratios, nb::arg("dtypes"), nb::arg("features"),
      nb::arg("device_json"),
      "Those numbers of kernels (n, features) on a device: (n, ratios).");
  module.def("work_us", &work, nb::arg("dtypes"), nb::arg("features"),
             nb::arg("device_json"),
             "The kernels' roofline times without launch overhead: (n,).");
  module.def(
      "map_fpga", &mapFpga, nb::arg("path"), nb::arg("rules_json"),
      nb::arg("fpga_json"), nb::arg("fpga_name"), nb::arg("bits"),
      nb::arg("pipelined") = false, nb::arg("algorithm") = "ilp",
      "JSON: the fastest accelerators for the network of an .onnx or .mlir "
      "file, and its kernels that no engine does.");
}
