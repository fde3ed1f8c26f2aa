// SPDX-License-Identifier: Apache-2.0
// Spaces of the Once-for-All family: stages of inverted residuals whose depth,
// kernels and expansions are elastic.

#ifndef GNOMON_LIB_SPACES_ONCEFORALL_H
#define GNOMON_LIB_SPACES_ONCEFORALL_H

#include "ArchitectureJson.h"
#include "MobileBlocks.h"
#include "gnomon/Spaces/Space.h"

namespace gnomon {

struct ElasticStage {
  int64_t width; ///< before the multiplier
  int64_t stride;
  Activation activation;
  bool squeeze = false;
  int64_t slots = 4;  ///< blocks at most; 1: the depth is fixed
  int64_t kernel = 0; ///< of every block; 0: elastic
};

struct OnceForAllRecipe {
  llvm::StringRef name, description;
  std::vector<double> widths; ///< multipliers, the default first
  /// Smallest resolution per multiplier; the largest is 224, in steps of 4.
  std::vector<int64_t> smallest;
  int64_t stem, first;
  std::vector<ElasticStage> stages;
  int64_t finalExpand; ///< 0: none
  int64_t featureMix;
  bool isMobileNetV3; ///< head and keys; else ProxylessNAS
  Activation edge;    ///< of stem and head
  Activation firstActivation;
  double epsilon;
  /// CompOFA: the expansion of a stage follows from its depth.
  bool coupled = false;
};

class OnceForAllSpace : public Space {
public:
  explicit OnceForAllSpace(OnceForAllRecipe recipe)
      : recipe(std::move(recipe)) {}

  llvm::StringRef name() const override { return recipe.name; }
  llvm::StringRef description() const override { return recipe.description; }
  std::vector<double> widthMultipliers() const override {
    return recipe.widths;
  }
  std::vector<SpaceDecision>
  decisions(const SpaceOptions &options) const override;
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
  build(mlir::MLIRContext &context, const SpaceOptions &options) const override;
  llvm::Expected<Selection>
  select(const llvm::json::Object &architecture) const override;
  llvm::Expected<llvm::json::Object>
  describe(const Selection &selection) const override;

private:
  std::vector<int64_t> resolutions(const SpaceOptions &options) const;
  void addStage(size_t stage, std::vector<SpaceDecision> &decisions) const;
  llvm::Expected<std::vector<int64_t>>
  readDepths(const ArchitectureFields &fields) const;
  llvm::Expected<std::vector<int64_t>>
  readSlots(const ArchitectureFields &fields, llvm::StringRef name,
            llvm::ArrayRef<int64_t> depths) const;

  OnceForAllRecipe recipe;
};

/// What the words of the family mean; they are what decisions offer.
namespace elastic {
inline constexpr int64_t kernels[] = {3, 5, 7};
inline constexpr int64_t expansions[] = {3, 4, 6};
inline constexpr int64_t depths[] = {2, 3, 4};
/// CompOFA: 3, 4, 6 for a depth of 2, 3, 4; 0 for others.
int64_t coupledExpansion(int64_t depth);
std::string depthDecision(size_t stage);
std::string blockDecision(size_t stage, size_t block);
/// Digit after `letter` in an option such as "k3e6"; 0 if there is none.
int64_t digit(llvm::StringRef option, char letter);
} // namespace elastic

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_ONCEFORALL_H
