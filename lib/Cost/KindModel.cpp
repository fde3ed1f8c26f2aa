// SPDX-License-Identifier: Apache-2.0
// What was learned about one kind of kernels.

#include "gnomon/Cost/KindModel.h"
#include <algorithm>
#include <cmath>

using namespace gnomon;
using llvm::ArrayRef;

double UtilisationForm::latencyUs(const KernelOnDevice &kernel,
                                  double log) const {
  double launch = kernel.launchUs();
  double base = tiled ? kernel.tiledUs() : kernel.workUs();
  double kernelUs =
      std::max(kernel.workUs() / rooflineGain, base * std::exp(log));
  return std::max(launch, launchShare * launch + kernelUs);
}

KernelOnDevice KindModel::place(const FeatureRow &row,
                                const DeviceSpec &device) const {
  double factor = utilisation.launchFactor;
  if (!utilisation.launchFactors.empty() && row.has(Feature::operation)) {
    auto own = utilisation.launchFactors.find(row.get(Feature::operation));
    if (own != utilisation.launchFactors.end())
      factor = own->second;
  }
  return {row, device, factor};
}

llvm::Expected<std::vector<double>>
KindModel::logs(ArrayRef<FeatureRow> rows, ArrayRef<unsigned> indices,
                ArrayRef<KernelOnDevice> kernels) const {
  std::vector<float> values;
  values.reserve(indices.size() * features.size());
  for (auto [index, kernel] : llvm::zip_equal(indices, kernels))
    for (Column column : features)
      values.push_back(static_cast<float>(column.get(rows[index], kernel)));
  std::vector<float> answers(indices.size());
  if (llvm::Error error = forest.predict(
          {values.data(), indices.size(), features.size()}, answers))
    return error;
  std::vector<double> result;
  for (float answer : answers)
    result.push_back(logOffset + answer);
  return result;
}

const KindModel::Range *
KindModel::outsideRange(const FeatureRow &row,
                        const KernelOnDevice &kernel) const {
  for (const Range &range : ranges) {
    double value = range.column.get(row, kernel);
    if (value < range.low / rangeTolerance ||
        value > range.high * rangeTolerance ||
        (range.column.isRatio() && std::isnan(value)))
      return &range;
  }
  return nullptr;
}
