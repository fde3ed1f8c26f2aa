// SPDX-License-Identifier: Apache-2.0
// Rows of operators, and what relates them to devices, for training.

#include "DeviceCalls.h"
#include "Session.h"
#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Analysis/RuntimeRules.h"
#include "gnomon/Cost/DeviceRatios.h"

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

static llvm::Expected<RuntimeRules> rulesOf(const std::string &json) {
  auto document = JsonDocument::parse(json, "rules");
  if (!document)
    return document.takeError();
  return parseRuntimeRules(document->root());
}

static llvm::Expected<DeviceSpec> deviceOf(const std::string &json) {
  auto document = JsonDocument::parse(json, "device");
  if (!document)
    return document.takeError();
  return parseDeviceSpec(document->root());
}

Answer<OperatorRows> python::operatorRows(const std::string &mlirText,
                                          const std::string &rulesJson) {
  auto rules = rulesOf(rulesJson);
  if (!rules)
    return failure<OperatorRows>(rules.takeError());
  Session session;
  OwningOpRef<ModuleOp> module = session.parse(mlirText);
  if (!module)
    return {std::nullopt, session.takeProblem()};
  OperatorRows result;
  for (func::FuncOp function : module->getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    for (const KernelCost &kernel :
         describeKernels(function, *rules, DeviceSpec())) {
      if (!kernel.reason.empty())
        return {std::nullopt, function.getName().str() + ": no cost for '" +
                                  kernel.kernel.name + "': " + kernel.reason};
      if (kernel.row->kind == KernelKind::free)
        continue;
      result.functions.push_back(function.getName().str());
      result.kinds.push_back(kernelKindName(kernel.row->kind).str());
      result.dtypes.push_back(kernel.row->dtype.str());
      result.runs.push_back(double(kernel.kernel.runs));
      llvm::append_range(result.features, kernel.row->values());
    }
  }
  return {std::move(result), ""};
}

std::vector<std::string> python::deviceRatioNames() {
  std::vector<std::string> names;
  for (const DeviceRatioInfo &info : deviceRatioInfos())
    names.push_back(info.name.str());
  return names;
}

/// Row `index`, which refers to the dtype in `kernels`.
static FeatureRow rowOf(const KernelsOnDevice &kernels, size_t index) {
  FeatureRow row;
  row.dtype = kernels.dtypes[index];
  for (unsigned i = 0; i < kNumFeatures; ++i)
    row.set(Feature(i), kernels.features[index * kNumFeatures + i]);
  return row;
}

Answer<std::vector<double>>
python::deviceRatios(const KernelsOnDevice &kernels,
                     const std::string &deviceJson) {
  auto device = deviceOf(deviceJson);
  if (!device)
    return failure<std::vector<double>>(device.takeError());
  std::vector<double> result;
  result.reserve(kernels.dtypes.size() * kNumDeviceRatios);
  for (size_t index = 0; index < kernels.dtypes.size(); ++index) {
    FeatureRow row = rowOf(kernels, index);
    KernelOnDevice kernel(row, *device);
    for (unsigned i = 0; i < kNumDeviceRatios; ++i)
      result.push_back(kernel.get(DeviceRatio(i)));
  }
  return {std::move(result), ""};
}

Answer<std::vector<double>> python::workUs(const KernelsOnDevice &kernels,
                                           const std::string &deviceJson) {
  auto device = deviceOf(deviceJson);
  if (!device)
    return failure<std::vector<double>>(device.takeError());
  std::vector<double> result;
  for (size_t index = 0; index < kernels.dtypes.size(); ++index) {
    FeatureRow row = rowOf(kernels, index);
    result.push_back(device->workUs(row.flops(), row.bytes(), row.dtype));
  }
  return {std::move(result), ""};
}
