// SPDX-License-Identifier: Apache-2.0
// Spaces in which every layer picks one of a list of candidate blocks.

#include "Layerwise.h"

#include "BuildSpace.h"

using namespace mlir;

namespace gnomon {

std::vector<LayerShape> layersOf(int64_t in, llvm::ArrayRef<int64_t> widths,
                                 llvm::ArrayRef<int64_t> repeats,
                                 llvm::ArrayRef<int64_t> strides) {
  std::vector<LayerShape> layers;
  for (auto [width, repeat, stride] : llvm::zip_equal(widths, repeats, strides))
    for (int64_t layer = 0; layer < repeat; ++layer) {
      layers.push_back({in, width, layer == 0 ? stride : 1});
      in = width;
    }
  return layers;
}

std::vector<SpaceDecision>
LayerwiseSpace::decisions(const SpaceOptions &options) const {
  std::vector<SpaceDecision> decisions = {
      resolutionDecision(resolutionsOf(options, resolution))};
  for (auto [index, layer] : llvm::enumerate(layers))
    decisions.push_back({decisionName(index), candidates(layer), "", {}});
  return decisions;
}

llvm::Expected<OwningOpRef<ModuleOp>>
LayerwiseSpace::build(MLIRContext &context, const SpaceOptions &options) const {
  return buildSpace(
      context, *this, options, 1.0, [&](NetworkBuilder &network, Value image) {
        Value x = emitStem(network, image);
        for (auto [index, layer] : llvm::enumerate(layers)) {
          NetworkBuilder::Scope scope(network, decisionName(index));
          x = network.choice(decisionName(index), x,
                             [&](StringRef candidate, ValueRange arguments) {
                               return emitCandidate(network, arguments[0],
                                                    layer, candidate);
                             });
        }
        return emitHead(network, x);
      });
}

//===- Networks -----------------------------------------------------------===//

static constexpr StringLiteral skip = "skip";

Selection LayerwiseSpace::minimum(const SpaceOptions &options) const {
  Selection selection = Space::minimum(options);
  for (auto [index, layer] : llvm::enumerate(layers))
    if (llvm::is_contained(candidates(layer), skip))
      selection[decisionName(index)] = skip;
  return selection;
}

Selection LayerwiseSpace::maximum(const SpaceOptions &options) const {
  Selection selection = Space::maximum(options);
  for (auto [index, layer] : llvm::enumerate(layers)) {
    std::vector<std::string> names = candidates(layer);
    selection[decisionName(index)] =
        *llvm::find_if(llvm::reverse(names),
                       [](const std::string &name) { return name != skip; });
  }
  return selection;
}

//===- Architectures ------------------------------------------------------===//

llvm::Expected<std::string>
LayerwiseSpace::readCandidate(size_t layer, const llvm::Twine &field,
                              const llvm::json::Value &value) const {
  std::vector<std::string> names = candidates(layers[layer]);
  std::optional<int64_t> index = value.getAsInteger();
  if (saysIndices() && index && *index >= 0 && *index < int64_t(names.size()))
    return names[*index];
  std::optional<StringRef> name = value.getAsString();
  if (name && llvm::is_contained(names, *name))
    return name->str();
  std::string expected = oneOf(names);
  if (saysIndices())
    expected = "0 to " + std::to_string(names.size() - 1) + " or " + expected;
  return mismatch(field, shown(value), expected);
}

llvm::Expected<Selection>
LayerwiseSpace::select(const llvm::json::Object &architecture) const {
  ArchitectureFields fields(architecture);
  if (llvm::Error error = fields.only({"blocks", "r"}))
    return error;
  auto size = fields.resolution(resolution);
  if (!size)
    return size.takeError();
  auto blocks = fields.list("blocks", layers.size());
  if (!blocks)
    return blocks.takeError();
  Selection selection{{kResolutionDecision.str(), *size}};
  for (auto [index, element] : llvm::enumerate(**blocks)) {
    auto candidate =
        readCandidate(index, "blocks[" + llvm::Twine(index) + "]", element);
    if (!candidate)
      return candidate.takeError();
    selection[decisionName(index)] = *candidate;
  }
  return selection;
}

llvm::Expected<llvm::json::Object>
LayerwiseSpace::describe(const Selection &selection) const {
  if (llvm::Error error = checkNetwork(*this, selection))
    return error;
  llvm::json::Array blocks;
  for (auto [index, layer] : llvm::enumerate(layers)) {
    const std::string &candidate = selection.at(decisionName(index));
    std::vector<std::string> names = candidates(layer);
    if (saysIndices())
      blocks.push_back(llvm::find(names, candidate) - names.begin());
    else
      blocks.push_back(candidate);
  }
  return llvm::json::Object{{"blocks", std::move(blocks)},
                            {"r", resolutionOf(selection)}};
}

} // namespace gnomon
