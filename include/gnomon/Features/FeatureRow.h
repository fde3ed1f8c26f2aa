// SPDX-License-Identifier: Apache-2.0
// The features of one operation or kernel: a kind and one number per line of
// Features.def.

#ifndef GNOMON_FEATURES_FEATUREROW_H
#define GNOMON_FEATURES_FEATUREROW_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace gnomon {

/// One enumerator per line of Features.def, in its order.
enum class Feature : unsigned {
#define GNOMON_FEATURE(name, unit, doc) name,
#include "gnomon/Features/Features.def"
};

inline constexpr unsigned kNumFeatures = 0
#define GNOMON_FEATURE(name, unit, doc) +1
#include "gnomon/Features/Features.def"
    ;

/// One enumerator per line of Kinds.def, in its order.
enum class KernelKind : unsigned {
#define GNOMON_KERNEL_KIND(name, doc) name,
#include "gnomon/Features/Kinds.def"
};

inline constexpr unsigned kNumKernelKinds = 0
#define GNOMON_KERNEL_KIND(name, doc) +1
#include "gnomon/Features/Kinds.def"
    ;

/// What Features.def says about one feature.
struct FeatureInfo {
  llvm::StringRef name, unit, doc;
};

/// What Kinds.def says about one kind.
struct KernelKindInfo {
  llvm::StringRef name, doc;
};

/// All features, indexed by Feature.
llvm::ArrayRef<FeatureInfo> featureInfos();
/// All kinds, indexed by KernelKind.
llvm::ArrayRef<KernelKindInfo> kernelKindInfos();

llvm::StringRef featureName(Feature feature);
llvm::StringRef kernelKindName(KernelKind kind);

/// The feature or kind of that name; std::nullopt if there is none.
std::optional<Feature> findFeature(llvm::StringRef name);
std::optional<KernelKind> findKernelKind(llvm::StringRef name);

/// Features of one operation or kernel. NaN means "does not apply" or, when
/// `gap` says so, "not known": a row with a gap must not be costed.
class FeatureRow {
public:
  explicit FeatureRow(KernelKind kind = KernelKind::other) : kind(kind) {
    data.fill(std::numeric_limits<double>::quiet_NaN());
  }

  double get(Feature feature) const { return data[unsigned(feature)]; }
  void set(Feature feature, double value) { data[unsigned(feature)] = value; }
  bool has(Feature feature) const { return !std::isnan(get(feature)); }

  /// Adds to a feature, taking one that does not apply for 0.
  void add(Feature feature, double value) {
    set(feature, has(feature) ? get(feature) + value : value);
  }

  /// All features in the order of Features.def.
  llvm::ArrayRef<double> values() const { return data; }

  double flops() const { return get(Feature::flops); }
  double bytes() const { return get(Feature::bytes); }

  /// Whether work and traffic are known, so that the row can be costed.
  bool isComplete() const { return gap.empty(); }

  KernelKind kind;
  /// Element type computed with, in MLIR's spelling: "f32", "bf16", "i8" ...
  /// Unsigned integers are spelled "i8" too. Static storage.
  llvm::StringRef dtype;
  /// Why numbers are missing, e.g. a dynamic dimension; empty if none is.
  /// Static storage.
  llvm::StringRef gap;

private:
  std::array<double, kNumFeatures> data;
};

} // namespace gnomon

#endif // GNOMON_FEATURES_FEATUREROW_H
