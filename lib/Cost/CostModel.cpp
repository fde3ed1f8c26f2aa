// SPDX-License-Identifier: Apache-2.0
// The cost models: roofline, forest, constant, recorder.

#include "gnomon/Cost/CostModel.h"
#include <algorithm>
#include <cmath>

using namespace gnomon;
using llvm::ArrayRef;
using llvm::MutableArrayRef;

/// Kernels without run-time work, and rows that nobody can cost.
static std::optional<Estimate> trivialEstimate(const FeatureRow &row) {
  if (row.kind == KernelKind::free)
    return Estimate{0, 0, 0, Source::Free};
  if (!row.isComplete())
    return Estimate{0, 0, 0, Source::Unsupported};
  return std::nullopt;
}

llvm::Error
RooflineCostModel::estimate(ArrayRef<FeatureRow> rows,
                            MutableArrayRef<Estimate> estimates) const {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (std::optional<Estimate> trivial = trivialEstimate(rows[i])) {
      estimates[i] = *trivial;
      continue;
    }
    double us =
        device.rooflineUs(rows[i].flops(), rows[i].bytes(), rows[i].dtype);
    estimates[i] = {us, us, us, Source::Roofline};
  }
  return llvm::Error::success();
}

ForestCostModel::ForestCostModel(const ModelBundle &bundle, DeviceSpec device,
                                 double confidence)
    : bundle(bundle), device(device), roofline(std::move(device)),
      confidence(confidence) {}

llvm::Error
ForestCostModel::estimate(ArrayRef<FeatureRow> rows,
                          MutableArrayRef<Estimate> estimates) const {
  if (llvm::Error error = roofline.estimate(rows, estimates))
    return error;
  std::map<KernelKind, std::vector<unsigned>> byKind;
  std::pair<double, double> widest = {0, 0};
  for (const auto &[kind, model] : bundle.kinds) {
    auto [low, high] = logInterval(model.intervals, confidence);
    widest = {std::min(widest.first, low), std::max(widest.second, high)};
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    Estimate &estimate = estimates[i];
    if (estimate.source != Source::Roofline)
      continue;
    if (bundle.kinds.count(rows[i].kind)) {
      byKind[rows[i].kind].push_back(i);
      continue;
    }
    estimate.lowUs *= std::exp(widest.first);
    estimate.highUs *= std::exp(widest.second);
  }
  for (const auto &[kind, indices] : byKind)
    if (llvm::Error error =
            estimateKind(bundle.kinds.at(kind), rows, indices, estimates))
      return error;
  return llvm::Error::success();
}

/// On entry the estimates hold the rooflines.
llvm::Error
ForestCostModel::estimateKind(const KindModel &model, ArrayRef<FeatureRow> rows,
                              ArrayRef<unsigned> indices,
                              MutableArrayRef<Estimate> estimates) const {
  std::vector<KernelOnDevice> kernels;
  kernels.reserve(indices.size());
  for (unsigned index : indices)
    kernels.push_back(model.place(rows[index], device));
  auto logs = model.logs(rows, indices, kernels);
  if (!logs)
    return logs.takeError();
  auto [low, high] = logInterval(model.intervals, confidence);
  for (auto [index, answer, kernel] :
       llvm::zip_equal(indices, *logs, kernels)) {
    // A forest's answer is bounded only by its file; keep exp() finite.
    double log = std::clamp(answer, -50.0, 50.0);
    Estimate &estimate = estimates[index];
    estimate.latencyUs = bundle.form == ModelForm::Roofline
                             ? estimate.latencyUs * std::exp(log)
                             : model.utilisation.latencyUs(kernel, log);
    if (model.scaleLog != 0)
      estimate.latencyUs *= std::exp(std::clamp(model.scaleLog, -50.0, 50.0));
    estimate.lowUs = estimate.latencyUs * std::exp(low);
    estimate.highUs = estimate.latencyUs * std::exp(high);
    estimate.source = model.extrapolates(rows[index], kernel)
                          ? Source::Extrapolated
                          : Source::Predicted;
  }
  return llvm::Error::success();
}

llvm::Error
ConstantCostModel::estimate(ArrayRef<FeatureRow>,
                            MutableArrayRef<Estimate> estimates) const {
  std::fill(estimates.begin(), estimates.end(), answer);
  return llvm::Error::success();
}

llvm::Error
RecorderCostModel::estimate(ArrayRef<FeatureRow> asked,
                            MutableArrayRef<Estimate> estimates) const {
  {
    std::lock_guard<std::mutex> lock(mutex);
    rows.insert(rows.end(), asked.begin(), asked.end());
  }
  return inner.estimate(asked, estimates);
}

std::vector<FeatureRow> RecorderCostModel::recorded() const {
  std::lock_guard<std::mutex> lock(mutex);
  return rows;
}
