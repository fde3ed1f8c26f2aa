// SPDX-License-Identifier: Apache-2.0
// Spaces in which every layer picks one of a list of candidate blocks.

#ifndef GNOMON_LIB_SPACES_LAYERWISE_H
#define GNOMON_LIB_SPACES_LAYERWISE_H

#include "ArchitectureJson.h"
#include "NetworkBuilder.h"
#include "gnomon/Spaces/Space.h"

namespace gnomon {

struct LayerShape {
  int64_t in, out, stride;
  bool keepsShape() const { return stride == 1 && in == out; }
};

/// Layers of stages: `repeats[i]` of them with `widths[i]`, the first one with
/// `strides[i]`.
std::vector<LayerShape> layersOf(int64_t in, llvm::ArrayRef<int64_t> widths,
                                 llvm::ArrayRef<int64_t> repeats,
                                 llvm::ArrayRef<int64_t> strides);

/// Decisions "block0", "block1", ...; the architecture is {"blocks": [...]}.
class LayerwiseSpace : public Space {
public:
  std::vector<SpaceDecision>
  decisions(const SpaceOptions &options) const override;
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
  build(mlir::MLIRContext &context, const SpaceOptions &options) const override;
  llvm::Expected<Selection>
  select(const llvm::json::Object &architecture) const override;
  llvm::Expected<llvm::json::Object>
  describe(const Selection &selection) const override;
  /// "skip" wherever it is on offer, the first candidate elsewhere.
  Selection minimum(const SpaceOptions &options) const override;
  /// The last candidate that is not "skip".
  Selection maximum(const SpaceOptions &options) const override;

protected:
  explicit LayerwiseSpace(std::vector<LayerShape> layers, int64_t resolution)
      : layers(std::move(layers)), resolution(resolution) {}

  /// Names of the candidates, the smaller ones first.
  virtual std::vector<std::string>
  candidates(const LayerShape &layer) const = 0;
  virtual mlir::Value emitStem(NetworkBuilder &network,
                               mlir::Value image) const = 0;
  virtual mlir::Value emitCandidate(NetworkBuilder &network, mlir::Value x,
                                    const LayerShape &layer,
                                    llvm::StringRef candidate) const = 0;
  virtual mlir::Value emitHead(NetworkBuilder &network,
                               mlir::Value x) const = 0;
  /// Architectures say candidates by name; or by index if this is true, and
  /// both are read.
  virtual bool saysIndices() const { return false; }

private:
  llvm::Expected<std::string>
  readCandidate(size_t layer, const llvm::Twine &field,
                const llvm::json::Value &value) const;
  static std::string decisionName(size_t layer) {
    return "block" + std::to_string(layer);
  }

  std::vector<LayerShape> layers;
  int64_t resolution;
};

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_LAYERWISE_H
