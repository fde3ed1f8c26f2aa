// SPDX-License-Identifier: Apache-2.0
// A space like TuNAS's one over MobileNetV3 (arXiv 2008.06120): elastic widths.

#include "TuNas.h"
#include "ArchitectureJson.h"
#include "BuildSpace.h"
#include "OnceForAll.h"
#include "Registry.h"

using namespace mlir;

namespace gnomon {

using namespace tunas;

/// Before the multipliers.
static constexpr int64_t baseWidths[places] = {16,  16,  16,  32,  64,
                                               128, 256, 512, 1024};
static constexpr double multipliers[] = {0.5, 0.625, 0.75, 1.0, 1.25, 1.5, 2.0};

std::string tunas::widthDecision(size_t place) {
  return "width" + std::to_string(place);
}

std::string tunas::squeezeDecision(size_t stage) {
  return "stage" + std::to_string(stage + 1) + "_se";
}

std::vector<int64_t> tunas::channelsAt(size_t place) {
  std::vector<int64_t> channels;
  for (double multiplier : multipliers)
    channels.push_back(roundChannels(double(baseWidths[place]) * multiplier));
  channels.erase(llvm::unique(channels), channels.end());
  return channels;
}

int64_t tunas::channelsIn(StringRef option) {
  int64_t channels = 0;
  option.drop_front().getAsInteger(10, channels);
  return channels;
}

namespace {

std::vector<std::string> named(StringRef letter,
                               llvm::ArrayRef<int64_t> values) {
  std::vector<std::string> names;
  for (int64_t value : values)
    names.push_back(letter.str() + std::to_string(value));
  return names;
}

std::vector<std::string> blockOptions() {
  std::vector<std::string> options;
  for (int64_t kernel : elastic::kernels)
    for (const std::string &expansion : named("e", steps(1, 6, 1)))
      options.push_back("k" + std::to_string(kernel) + expansion);
  return options;
}

//===- Space --------------------------------------------------------------===//

class TuNasSpace : public Space {
public:
  StringRef name() const override { return "tunas"; }
  StringRef description() const override {
    return "TuNAS-like MobileNetV3: elastic widths, depth 1 to 4, kernels 3 to "
           "7, expansions 1 to 6, squeeze and excitation";
  }

  std::vector<SpaceDecision>
  decisions(const SpaceOptions &options) const override {
    std::vector<SpaceDecision> decisions = {
        resolutionDecision(resolutionsOf(options, 224))};
    for (size_t index = 0; index < places; ++index)
      decisions.push_back(
          {widthDecision(index), named("c", channelsAt(index)), "", {}});
    for (size_t stage = 0; stage < std::size(stages); ++stage)
      addStage(stage, decisions);
    return decisions;
  }

  llvm::Expected<OwningOpRef<ModuleOp>>
  build(MLIRContext &context, const SpaceOptions &options) const override {
    return buildSpace(context, *this, options, 1.0,
                      [](NetworkBuilder &network, Value image) {
                        return tunas::emitNetwork(network, image);
                      });
  }

