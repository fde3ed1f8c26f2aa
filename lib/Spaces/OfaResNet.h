// SPDX-License-Identifier: Apache-2.0
// Once-for-All ResNet50D: elastic depth, width and expansion of bottlenecks.

#ifndef GNOMON_LIB_SPACES_OFARESNET_H
#define GNOMON_LIB_SPACES_OFARESNET_H

#include "gnomon/Spaces/Space.h"

namespace gnomon {

/// Widths are decisions that all convolutions around a place share, so results
/// between blocks have an unknown number of channels.
class OfaResNetSpace : public Space {
public:
  llvm::StringRef name() const override { return "ofa-resnet50d"; }
  llvm::StringRef description() const override;
  std::vector<SpaceDecision>
  decisions(const SpaceOptions &options) const override;
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
  build(mlir::MLIRContext &context, const SpaceOptions &options) const override;

  /// {"d": [stem, 4 stages], "e": [18], "w": [6 indices], "r": 224}. The stem
  /// has its residual convolution where d[0] is 2.
  llvm::Expected<Selection>
  select(const llvm::json::Object &architecture) const override;
  llvm::Expected<llvm::json::Object>
  describe(const Selection &selection) const override;
};

namespace resnet {

/// Channels where a stage's width, or the stem's, is elastic.
struct Width {
  std::string decision;
  std::vector<std::string> options;
  std::vector<int64_t> channels; ///< one for each option
};

/// Between the stem's convolutions, behind the stem, behind each stage.
const std::vector<Width> &widths();

struct Stage {
  int64_t base; ///< blocks that are always there
  int64_t stride;
  size_t firstSlot; ///< of the list "e"
};
inline constexpr Stage stages[] = {{2, 1, 0}, {2, 2, 4}, {4, 2, 8}, {2, 2, 14}};
inline constexpr size_t kSlots = 18;
inline constexpr int64_t kExtraBlocks = 2;

struct Expansion {
  llvm::StringLiteral option;
  double ratio;
};
inline constexpr Expansion expansions[] = {
    {"e20", 0.2}, {"e25", 0.25}, {"e35", 0.35}};

inline constexpr llvm::StringLiteral kStemDecision = "stem_depth";
std::string depthDecision(size_t stage);
std::string expansionDecision(size_t stage, int64_t block);

} // namespace resnet
} // namespace gnomon

#endif // GNOMON_LIB_SPACES_OFARESNET_H
