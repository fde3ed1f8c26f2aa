// SPDX-License-Identifier: Apache-2.0
// From feature rows to latency estimates: one interface and its models.

#ifndef GNOMON_COST_COSTMODEL_H
#define GNOMON_COST_COSTMODEL_H

#include "gnomon/Cost/ModelBundle.h"
#include "gnomon/Features/FeatureRow.h"
#include "gnomon/Support/Source.h"
#include <mutex>
#include <vector>

namespace gnomon {

/// How long one kernel takes, in microseconds, and who says so.
struct Estimate {
  double latencyUs = 0, lowUs = 0, highUs = 0;
  Source source = Source::Unsupported;
};

/// Answers a batch of rows in one const call; any number of threads may ask.
class CostModel {
public:
  virtual ~CostModel() = default;
  /// Fills estimates[i] for rows[i]; both have the same size. An error if what
  /// the answers need cannot be read.
  virtual llvm::Error
  estimate(llvm::ArrayRef<FeatureRow> rows,
           llvm::MutableArrayRef<Estimate> estimates) const = 0;
};

/// A device's roofline: the time that no kernel beats, for every kind.
class RooflineCostModel : public CostModel {
public:
  explicit RooflineCostModel(DeviceSpec device) : device(std::move(device)) {}
  llvm::Error
  estimate(llvm::ArrayRef<FeatureRow> rows,
           llvm::MutableArrayRef<Estimate> estimates) const override;

private:
  DeviceSpec device;
};

/// What the bundle has learned, for the kinds that it has a forest for:
/// roofline * exp(offset + forest(features)), or what UtilisationForm says.
/// Other kinds take their roofline. The interval is the kind's at the given
/// confidence; a roofline gets the widest of the bundle.
class ForestCostModel : public CostModel {
public:
  /// `bundle` must outlive the model and have admitted the device;
  /// `confidence` must be one that bundle.checkConfidence() accepts.
  ForestCostModel(const ModelBundle &bundle, DeviceSpec device,
                  double confidence);
  llvm::Error
  estimate(llvm::ArrayRef<FeatureRow> rows,
           llvm::MutableArrayRef<Estimate> estimates) const override;

private:
  llvm::Error estimateKind(const KindModel &model,
                           llvm::ArrayRef<FeatureRow> rows,
                           llvm::ArrayRef<unsigned> indices,
                           llvm::MutableArrayRef<Estimate> estimates) const;

  const ModelBundle &bundle;
  DeviceSpec device;
  RooflineCostModel roofline;
  double confidence;
};

/// The same answer for every row, for tests.
class ConstantCostModel : public CostModel {
public:
  explicit ConstantCostModel(Estimate answer) : answer(answer) {}
  llvm::Error
  estimate(llvm::ArrayRef<FeatureRow> rows,
           llvm::MutableArrayRef<Estimate> estimates) const override;

private:
  Estimate answer;
};

/// Keeps every row it is asked about and lets another model answer.
class RecorderCostModel : public CostModel {
public:
  explicit RecorderCostModel(const CostModel &inner) : inner(inner) {}
  llvm::Error
  estimate(llvm::ArrayRef<FeatureRow> rows,
           llvm::MutableArrayRef<Estimate> estimates) const override;
  std::vector<FeatureRow> recorded() const;

private:
  const CostModel &inner;
  mutable std::mutex mutex;
  mutable std::vector<FeatureRow> rows;
};

} // namespace gnomon

#endif // GNOMON_COST_COSTMODEL_H