  llvm::Expected<Selection>
  select(const llvm::json::Object &architecture) const override;
  llvm::Expected<llvm::json::Object>
  describe(const Selection &selection) const override;

private:
  static void addStage(size_t stage, std::vector<SpaceDecision> &decisions) {
    if (stages[stage].maySqueeze)
      decisions.push_back({squeezeDecision(stage), {"off", "on"}, "", {}});
    std::string depth = elastic::depthDecision(stage);
    decisions.push_back({depth, named("d", steps(1, slots, 1)), "", {}});
    for (int64_t block = 0; block < slots; ++block)
      decisions.push_back({elastic::blockDecision(stage, block), blockOptions(),
                           block == 0 ? "" : depth,
                           named("d", steps(block + 1, slots, 1))});
  }
};

/// The lists of an architecture.
struct Lists {
  std::vector<int64_t> channels, squeezes, depths, kernels, expansions;
};

llvm::Error read(const ArchitectureFields &fields, StringRef name, size_t count,
                 llvm::function_ref<std::vector<int64_t>(size_t)> allowed,
                 std::vector<int64_t> &values) {
  auto found = fields.integers(name, count, allowed);
  if (!found)
    return found.takeError();
  values = std::move(*found);
  return llvm::Error::success();
}

llvm::Error readLists(const ArchitectureFields &fields, Lists &lists) {
  constexpr size_t count = std::size(stages);
  if (llvm::Error error =
          read(fields, "channels", places, channelsAt, lists.channels))
    return error;
  auto squeezes = [](size_t stage) {
    return steps(0, stages[stage].maySqueeze, 1);
  };
  if (llvm::Error error = read(fields, "se", count, squeezes, lists.squeezes))
    return error;
  auto depths = [](size_t) { return steps(1, slots, 1); };
  if (llvm::Error error = read(fields, "d", count, depths, lists.depths))
    return error;
  // Slots that are not used may be 0.
  auto isUsed = [&](size_t slot) {
    return int64_t(slot) % slots < lists.depths[slot / slots];
  };
  auto kernels = [&](size_t slot) {
    std::vector<int64_t> values = {3, 5, 7};
    if (!isUsed(slot))
      values.insert(values.begin(), 0);
    return values;
  };
  if (llvm::Error error =
          read(fields, "ks", count * slots, kernels, lists.kernels))
    return error;
  auto expansions = [&](size_t slot) { return steps(isUsed(slot), 6, 1); };
  return read(fields, "e", count * slots, expansions, lists.expansions);
}

llvm::Expected<Selection>
TuNasSpace::select(const llvm::json::Object &architecture) const {
  ArchitectureFields fields(architecture);
  if (llvm::Error error = fields.only({"channels", "se", "d", "ks", "e", "r"}))
    return error;
  auto resolution = fields.resolution(224);
  if (!resolution)
    return resolution.takeError();
  Lists lists;
  if (llvm::Error error = readLists(fields, lists))
    return error;
  Selection selection{{kResolutionDecision.str(), *resolution}};
  for (auto [index, channels] : llvm::enumerate(lists.channels))
    selection[widthDecision(index)] = "c" + std::to_string(channels);
  for (size_t stage = 0; stage < std::size(stages); ++stage) {
    if (stages[stage].maySqueeze)
      selection[squeezeDecision(stage)] = lists.squeezes[stage] ? "on" : "off";
    int64_t depth = lists.depths[stage];
    selection[elastic::depthDecision(stage)] = "d" + std::to_string(depth);
    for (int64_t block = 0; block < depth; ++block) {
      size_t slot = stage * slots + block;
      selection[elastic::blockDecision(stage, block)] =
          "k" + std::to_string(lists.kernels[slot]) + "e" +
          std::to_string(lists.expansions[slot]);
    }
  }
  return selection;
}

llvm::Expected<llvm::json::Object>
TuNasSpace::describe(const Selection &selection) const {
  if (llvm::Error error = checkNetwork(*this, selection))
    return error;
  llvm::json::Array channels, squeezes, depths, kernels, expansions;
  for (size_t index = 0; index < places; ++index)
    channels.push_back(channelsIn(selection.at(widthDecision(index))));
  for (size_t stage = 0; stage < std::size(stages); ++stage) {
    auto squeeze = selection.find(squeezeDecision(stage));
    squeezes.push_back(
        int64_t(squeeze != selection.end() && squeeze->second == "on"));
    depths.push_back(
        elastic::digit(selection.at(elastic::depthDecision(stage)), 'd'));
    for (int64_t block = 0; block < slots; ++block) {
      auto option = selection.find(elastic::blockDecision(stage, block));
      bool isUsed = option != selection.end();
      kernels.push_back(isUsed ? elastic::digit(option->second, 'k') : 0);
      expansions.push_back(isUsed ? elastic::digit(option->second, 'e') : 0);
    }
  }
  return llvm::json::Object{
      {"channels", std::move(channels)}, {"se", std::move(squeezes)},
      {"d", std::move(depths)},          {"ks", std::move(kernels)},
      {"e", std::move(expansions)},      {"r", resolutionOf(selection)}};
}

} // namespace

const Space &tunasSpace() {
  static const TuNasSpace space;
  return space;
}

} // namespace gnomon
