// SPDX-License-Identifier: Apache-2.0
// Loads bundles of either kind, and finds the device to ask them about.

#include "gnomon/Analysis/CostSetup.h"

using namespace gnomon;
using namespace mlir;

constexpr double kDefaultConfidence = 0.9;

llvm::Expected<std::unique_ptr<KernelSetup>>
KernelSetup::create(std::unique_ptr<const ModelBundle> bundle,
                    const TargetDevice &device, double confidence) {
  if (confidence == 0)
    confidence = kDefaultConfidence;
  if (llvm::Error error =
          checkConfidence(bundle->name, bundle->network.intervals, confidence))
    return std::move(error);
  llvm::Expected<DeviceSpec> spec = device.spec
                                        ? bundle->admit(*device.spec)
                                        : bundle->findDevice(device.name);
  if (!spec)
    return spec.takeError();
  llvm::Expected<RuntimeRules> rules = parseRuntimeRules(*bundle->runtimeRules);
  if (!rules)
    return rules.takeError();
  return std::unique_ptr<KernelSetup>(new KernelSetup(
      std::move(bundle), std::move(*spec), std::move(*rules), confidence));
}

llvm::Expected<std::unique_ptr<TableSetup>>
TableSetup::create(std::unique_ptr<const TableBundle> bundle, StringRef device,
                   double confidence) {
  if (!device.empty() && device != bundle->device)
    return llvm::createStringError(
        "device: the tables of bundle '" + bundle->name + "' are of '" +
        bundle->device + "', found '" + device + "'");
  const bool hasIntervals = !bundle->intervals.empty();
  if (confidence == 0 && hasIntervals)
    confidence = kDefaultConfidence;
  if (confidence != 0) {
    if (llvm::Error error =
            checkConfidence(bundle->name, bundle->intervals, confidence))
      return std::move(error);
    if (!hasIntervals)
      return llvm::createStringError(
          "confidence: the tables of bundle '" + bundle->name +
          "' have no intervals (interval_log), so that bounds are the sums "
          "themselves; expected no confidence, found " +
          llvm::Twine(std::to_string(confidence)));
  }
  return std::unique_ptr<TableSetup>(
      new TableSetup(std::move(bundle), confidence));
}

/// As a setup of any kind.
template <typename Setup>
static llvm::Expected<std::unique_ptr<CostSetup>>
generalize(llvm::Expected<std::unique_ptr<Setup>> setup) {
  if (!setup)
    return setup.takeError();
  return std::move(*setup);
}

llvm::Expected<std::unique_ptr<CostSetup>> CostSetup::load(StringRef bundle,
                                                           StringRef device,
                                                           ModuleOp module,
                                                           double confidence) {
  if (bundle.empty())
    return llvm::createStringError(
        "bundle: expected the folder of a bundle, found nothing");
  llvm::Expected<TargetDevice> wanted =
      device.empty() ? targetDevice(module)
                     : TargetDevice{device.str(), std::nullopt};
  if (!wanted)
    return wanted.takeError();
  llvm::Expected<bool> isTable = isTableBundle(bundle);
  if (!isTable)
    return isTable.takeError();
  if (*isTable) {
    auto tables = TableBundle::load(bundle);
    if (!tables)
      return tables.takeError();
    if ((*tables)->unit == "mJ")
      return llvm::createStringError("bundle '" + (*tables)->name +
                                     "' has tables of energy; expected one of "
                                     "latency");
    return generalize(
        TableSetup::create(std::move(*tables), wanted->name, confidence));
  }
  auto models = ModelBundle::load(bundle);
  if (!models)
    return models.takeError();
  return generalize(
      KernelSetup::create(std::move(*models), *wanted, confidence));
}

llvm::Expected<const KernelSetup &>
gnomon::requireKernels(const CostSetup &setup, StringRef what) {
  if (auto *kernels = dyn_cast<KernelSetup>(&setup))
    return *kernels;
  return llvm::createStringError(
      what + ": bundle '" + setup.bundleName() +
      "' has tables of blocks; expected one that knows kernels");
}
