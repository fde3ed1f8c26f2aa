// SPDX-License-Identifier: Apache-2.0
// What the Python package asks the native library, without Python.

#include "Calls.h"
#include "Session.h"
#include "gnomon/Accuracy/MlpEvaluator.h"
#include "gnomon/Analysis/CostReport.h"
#include "gnomon/Analysis/DenseNetwork.h"
#include "gnomon/Features/Schema.h"

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

namespace {

/// Names of all tensors that the kernel's operations yield, kept inside or not.
std::vector<std::string> memberTensors(const Kernel &kernel) {
  std::vector<std::string> tensors;
  for (Operation *op : kernel.ops)
    if (auto names = op->getAttrOfType<ArrayAttr>("onnx.result_names"))
      for (StringAttr name : names.getAsRange<StringAttr>())
        tensors.push_back(name.str());
  return tensors;
}

std::vector<std::string> tensorNames(llvm::ArrayRef<Value> values) {
  std::vector<std::string> names;
  for (Value value : values)
    if (llvm::StringRef name = tensorName(value); !name.empty())
      names.push_back(name.str());
  return names;
}

void append(KernelColumns &columns, const KernelCost &kernel) {
  columns.names.push_back(kernel.kernel.name);
  columns.kinds.push_back(kernelKindName(kernel.row->kind).str());
  columns.runtimeOps.push_back(kernel.kernel.op);
  columns.ops.push_back(operationNames(kernel.kernel));
  columns.outputs.push_back(outputNames(kernel.kernel));
  columns.tensors.push_back(memberTensors(kernel.kernel));
  columns.inputs.push_back(tensorNames(kernel.kernel.inputs));
  columns.rooflineUs.push_back(kernel.rooflineUs);
  columns.runs.push_back(double(kernel.kernel.runs));
  for (unsigned i = 0; i < kNumFeatures; ++i)
    columns.features[i].push_back(kernel.row->values()[i]);
}

} // namespace

std::vector<std::string> python::featureNames() {
  std::vector<std::string> names;
  for (const FeatureInfo &info : featureInfos())
    names.push_back(info.name.str());
  return names;
}

std::string python::featureSchemaFingerprint() {
  return featureFingerprint().str();
}

Answer<std::string> python::importOnnxText(const std::string &path,
                                           const Sizes &sizes) {
  Session session;
  session.size(sizes);
  OwningOpRef<ModuleOp> module = session.open(path);
  if (!module)
    return {std::nullopt, session.takeProblem()};
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os, OpPrintingFlags().enableDebugInfo());
  return {text, ""};
}

Answer<KernelColumns> python::kernelColumns(const std::string &path,
                                            const std::string &rulesJson,
                                            const std::string &deviceJson) {
  auto rulesDocument = JsonDocument::parse(rulesJson, "rules");
  if (!rulesDocument)
    return failure<KernelColumns>(rulesDocument.takeError());
  auto rules = parseRuntimeRules(rulesDocument->root());
  if (!rules)
    return failure<KernelColumns>(rules.takeError());
  auto deviceDocument = JsonDocument::parse(deviceJson, "device");
  if (!deviceDocument)
    return failure<KernelColumns>(deviceDocument.takeError());
  auto device = parseDeviceSpec(deviceDocument->root());
  if (!device)
    return failure<KernelColumns>(device.takeError());

  Session session;
  session.importOptions.otherDims = 1;
  OwningOpRef<ModuleOp> module = session.open(path);
  if (!module)
    return {std::nullopt, session.takeProblem()};
  KernelColumns columns;
  columns.features.resize(kNumFeatures);
  for (func::FuncOp function : module->getOps<func::FuncOp>())
    if (!function.isExternal())
      for (const KernelCost &kernel :
           describeKernels(function, *rules, *device))
        append(columns, kernel);
  return {std::move(columns), ""};
}

Answer<std::string> python::predictReport(const std::string &path,
                                          const std::string &bundle,
                                          const std::string &device,
                                          double confidence,
                                          const Sizes &sizes) {
  Session session;
  session.size(sizes);
  session.importOptions.otherDims = 1;
  OwningOpRef<ModuleOp> module = session.open(path);
  if (!module)
    return {std::nullopt, session.takeProblem()};
  auto setup = CostSetup::load(bundle, device, *module, confidence);
  if (!setup)
    return failure<std::string>(setup.takeError());
  FailureOr<ModuleCost> cost = analyzeCost(*module, **setup);
  if (failed(cost))
    return {std::nullopt, session.takeProblem()};
  if (cost->functions.empty())
    return {std::nullopt,
            path + ": expected a function with a body, found none"};
  std::string text;
  llvm::raw_string_ostream(text) << costReport(*cost, **setup);
  return {text, ""};
}

/// The network of an MLIR or ONNX file.
static FailureOr<Mlp> importedNetwork(Session &session,
                                      const std::string &path) {
  session.importOptions.keepWeights = true;
  OwningOpRef<ModuleOp> module = session.open(path);
  if (!module)
    return failure();
  auto functions = llvm::to_vector(module->getOps<func::FuncOp>());
  if (functions.size() != 1)
    return module->emitError(path + ": expected one function, found ")
           << functions.size();
  return denseNetworkOf(functions.front());
}

static Answer<Mlp> readNetwork(const std::string &path) {
  if (llvm::StringRef(path).ends_with(".json")) {
    llvm::Expected<MlpFile> file = loadMlpFile(path);
    if (!file)
      return {std::nullopt, llvm::toString(file.takeError())};
    return {std::move(file->network), ""};
  }
  Session session;
  FailureOr<Mlp> network = importedNetwork(session, path);
  if (failed(network))
    return {std::nullopt, session.takeProblem()};
  return {std::move(*network), ""};
}

Answer<std::vector<float>>
python::denseNetwork(const std::string &path, const std::vector<float> &rows) {
  Answer<Mlp> network = readNetwork(path);
  if (!network.value)
    return {std::nullopt, network.problem};
  const size_t inputs = network.value->numInputs();
  if (rows.size() % inputs != 0)
    return {std::nullopt, path + ": expected rows of " +
                              std::to_string(inputs) + " numbers, found " +
                              std::to_string(rows.size()) + " numbers"};
  std::vector<float> answers(rows.size() / inputs *
                             network.value->numOutputs());
  network.value->forward(rows, answers);
  return {std::move(answers), ""};
}
