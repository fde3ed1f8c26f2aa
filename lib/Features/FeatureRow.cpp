// SPDX-License-Identifier: Apache-2.0
// Names of features and kinds, from their lists.

#include "gnomon/Features/FeatureRow.h"
#include "llvm/ADT/StringMap.h"

using namespace gnomon;

static constexpr FeatureInfo features[] = {
#define GNOMON_FEATURE(name, unit, doc) {#name, unit, doc},
#include "gnomon/Features/Features.def"
};

static constexpr KernelKindInfo kinds[] = {
#define GNOMON_KERNEL_KIND(name, doc) {#name, doc},
#include "gnomon/Features/Kinds.def"
};

llvm::ArrayRef<FeatureInfo> gnomon::featureInfos() { return features; }

llvm::ArrayRef<KernelKindInfo> gnomon::kernelKindInfos() { return kinds; }

llvm::StringRef gnomon::featureName(Feature feature) {
  return features[unsigned(feature)].name;
}

llvm::StringRef gnomon::kernelKindName(KernelKind kind) {
  return kinds[unsigned(kind)].name;
}

template <typename Enum, typename Info>
static std::optional<Enum> findByName(llvm::ArrayRef<Info> infos,
                                      llvm::StringRef name) {
  static const auto index = [&] {
    llvm::StringMap<Enum> result;
    for (auto [i, info] : llvm::enumerate(infos))
      result[info.name] = Enum(i);
    return result;
  }();
  auto it = index.find(name);
  return it == index.end() ? std::nullopt : std::optional(it->second);
}

std::optional<Feature> gnomon::findFeature(llvm::StringRef name) {
  return findByName<Feature>(featureInfos(), name);
}

std::optional<KernelKind> gnomon::findKernelKind(llvm::StringRef name) {
  return findByName<KernelKind>(kernelKindInfos(), name);
}
