// SPDX-License-Identifier: Apache-2.0
// What was learned about one kind of kernels.

#include "gnomon/Cost/KindModel.h"
#include "gnomon/Forest/Predict.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace gnomon;
using llvm::ArrayRef;

/// What an expert that resembles the device in nothing counts beside one of the
/// same device.
static constexpr double leastLikeness = 1e-3;

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

std::vector<double> KindModel::weights(const DeviceSpec &device) const {
  std::vector<double> result;
  double ridge = std::log(smRidge(device, "f32"));
  for (const Expert &expert : experts) {
    double apart = (ridge - expert.logSmRidge) / bandwidth;
    result.push_back(std::exp(-0.5 * (apart * apart)) + leastLikeness);
  }
  double sum = std::accumulate(result.begin(), result.end(), 0.0);
  for (double &weight : result)
    weight = std::isnan(sum) ? 1.0 / double(result.size()) : weight / sum;
  return result;
}

llvm::Expected<std::vector<double>>
KindModel::logs(ArrayRef<FeatureRow> rows, ArrayRef<unsigned> indices,
                ArrayRef<KernelOnDevice> kernels,
                const DeviceSpec &device) const {
  std::vector<float> values;
  values.reserve(indices.size() * features.size());
  for (auto [index, kernel] : llvm::zip_equal(indices, kernels))
    for (Column column : features)
      values.push_back(static_cast<float>(column.get(rows[index], kernel)));
  std::vector<double> result(indices.size()), shares = weights(device);
  std::vector<float> answers(indices.size());
  for (auto [expert, share] : llvm::zip_equal(experts, shares)) {
    llvm::Expected<const Forest &> forest = expert.forest.get();
    if (!forest)
      return forest.takeError();
    predict(*forest, {values.data(), indices.size(), features.size()}, answers);
    for (auto [log, answer] : llvm::zip_equal(result, answers))
      log += share * (expert.logOffset + answer);
  }
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
